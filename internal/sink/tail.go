package sink

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
)

// FindTail is Find for a file that others write to as well: a report goes behind what is
// there.
func FindTail(name string) (Target, error) {
	t, err := Find(name)
	if f, ok := t.place.(file); ok {
		t.place = tail{f}
	}
	return t, err
}

// tail is the end of a regular file.
type tail struct{ file }

func (t tail) Probe() error {
	f, err := t.open()
	if err != nil {
		return err
	}
	made := t.now == nil
	if err := f.Close(); err != nil || !made {
		return err
	}
	return os.Remove(t.path())
}

// Write writes the report at once when it is complete: what fails before leaves the file as
// it is. It is for reports that have a limit.
func (t tail) Write(_ context.Context, render func(io.Writer) error) error {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	f, err := t.open()
	if err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	return errors.Join(err, f.Close())
}

func (t tail) open() (*os.File, error) {
	return os.OpenFile(t.path(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
}
