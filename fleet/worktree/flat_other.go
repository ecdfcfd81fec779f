//go:build !linux

package worktree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
)

// readDirect leaves every unit to readAt.
func (t *Tree) readDirect(id.Unit, *stamp) (files bundle.Bundle, kind int, ok bool) {
	return files, 0, false
}

// readFlat leaves every folder to readFolder.
func (r *reader) readFlat(int, string) bool { return false }

// entryBatch is how many folder entries are read at a time: the first name comes
// before a large folder was read to its end, and memory stays flat.
const entryBatch = 512

// each is Each for an open folder.
func (files) each(ctx context.Context, folder *os.File, _ string, do func(fs.DirEntry) error) error {
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		batch, err := folder.ReadDir(entryBatch)
		for _, d := range batch {
			if err := do(d); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("list the units: %w", err)
		}
	}
}
