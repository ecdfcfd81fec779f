package aggregator

import "strings"

// files numbers the files in which units claim something. Most paths differ only in the
// folder of the unit: such a path is kept as what stands around the name of the unit. The
// zero value is ready.
type files struct {
	ids   map[file]uint32
	files []file
	last  struct { // the last path that was made, so that equal ones of a unit are one text
		id         uint32
		unit, path string
	}
}

// file is a path: before, or before/UNIT/after if it is inside a folder of the name of
// its unit.
type file struct {
	before, after string
	inside        bool
}

func (l *files) id(unit, path string) uint32 {
	f := file{before: path}
	if before, after, found := strings.Cut(path, "/"+unit+"/"); found {
		f = file{before, after, true}
	}
	if id, ok := l.ids[f]; ok {
		return id
	}
	if l.ids == nil {
		l.ids = map[file]uint32{}
	}
	f.before, f.after = strings.Clone(f.before), strings.Clone(f.after)
	id := uint32(len(l.files))
	l.ids[f] = id
	l.files = append(l.files, f)
	return id
}

// path returns the path of a number, for the unit of a name.
func (l *files) path(id uint32, unit string) string {
	f := l.files[id]
	if !f.inside {
		return f.before
	}
	if last := &l.last; last.path == "" || last.id != id || last.unit != unit {
		last.id, last.unit, last.path = id, unit, f.before+"/"+unit+"/"+f.after
	}
	return l.last.path
}
