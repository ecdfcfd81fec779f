//go:build !linux

package worktree

import "github.com/seed306eabeb/muster/id"

// stampable gives no unit a stamp.
func (t *Tree) stampable() (device uint64, ok bool) { return 0, false }

func (t *Tree) compare(*stampText, id.Unit, uint64) (kind int, ok bool) { return 0, false }
