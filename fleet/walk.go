package fleet

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
)

// Walk is a folder on the way through a repository. It says which of its entries are units,
// and below which there may be more, so that a source need not look anywhere else.
type Walk struct {
	layout Layout
	dir    string // "" for the root
	at     []position
	except []position
}

// Walk begins in the root. The layout must be one that Check has nothing against.
func (l Layout) Walk() Walk {
	w := Walk{layout: l}
	for i, k := range l.Kinds {
		w.at = append(w.at, positions(k.At, i, false)...)
		w.except = append(w.except, positions(k.Except, i, true)...)
	}
	return w
}

// positions are those at the beginning of globs.
func positions(globs []string, kind int, hidden bool) (all []position) {
	for _, text := range globs {
		if g, err := parseGlob(text); err == nil {
			all = append(all, position{glob: &g, kind: kind, hidden: hidden})
		}
	}
	return all
}

// Enter goes into a sub-folder. It is false where no unit can be below.
func (w Walk) Enter(name string) (Walk, bool) {
	next := Walk{layout: w.layout, dir: path.Join(w.dir, name)}
	for _, p := range w.at {
		if !w.excepts(p.kind, name, fs.ModeDir) {
			next.at = p.step(name, next.at)
		}
	}
	for _, p := range w.except {
		next.except = p.step(name, next.except)
	}
	more := slices.ContainsFunc(next.at, func(p position) bool { return p.at < len(p.glob.elements) })
	return next, more
}

// To goes into the folder at a path, "" or "." for none further down. It is false where no
// unit can be below.
func (w Walk) To(dir string) (Walk, bool) {
	if dir == "" || dir == "." {
		return w, true
	}
	for name := range strings.SplitSeq(dir, "/") {
		next, ok := w.Enter(name)
		if !ok {
			return next, false
		}
		w = next
	}
	return w, true
}

// Index is the layout's, for a walk in the root: whoever asks it of many units keeps one.
func (w Walk) Index(unit id.Unit, t fs.FileMode) (kind int, ok bool) {
	file, ok := EntryOf(w.layout.Path(unit))
	if !ok || path.Clean(file) != file || !filepath.IsLocal(file) || file == "." {
		return 0, false
	}
	dir, name := path.Split(file)
	folder, ok := w.To(strings.TrimSuffix(dir, "/"))
	if !ok {
		return 0, false
	}
	_, _, byName := w.layout.ByName()
	byName = byName && !strings.Contains(string(unit), "/")
	for _, i := range folder.kinds(name, t) {
		if w.layout.Kinds[i].ByName == byName {
			return i, true
		}
	}
	return 0, false
}

// ByPath says whether units that are known by their paths may be below the folder.
func (w Walk) ByPath() bool {
	return slices.ContainsFunc(w.at, func(p position) bool { return !w.layout.Kinds[p.kind].ByName })
}

// Excepted says whether an entry of a type is none of the units by name although their glob
// matches it.
func (w Walk) Excepted(name string, t fs.FileMode) bool {
	byName := slices.IndexFunc(w.layout.Kinds, func(k Kind) bool { return k.ByName })
	return w.excepts(byName, name, t)
}

// AmbiguousError says what is a unit in two ways by a layout, which is to be mended.
type AmbiguousError struct{ message string }

func (e *AmbiguousError) Error() string { return e.message }

// Unit is the unit that an entry of the folder is, where units are known by their paths; ""
// for none. It is an *AmbiguousError where two kinds, or two units, would have the same one; a link, which is
// no unit of either, is listed as one of the first.
func (w Walk) Unit(name string, t fs.FileMode) (id.Unit, error) {
	kinds := w.kinds(name, t)
	if len(kinds) == 0 || len(kinds) == 1 && w.layout.Kinds[kinds[0]].ByName {
		return "", nil
	}
	unit := NameOf(path.Join(w.dir, name))
	if len(kinds) > 1 && (t.IsDir() || t.IsRegular()) {
		return "", &AmbiguousError{fmt.Sprintf("%s is a unit of two kinds, %q and %q: let the globs of one of them not match it, or except it",
			unit, w.layout.Kinds[kinds[0]].Name, w.layout.Kinds[kinds[1]].Name)}
	}
	if k, _, ok := w.layout.ByName(); ok && w.dir == "" {
		return "", &AmbiguousError{fmt.Sprintf("%s, a unit of kind %q in the root, could not be told from one of kind %q of this name: move it into a folder, or except it",
			unit, w.layout.Kinds[kinds[0]].Name, k.Name)}
	}
	return unit, nil
}

// owners are the units that an entry of a type stands for: the one that is known by its name,
// and the one that is known by its path.
func (w Walk) owners(name string, t fs.FileMode) (all []Owner) {
	byPath := NameOf(path.Join(w.dir, name))
	for _, i := range w.kinds(name, t) {
		switch {
		case w.layout.Kinds[i].ByName:
			all = slices.Insert(all, 0, Owner{NameOf(name), t != fs.ModeDir})
		case len(all) == 0 || all[len(all)-1].Unit != byPath:
			all = append(all, Owner{byPath, t != fs.ModeDir && !w.isFile(name)})
		}
	}
	return all
}

// isFile says whether a plain file of the name would be a unit.
func (w Walk) isFile(name string) bool { return len(w.kinds(name, 0)) > 0 }

// kinds are the kinds of which an entry of a type is a unit, each once, in their order.
func (w Walk) kinds(name string, t fs.FileMode) (all []int) {
	var behind [4]position
	for _, p := range w.at {
		p.hidden = p.hidden || w.layout.Kinds[p.kind].ByName && p.at == len(p.glob.elements)-1
		if p.glob.takes(t) && !slices.Contains(all, p.kind) && slices.ContainsFunc(p.step(name, behind[:0]), position.done) && !w.excepts(p.kind, name, t) {
			all = append(all, p.kind)
		}
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}

// excepts says whether an entry of a type is none of a kind, nor anything below it.
func (w Walk) excepts(kind int, name string, t fs.FileMode) bool {
	return slices.ContainsFunc(w.except, func(p position) bool {
		if p.kind != kind || p.glob.folders && t.IsRegular() {
			return false
		}
		return slices.ContainsFunc(p.step(name, nil), position.done)
	})
}
