// Package sink knows where a report is written to. A file is replaced as a whole, so that
// nobody ever reads half a report; a pipe, a device and an open descriptor are written to
// and stay what they are.
package sink

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Stdout is the name that stands for standard output.
const Stdout = "-"

// Target is where one report goes.
type Target struct {
	place
	info fs.FileInfo // of what is there; nil for a file that is not there yet
}

// place is one way of writing. What is done to a place when a report fails depends on it:
// a file is as before, a stream has got a part.
type place interface {
	// Probe fails where Write would. It leaves nothing behind, and whoever reads from
	// the place does not notice.
	Probe() error
	// Write lets render write the report. What the place must wait for, it waits for no
	// longer than until ctx is done.
	Write(ctx context.Context, render func(io.Writer) error) error
}

// Find follows a name to where it leads: through symbolic links to a file that is or can
// be there, to a pipe or a device, or to a descriptor that this process was started with.
func Find(name string) (Target, error) {
	if name == Stdout {
		return opened(stdout)
	}
	e, err := follow(name)
	if err != nil {
		return Target{}, err
	}
	if d, ok := e.descriptor(); ok {
		return opened(d)
	}
	info, err := os.Stat(e.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Target{place: file{entry: e}}, nil
	case err != nil:
		return Target{}, err
	case info.IsDir():
		return Target{}, errFolder
	case info.Mode().IsRegular() && !e.inProc():
		return Target{file{e, info}, info}, nil
	}
	return Target{stream{e.path(), info.Mode()&fs.ModeNamedPipe != 0}, info}, nil
}

var errFolder = errors.New("it is a folder: name a file")

func opened(d descriptor) (Target, error) {
	info, err := d.stat()
	return Target{d, info}, err
}

// IsStdout says whether a report for t goes to standard output.
func (t Target) IsStdout() bool { return t.place == stdout }

// Same says whether two reports, one for each target, would spoil one another. What goes
// to the null device is not missed.
func (t Target) Same(other Target) bool {
	if _, ok := t.place.(descriptor); ok && t.place == other.place {
		return true
	}
	if t.info != nil && other.info != nil {
		return os.SameFile(t.info, other.info) && !discards(t.info)
	}
	a, isFile := t.place.(file)
	b, areFiles := other.place.(file)
	return isFile && areFiles && a.base == b.base && os.SameFile(a.folder, b.folder)
}

func discards(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(null, info)
}
