package impact

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/scope"
)

// Compare compares two states of a repository, both resolved and valid, as far as the selection of the
// second goes. Sources that know what git calls their files are asked for that, and units of others are read. An
// error is about the second state: what cannot be found out about the first lets everything differ.
func Compare(ctx context.Context, was, is scope.Resolved) (*Impact, error) {
	c := newComparison(was, is)
	now, err := names(c.is.Fleet.Units(ctx), is.Selection.Has)
	if err != nil {
		return nil, err
	}
	before, err := names(c.was.Fleet.Units(ctx), is.Selection.Has)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return All(ctx, is, fmt.Sprintf("the units of before cannot be listed: %v", err))
	}
	m := &Impact{Was: len(before), Is: len(now), Impure: impure(is)}
	both := make([]id.Unit, 0, len(now))
	var added, removed []id.Unit
	for i, j := 0, 0; i < len(before) || j < len(now); {
		switch {
		case j == len(now) || i < len(before) && before[i] < now[j]:
			removed = append(removed, before[i])
			i++
		case i == len(before) || now[j] < before[i]:
			added = append(added, now[j])
			j++
		default:
			both = append(both, now[j])
			i++
			j++
		}
	}
	if m.Units, err = c.changed(ctx, both); err != nil {
		return nil, err
	}
	moved, err := c.moved(ctx, removed, added)
	if err != nil {
		return nil, err
	}
	m.Units = append(m.Units, moved...)
	slices.SortFunc(m.Units, func(a, b Unit) int { return strings.Compare(string(a.Unit), string(b.Unit)) })
	return m, nil
}

// Of compares one unit. differs is false where it is the same, and where neither state has it.
func Of(ctx context.Context, was, is scope.Resolved, unit id.Unit) (u Unit, differs bool, err error) {
	c := newComparison(was, is)
	hadIt, hasIt := was.Fleet.Contains(unit), is.Fleet.Contains(unit)
	switch {
	case hadIt && hasIt:
		return c.unit(ctx, unit)
	case hadIt:
		return c.was.named(unit, Removed), true, nil
	case hasIt:
		return c.is.named(unit, Added), true, nil
	}
	return Unit{}, false, nil
}

// All lets every unit of a state count as changed, and says why.
func All(ctx context.Context, is scope.Resolved, why string) (*Impact, error) {
	now, err := names(is.Fleet.Units(ctx), is.Selection.Has)
	if err != nil {
		return nil, err
	}
	m, s := &Impact{Everything: why, Is: len(now), Impure: impure(is)}, side{is}
	for _, unit := range now {
		m.Units = append(m.Units, s.named(unit, Changed))
	}
	return m, nil
}

// impure are the checks that are no function of what is compared.
func impure(r scope.Resolved) (all []string) {
	for _, k := range r.Kinds {
		for _, f := range k.Session.Facts() {
			if f.Impure {
				all = append(all, f.Check)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// names are those units of a listing that are wanted, sorted.
func names(units iter.Seq2[id.Unit, error], wanted func(id.Unit) bool) (all []id.Unit, err error) {
	for unit, err := range units {
		if err != nil {
			return nil, err
		}
		if wanted(unit) {
			all = append(all, unit)
		}
	}
	slices.Sort(all)
	return all, nil
}

// side is one of the states.
type side struct{ scope.Resolved }

// named is a unit of the side, of the kind that its name tells.
func (s side) named(unit id.Unit, as Change) Unit {
	u := Unit{Unit: unit, Path: s.Path(unit), Change: as}
	if k, ok := s.Fleet.Layout().KindOf(unit, irregular); ok {
		u.Kind = k.Name
	}
	return u
}

// content is what a unit consists of.
type content struct {
	kind  int
	files []blob.File
	err   error // it cannot be read
}

// read names the files of a unit.
func (s side) read(ctx context.Context, unit id.Unit, format blob.Format) content {
	if known, ok := s.Fleet.(fleet.Named); ok && known.Format() == format {
		if files, kind, ok := known.Files(ctx, unit); ok {
			return content{kind, files, nil}
		}
	}
	files, kind, err := s.Fleet.Unit(ctx, unit)
	if err != nil {
		return content{kind, nil, err}
	}
	all, err := blob.Of(files, format)
	return content{kind, all, err}
}

// comparison compares units of two states. It is safe for concurrent use.
type comparison struct {
	was, is side
	format  blob.Format

	mu    sync.Mutex
	kinds map[[2]int][]Reason // what differs of two kinds by their indexes in the layouts
}

func newComparison(was, is scope.Resolved) *comparison {
	c := &comparison{was: side{was}, is: side{is}, format: blob.SHA256, kinds: map[[2]int][]Reason{}}
	for _, s := range []side{c.is, c.was} { // the one of before is a commit
		if known, ok := s.Fleet.(fleet.Named); ok {
			if f := known.Format(); f != "" {
				c.format = f
			}
		}
	}
	return c
}

// changed are those of the units that both sides have which differ.
func (c *comparison) changed(ctx context.Context, units []id.Unit) ([]Unit, error) {
	found := make([][]Unit, runtime.GOMAXPROCS(0))
	failed := make([]error, len(found))
	var workers sync.WaitGroup
	for w := range found {
		workers.Go(func() {
			for i := w; i < len(units); i += len(found) {
				u, differs, err := c.unit(ctx, units[i])
				if err != nil {
					failed[w] = err
					return
				}
				if differs {
					found[w] = append(found[w], u)
				}
			}
		})
	}
	workers.Wait()
	return slices.Concat(found...), errors.Join(failed...)
}

// unit compares a unit that both sides have.
func (c *comparison) unit(ctx context.Context, unit id.Unit) (u Unit, differs bool, err error) {
	was, is := c.was.read(ctx, unit, c.format), c.is.read(ctx, unit, c.format)
	if err := ctx.Err(); err != nil {
		return u, false, err
	}
	u = Unit{Unit: unit, Path: c.is.Path(unit), Kind: c.is.kindName(is.kind), Change: Changed}
	own := c.own(unit, was, is)
	u.Reasons = c.ofKinds(was.kind, is.kind)
	if len(own) > 0 {
		u.Reasons = append(own, u.Reasons...)
	}
	return u, len(u.Reasons) > 0, nil
}

func (s side) kindName(kind int) string {
	if kinds := s.Fleet.Layout().Kinds; kind < len(kinds) {
		return kinds[kind].Name
	}
	return ""
}

// own is what differs of a unit itself.
func (c *comparison) own(unit id.Unit, was, is content) (all []Reason) {
	before, now := c.was.Path(unit), c.is.Path(unit)
	if before != now {
		all = append(all, Reason{Input: Form, Name: "path", Was: before, Is: now})
	}
	if why, is := textOf(was.err), textOf(is.err); why != is {
		return append(all, Reason{Input: Unreadable, Name: now, Was: why, Is: is})
	} else if why != "" {
		return all
	}
	hadFile, hasFile := isFile(before, was.files), isFile(now, is.files)
	if hadFile != hasFile {
		return append(all, Reason{Input: Form, Name: now, Was: formOf(hadFile), Is: formOf(hasFile)})
	}
	if blob.NameOf(was.files) == blob.NameOf(is.files) {
		return all
	}
	reads := c.reads(is.kind)
	differing(was.files, is.files, func(file, was, is string) {
		name := file
		if !hasFile {
			name = path.Join(now, file)
		}
		all = append(all, Reason{Input: File, Name: name, Was: was, Is: is, Checks: reads(file)})
	})
	return all
}

// isFile says whether a unit whose files are these is one file.
func isFile(path string, files []blob.File) bool { return len(files) == 1 && files[0].Path == path }

func formOf(file bool) string {
	if file {
		return "file"
	}
	return "folder"
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// reads says which checks of a kind read a file of a unit, nil where all do.
func (c *comparison) reads(kind int) func(file string) []string {
	facts := c.is.Of(kind).Session.Facts()
	return func(file string) []string {
		some := []string{}
		for _, f := range facts {
			if f.Reads == nil || f.Reads(file) {
				some = append(some, f.Check)
			}
		}
		if len(some) == len(facts) {
			return nil
		}
		return some
	}
}

// differing calls do for each file that differs between two sorted lists.
func differing(was, is []blob.File, do func(path, was, is string)) {
	for i, j := 0, 0; i < len(was) || j < len(is); {
		switch {
		case j == len(is) || i < len(was) && was[i].Path < is[j].Path:
			do(was[i].Path, nameOf(was[i]), "")
			i++
		case i == len(was) || is[j].Path < was[i].Path:
			do(is[j].Path, "", nameOf(is[j]))
			j++
		default:
			if was[i] != is[j] {
				do(is[j].Path, nameOf(was[i]), nameOf(is[j]))
			}
			i++
			j++
		}
	}
}

// nameOf is what a file is.
func nameOf(f blob.File) string {
	if f.Type != 0 {
		return typeOf(f.Type)
	}
	return f.ID
}
