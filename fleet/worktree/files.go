package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

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
	return f.each(ctx, folder, dir, do)
}
