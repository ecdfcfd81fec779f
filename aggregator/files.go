package aggregator

import "strings"

// files numbers the files in which units claim something. Most paths differ only in the
// name of the unit: such a path is kept as what stands around that. The
// zero value is ready.
type files struct {
	ids   map[file]uint32
	files []file
	given uint32   // the number that was given last: files come in a row
	last  struct { // the last path that was made, so that equal ones of a unit are one text
		id         uint32
		unit, path string
	}
}

// file is a path: before, or before, the name of its unit, and after.
type file struct {
	before, after string
	named         bool
}

// fileOf parts a path at the folder of its unit, or else at the first place that is called like that.
func fileOf(unit, path string) file {
	if at := strings.Index(path, "/"+unit+"/"); at >= 0 {
		return file{path[:at+1], path[at+1+len(unit):], true}
	}
	if before, after, found := strings.Cut(path, unit); found {
		return file{before, after, true}
	}
	return file{before: path}
}

// is says whether this is a path of a unit.
func (f *file) is(unit, path string) bool {
	rest, ok := strings.CutPrefix(path, f.before)
	if ok && f.named {
		rest, ok = strings.CutPrefix(rest, unit)
	}
	return ok && rest == f.after
}

func (l *files) id(unit, path string) uint32 {
	if len(l.files) > 0 && l.files[l.given].is(unit, path) {
		return l.given
	}
	f := fileOf(unit, path)
	id, ok := l.ids[f]
	if !ok {
		if l.ids == nil {
			l.ids = map[file]uint32{}
		}
		f.before, f.after = strings.Clone(f.before), strings.Clone(f.after)
		id = uint32(len(l.files))
		l.ids[f] = id
		l.files = append(l.files, f)
	}
	l.given = id
	return id
}

// path returns the path of a number, for the unit of a name.
func (l *files) path(id uint32, unit string) string {
	f := l.files[id]
	if !f.named {
		return f.before
	}
	if last := &l.last; last.path == "" || last.id != id || last.unit != unit {
		last.id, last.unit, last.path = id, unit, f.before+unit+f.after
	}
	return l.last.path
}
