package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// stream is what has a name and is no regular file: a pipe or a device.
type stream struct {
	path string
	pipe bool
}

// lookForReader is how often a pipe without a reader is tried.
const lookForReader = 20 * time.Millisecond

// Probe does not open a pipe: its reader would take the closing for the end.
func (s stream) Probe() error {
	if s.pipe {
		return access(s.path)
	}
	f, err := s.open()
	if err != nil {
		return err
	}
	return f.Close()
}

// Write waits until a pipe has a reader. A report that is begun after ctx was done, as
// that of an interrupted run, is written if a reader is there.
func (s stream) Write(ctx context.Context, render func(io.Writer) error) error {
	interrupted := ctx.Err() != nil
	f, err := s.await(ctx)
	if err != nil {
		return err
	}
	if !interrupted {
		// A reader that is there and does not read is not waited for either.
		defer context.AfterFunc(ctx, func() { f.SetWriteDeadline(time.Now()) })()
	}
	err = errors.Join(render(f), f.Close())
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("its reader does not read on: %w", ctx.Err())
	}
	return err
}

// await opens a stream, a pipe as soon as it has a reader.
func (s stream) await(ctx context.Context) (*os.File, error) {
	again := time.NewTicker(lookForReader)
	defer again.Stop()
	for {
		f, err := s.open()
		if !s.pipe || !errors.Is(err, syscall.ENXIO) {
			return f, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("the pipe has no reader: %w", ctx.Err())
		}
	}
}

// open neither waits nor makes nor shortens anything, nor takes a terminal for the
// process's own.
func (s stream) open() (*os.File, error) {
	f, err := os.OpenFile(s.path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	return f, letWait(f)
}
