package survey

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// Units are the units, in the order in which the files have them: first those that are
// known by name, one for each entry of their folder but the plain files, of which PlainFiles
// counts those that are no units by path; then those that are known by their paths, folder by folder. There are none below a
// folder that is absent. What cannot be a unit is named like any other (see fleet.NameOf);
// Unit says what is wrong with it. After an error, ctx's among them, the sequence ends: so
// it does where two kinds claim one path, or two units one name.
func (s *Survey) Units(ctx context.Context) iter.Seq2[id.Unit, error] {
	return func(yield func(id.Unit, error) bool) {
		err := s.eachNamed(ctx, yield)
		if err == nil {
			err = s.eachBelow(ctx, s.walk, ".", yield)
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield("", err)
		}
	}
}

// errEnough ends a walk that nobody wants more of.
var errEnough = errors.New("enough")

// eachNamed yields the units that are known by name.
func (s *Survey) eachNamed(ctx context.Context, yield func(id.Unit, error) bool) error {
	if s.byName == nil {
		return nil
	}
	files := 0
	err := s.files.Each(ctx, s.byName.folder, func(d fs.DirEntry) error {
		switch {
		case d.Type().IsRegular():
			if !s.byName.isOther(d) {
				files++
			}
		case s.byName.excepts(d.Name(), d.Type()):
		case !yield(fleet.NameOf(d.Name()), nil):
			return errEnough
		}
		return nil
	})
	if err == nil {
		s.plain.Store(int64(files))
	}
	return err
}

// eachBelow yields the units of a folder and of those below it that are known by their
// paths. It goes where the walk says that there may be more.
func (s *Survey) eachBelow(ctx context.Context, w fleet.Walk, dir string, yield func(id.Unit, error) bool) error {
	if !w.ByPath() {
		return nil
	}
	names := s.layout.Names()
	type folder struct {
		walk fleet.Walk
		dir  string
	}
	for left := []folder{{w, dir}}; len(left) > 0; {
		now := left[len(left)-1]
		left = left[:len(left)-1]
		err := s.files.Each(ctx, now.dir, func(d fs.DirEntry) error {
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
