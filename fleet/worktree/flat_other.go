//go:build !linux

package worktree

import (
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
)

// readDirect leaves every unit to readAt.
func (t *Tree) readDirect(id.Unit) (files bundle.Bundle, kind int, ok bool) { return files, 0, false }

// readFlat leaves every folder to readFolder.
func (r *reader) readFlat(int, string) bool { return false }
