package aggregator

import "strings"

// files numbers the files in which services claim something. Most differ in the
// service's folder only: such a file is kept as what stands around its name. The zero
// value is ready.
type files struct {
	ids   map[file]uint32
	files []file
	last  struct { // path that was made, for those of one service to be one text
		id            uint32
		service, path string
	}
}

// file is a path: before, or before/SERVICE/after if it is inside a folder of that name.
type file struct {
	before, after string
	inside        bool
}

func (l *files) id(service, path string) uint32 {
	f := file{before: path}
	if before, after, found := strings.Cut(path, "/"+service+"/"); found {
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

// path is the file of that number in the service of that name.
func (l *files) path(id uint32, service string) string {
	f := l.files[id]
	if !f.inside {
		return f.before
	}
	if last := &l.last; last.path == "" || last.id != id || last.service != service {
		last.id, last.service, last.path = id, service, f.before+"/"+service+"/"+f.after
	}
	return l.last.path
}
