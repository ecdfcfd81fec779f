package worktree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// entryBatch is how many folder entries are read at a time: the first name comes
// before a large folder was read to its end, and memory stays flat.
const entryBatch = 512

// files are those of a root, for a survey.
type files struct{ *os.Root }

// Each calls do for each entry of a folder, which may be absent, in the order in which
// the file system has them, until do returns an error.
func (f files) Each(ctx context.Context, dir string, do func(fs.DirEntry) error) error {
	folder, err := f.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the units: %w", err)
	}
	defer folder.Close()
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
