package sink

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// file is a regular file, or the name of one that is to be.
type file struct {
	entry
	now fs.FileInfo // nil while there is none
}

func (f file) Probe() error {
	t, err := f.create()
	if err != nil {
		return err
	}
	return errors.Join(t.Close(), os.Remove(t.Name()), f.replaceable())
}

// Write puts a new file in the place of the old one when it is complete.
func (f file) Write(_ context.Context, render func(io.Writer) error) error {
	t, err := f.create()
	if err != nil {
		return err
	}
	defer os.Remove(t.Name()) // which is gone when all went well
	if err := errors.Join(render(t), t.Close()); err != nil {
		return err
	}
	return os.Rename(t.Name(), f.path())
}

// create makes the file that will be renamed. It has the mode of the one that it
// replaces, at no time a wider one; where there is none, the umask says. Its name does
// not depend on the other's, which may be as long as names can be.
func (f file) create() (*os.File, error) {
	perm := fs.FileMode(0o666)
	if f.now != nil {
		perm = f.now.Mode().Perm()
	}
	t, err := os.OpenFile(filepath.Join(f.dir, ".muster-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil || f.now == nil {
		return t, err
	}
	if err := t.Chmod(perm); err != nil {
		return nil, errors.Join(err, t.Close(), os.Remove(t.Name()))
	}
	return t, nil
}
