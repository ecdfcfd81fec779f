package worktree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"syscall"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// entryBatch is how many folder entries are read at a time: the first name comes
// before a large folder was read to its end, and memory stays flat.
const entryBatch = 512

// Units are the units, in the order in which the file system has them: first those that are
// known by name, one for each entry of their folder but the plain files, of which PlainFiles
// counts those that are no units by path; then those that are known by their paths, folder by folder. There are none below a
// folder that is absent. What cannot be a unit is named like any other (see fleet.NameOf);
// Unit says what is wrong with it. After an error, ctx's among them, the sequence ends: so
// it does where two kinds claim one path, or two units one name.
func (t *Tree) Units(ctx context.Context) iter.Seq2[id.Unit, error] {
	return func(yield func(id.Unit, error) bool) {
		err := t.eachNamed(ctx, yield)
		if err == nil {
			err = t.eachBelow(ctx, t.walk, ".", yield)
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield("", err)
		}
	}
}

// errEnough ends a walk that nobody wants more of.
var errEnough = errors.New("enough")

// eachNamed yields the units that are known by name.
func (t *Tree) eachNamed(ctx context.Context, yield func(id.Unit, error) bool) error {
	if t.byName == nil {
		return nil
	}
	files := 0
	err := t.eachEntry(ctx, t.byName.folder, func(d fs.DirEntry) error {
		switch {
		case d.Type().IsRegular():
			if !t.byName.isOther(d) {
				files++
			}
		case t.byName.excepts(d.Name(), d.Type()):
		case !yield(fleet.NameOf(d.Name()), nil):
			return errEnough
		}
		return nil
	})
	if err == nil {
		t.files.Store(int64(files))
	}
	return err
}

// eachBelow yields the units of a folder and of those below it that are known by their
// paths. It goes where the walk says that there may be more.
func (t *Tree) eachBelow(ctx context.Context, w fleet.Walk, dir string, yield func(id.Unit, error) bool) error {
	if !w.ByPath() {
		return nil
	}
	names := t.layout.Names()
	type folder struct {
		walk fleet.Walk
		dir  string
	}
	for left := []folder{{w, dir}}; len(left) > 0; {
		now := left[len(left)-1]
		left = left[:len(left)-1]
		err := t.eachEntry(ctx, now.dir, func(d fs.DirEntry) error {
			unit, err := now.walk.Unit(d.Name(), d.Type())
			if err == nil && unit != "" {
				err = names.Take(now.walk, unit, d.Name(), d.Type())
			}
			if err != nil {
				return fmt.Errorf("list the units: %w", err)
			}
			if unit != "" && !yield(unit, nil) {
				return errEnough
			}
			if !d.IsDir() {
				return nil
			}
			if sub, ok := now.walk.Enter(d.Name()); ok && sub.ByPath() {
				left = append(left, folder{sub, path.Join(now.dir, d.Name())})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachEntry calls do for each entry of a folder, which may be absent, in the order in which
// the file system has them, until do returns an error.
func (t *Tree) eachEntry(ctx context.Context, dir string, do func(fs.DirEntry) error) error {
	folder, err := t.root.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK, 0)
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
