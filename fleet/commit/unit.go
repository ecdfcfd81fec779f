package commit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/survey"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/git"
)

// Tree are the units of a commit, a fleet.Named. Its methods may be called from several goroutines at once, but not
// after Close.
type Tree struct {
	*Commit
	layout    fleet.Layout
	survey    *survey.Survey
	walk      fleet.Walk // the layout's, in the root
	byName    string     // the folder of the units that are known by name
	named     git.Entry  // what lies there
	namedKind int        // the kind of these
	unseen    paths      // of submodules
	partial   partial
	pointers  pointers
}

// Layout is what the tree was opened with.
func (t *Tree) Layout() fleet.Layout { return t.layout }

// Lstat describes the file at a slash-separated path in the repository, or the link there.
func (t *Tree) Lstat(path string) (fs.FileInfo, error) { return t.files.Describe(path) }

// Contains says whether there is a unit of this name, be it one that Unit refuses.
func (t *Tree) Contains(unit id.Unit) bool { return t.survey.Contains(unit) }

// Has is nil when there is a unit of this name, be it one that Unit refuses, and else says
// why there is none.
func (t *Tree) Has(unit id.Unit) error { return t.survey.Has(unit) }

// PlainFiles is how many plain files lie beside the units that are known by name, as the
// last walk of Units found them that came to its end; 0 before.
func (t *Tree) PlainFiles() int { return t.survey.PlainFiles() }

// Units are the units, folder by folder in the order of git: see survey.Survey.Units.
func (t *Tree) Units(ctx context.Context) iter.Seq2[id.Unit, error] { return t.survey.Units(ctx) }

// Format is how the repository names objects.
func (t *Tree) Format() blob.Format {
	format, _ := blob.FormatOf(t.id)
	return format
}

// Unseen are the paths of submodules in which units may lie, of which the commit has none, as walks of Units have come by
// them.
func (t *Tree) Unseen() (paths []string) {
	all := t.unseen.all()
	if around := t.around(); around != "" {
		all = append(all, around)
	}
	for _, sub := range all {
		if _, more := t.walk.To(sub); more {
			paths = append(paths, sub)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// around is the submodule that the folder of the units by name is in, "" where it is in none.
func (t *Tree) around() string {
	for at, name := range t.byName {
		if name != '/' {
			continue
		}
		e, ok, err := t.tree.Find(context.Background(), t.tree.Root(), t.byName[:at])
		if err != nil || !ok {
			return ""
		}
		if e.Mode == git.Submodule {
			return t.byName[:at]
		}
	}
	return ""
}

// paths are gathered by several goroutines.
type paths struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (p *paths) add(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[path] = true
}

func (p *paths) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.seen))
}

// file is one of a unit, or a shared one.
type file struct {
	path string // in the bundle
	git.Entry
	large bool // the attributes of the commit may give it to LFS
}

// place is where a unit lies.
type place struct {
	path string // in the repository
	git.Entry
	kind  int
	large attributes // of the folders around it
}

// place finds a unit. With an error the kind is the first that it may have.
func (t *Tree) place(ctx context.Context, unit id.Unit) (p place, err error) {
	if t.survey.IsNamed(unit) {
		return t.placeNamed(ctx, unit)
	}
	file, ok := fleet.EntryOf(unit)
	if ok {
		p.path = file
		if p.Entry, ok, err = t.tree.Find(ctx, t.tree.Root(), file); err != nil {
			p.kind, _ = t.walk.Index(unit, fs.ModeIrregular)
			return p, fmt.Errorf("read %q: %w", file, err)
		}
		if ok && p.Mode != git.Link && fleet.IsPlain(file) {
			if p.kind, ok = t.walk.Index(unit, p.Mode.Type()); ok {
				p.large = t.largeAround(ctx, file)
				return p, nil
			}
		}
	}
	p.kind, _ = t.walk.Index(unit, fs.ModeIrregular)
	file, _, err = t.survey.At(unit)
	if err == nil {
		err = fmt.Errorf("read %q: %w", file, fs.ErrNotExist) // nothing that Find passes over can be one
	}
	return p, err
}

// placeNamed finds a unit that is known by its name.
func (t *Tree) placeNamed(ctx context.Context, unit id.Unit) (p place, err error) {
	p.kind = t.namedKind
	entry, err := t.survey.Entry(unit)
	if err != nil {
		return p, err
	}
	p.path = t.byName + "/" + entry
	e, ok, err := t.tree.Find(ctx, t.named, entry)
	switch {
	case t.named.Mode == git.Submodule:
		return p, submodule(t.byName, t.named)
	case err != nil:
		return p, fmt.Errorf("read folder %q: %w", p.path, err)
	case !ok:
		return p, fmt.Errorf("read folder %q: %w", p.path, fs.ErrNotExist)
	case e.Mode.Type().IsDir():
		p.Entry, p.large = e, t.largeAroundNamed(ctx, p.path)
		return p, nil
	}
	if err := t.survey.CheckEntry(entry); err != nil {
		return p, err
	}
	return p, fmt.Errorf("read folder %q: it is %s: %w", p.path, check.FileKind(e.Mode.Type()), syscall.ENOTDIR)
}

// filesOf are the files of a unit, in the order of their paths.
func (t *Tree) filesOf(ctx context.Context, p place) ([]file, error) {
	switch p.Mode {
	case git.Submodule:
		return nil, submodule(p.path, p.Entry)
	case git.Folder:
		l := lister{Tree: t, dir: p.path, keep: t.layout.Kinds[p.kind].File}
		err := l.below(ctx, p.Entry, "", p.large)
		return l.found, err
	}
	return []file{{p.path, p.Entry, p.large.has(p.Name)}}, nil
}

// lister gathers the kept files of folders, within the bounds of a bundle.
type lister struct {
	*Tree
	dir     string            // from which paths are, "." for the root
	keep    func(string) bool // nil keeps all
	found   []file
	folders int
}

// below gathers the files below a folder, whose path with its slash is given, and what the attributes around it say.
func (l *lister) below(ctx context.Context, folder git.Entry, at string, large attributes) error {
	all, err := l.tree.Below(ctx, folder)
	if err != nil {
		return fmt.Errorf("read folder %q: %w", path.Join(l.dir, at), err)
	}
	if l.found == nil {
		l.found = make([]file, 0, all.Len())
	}
	large = large.and(l.attributesIn(ctx, all))
	for e := range all.All() {
		p := at + e.Name
		switch {
		case e.Mode == git.Submodule:
			return submodule(path.Join(l.dir, p), e)
		case e.Mode == git.Folder:
			l.folders++
		case l.keep == nil || l.keep(p):
			l.found = append(l.found, file{p, e, large.has(e.Name)})
		}
		if n := len(l.found) + l.folders; n > bundle.MaxFiles {
			return &bundle.TooLargeError{Dir: l.dir, Unit: "files", Limit: bundle.MaxFiles, Size: n}
		}
		if n := strings.Count(p, "/"); n > bundle.MaxLevels {
			return &bundle.TooLargeError{Dir: l.dir, Unit: "levels", Limit: bundle.MaxLevels, Size: n}
		}
		if e.Mode == git.Folder {
			if err := l.below(ctx, e, p+"/", large); err != nil {
				return err
			}
		}
	}
	return nil
}

// names says what a bundle can hold.
var names = bundle.NewBuilder("", 0)

// Files names the files that Unit would read of a unit, and tells its kind: see fleet.Named. ok is false for a unit that
// Unit refuses without looking at its bytes, and for one that may hold a pointer of LFS: see Pointers.
func (t *Tree) Files(ctx context.Context, unit id.Unit) (files []blob.File, kind int, ok bool) {
	p, err := t.place(ctx, unit)
	if err != nil {
		return nil, p.kind, false
	}
	found, err := t.filesOf(ctx, p)
	if err != nil {
		return nil, p.kind, false
	}
	files = make([]blob.File, len(found))
	for i, f := range found {
		if names.Check(f.path) != nil {
			return nil, p.kind, false
		}
		files[i] = blob.File{Path: f.path, Type: f.Mode.Type()}
		if files[i].Type == 0 {
			if f.large {
				return nil, p.kind, false
			}
			files[i].ID = f.Object()
		}
	}
	return files, p.kind, true
}

// inRepository is the path of a file of what lies at a path: a folder, or the file itself.
func inRepository(dir, file string) string {
	if dir == file {
		return file
	}
	return path.Join(dir, file)
}

// Unit reads the files of one unit that its kind chooses, and tells the kind by its index: see fleet.Source.
// A *SubmoduleError says that some of them are in no commit of this repository.
func (t *Tree) Unit(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, err error) {
	p, err := t.place(ctx, unit)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return bundle.Bundle{}, p.kind, err
	}
	found, err := t.filesOf(ctx, p)
	if err == nil {
		err = t.fetchUnits(ctx)
	}
	if err != nil {
		return bundle.Bundle{}, p.kind, err
	}
	files, err = t.bundle(ctx, p.path, found, nil, t.layout.Kinds[p.kind].MaxBytes())
	return files, p.kind, err
}

// Shared reads the files that the units of some kinds share, check.SharedLimit bytes at most,
// beside those that the kinds give. Absent ones are left out.
func (t *Tree) Shared(ctx context.Context, kinds ...fleet.Kind) (bundle.Bundle, error) {
	if err := ctx.Err(); err != nil {
		return bundle.Bundle{}, err
	}
	given := fleet.Given(kinds)
	keep := func(file string) bool { return given[file] == nil && fleet.SharedFile(kinds, file) }
	l := lister{Tree: t, dir: ".", keep: keep, found: []file{}}
	for _, p := range fleet.SharedPaths(kinds) {
		e, err := t.files.Entry(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return bundle.Bundle{}, fmt.Errorf("read shared files: %w", err)
		case e.Mode == git.Submodule:
			return bundle.Bundle{}, submodule(p, e)
		case e.Mode == git.Folder:
			if err := l.below(ctx, e, p+"/", t.largeAround(ctx, p)); err != nil {
				return bundle.Bundle{}, err
			}
		case given[p] == nil && (e.Mode == git.Link || keep(p)):
			l.found = append(l.found, file{p, e, t.largeAround(ctx, p).has(e.Name)})
		}
	}
	for p := range given {
		l.found = append(l.found, file{path: p})
	}
	slices.SortFunc(l.found, func(a, b file) int { return strings.Compare(a.path, b.path) })
	l.found = slices.CompactFunc(l.found, func(a, b file) bool { return a.path == b.path })
	if err := t.fetch(ctx, l.found, given); err != nil {
		return bundle.Bundle{}, err
	}
	return t.bundle(ctx, l.dir, l.found, given, check.SharedLimit)
}

// objectsOf are the objects of plain files, but of those that are given.
func (t *Tree) objectsOf(files []file, given map[string][]byte) []string {
	objects := make([]string, 0, len(files))
	for _, f := range files {
		if f.Mode.Type() == 0 && given[f.path] == nil {
			objects = append(objects, f.Object())
		}
	}
	return objects
}

// bundle reads files, which are sorted, within a limit of bytes. What is given is not read. dir is for messages.
func (t *Tree) bundle(ctx context.Context, dir string, files []file, given map[string][]byte, limit int) (bundle.Bundle, error) {
	blobs, err := t.objects.Read(ctx, t.objectsOf(files, given), int64(limit))
	if err != nil {
		return bundle.Bundle{}, fmt.Errorf("read folder %q: %w", dir, err)
	}
	out := bundle.NewBuilder(dir, limit)
	for _, f := range files {
		if err := out.Check(f.path); err != nil {
			return bundle.Bundle{}, err
		}
		text := given[f.path]
		size := int64(len(text))
		switch {
		case text != nil:
		case f.Mode == git.Link:
			if err := out.Irregular(f.path, fs.ModeSymlink); err != nil {
				return bundle.Bundle{}, err
			}
			continue
		default:
			text, size, blobs = blobs[0].Data, blobs[0].Size, blobs[1:]
			if f.large {
				t.note(inRepository(dir, f.path), text)
			}
		}
		if err := out.File(f.path, size, bytes.NewReader(text)); err != nil {
			return bundle.Bundle{}, err
		}
	}
	return out.Bundle()
}
