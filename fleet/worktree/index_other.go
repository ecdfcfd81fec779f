//go:build !linux

package worktree

import (
	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/git"
)

// canName says whether units have names here.
const canName = false

func (t *Tree) name(*git.Index, id.Unit) (files []blob.File, kind int, ok bool) {
	return nil, 0, false
}

func (t *Tree) weigh(id.Unit) (bytes int64, ok bool) { return 0, false }
