package sink

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// descriptor is one that this process was started with. Its number says what is meant,
// and no name does: a file that a shell has opened goes on being written where it is.
type descriptor int

const stdout descriptor = 1

// Probe has nothing to try: stat did.
func (d descriptor) Probe() error { return nil }

// Write uses a copy, and leaves the descriptor open. Where that blocks, so does Write.
func (d descriptor) Write(_ context.Context, render func(io.Writer) error) error {
	f, err := d.open()
	if err != nil {
		return err
	}
	return errors.Join(render(f), f.Close())
}

// stat fails for a descriptor that cannot be written to.
func (d descriptor) stat() (fs.FileInfo, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if d == stdout {
		return os.Stdout.Stat()
	}
	f, err := d.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}
