package proposal

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
)

// kind is a kind of units that is proposed.
type kind struct {
	*group
	name   string
	at     []string
	except []string
	// folder says that a unit is the folder in which the group's file lies.
	folder bool
	// beside are files of some of the folders that have a name in common, too.
	beside []part
	sample []sampled
	space  string   // of its identities, "" where it has none
	seen   string   // what was found, for people
	asks   []string // what people have to decide
	checks []line
}

// line is a check as it is written.
type line struct {
	text   string // a mapping in braces
	remark string
	off    bool // it is proposed and does not stand: a comment
}

// units are the paths of the kind's units.
func (k *kind) units() []string {
	if !k.folder {
		return k.files
	}
	dirs := make([]string, len(k.files))
	for i, file := range k.files {
		dirs[i] = path.Dir(file)
	}
	return dirs
}

// nameOf is the name that a unit has to others: what the wildcards match.
func (k *kind) nameOf(file string) string {
	dir, _, _ := k.base()
	switch {
	case k.starred:
		file = strings.TrimPrefix(file, k.tops[0])
	case len(k.tops) > 1:
		dir = topOf(file)
	}
	inside := below(file, dir)
	if k.file != "" {
		return path.Dir(inside)
	}
	return strings.TrimSuffix(inside, path.Ext(inside))
}

// canBeFolders says whether the folders of the group's files can be units: each folder that
// their glob matches has the file, and what lies in it can travel.
func (s *survey) canBeFolders(g *group) bool {
	dir, least, most := g.base()
	if !g.isEven(least, most) {
		return false
	}
	all := []*folder{s.folders[dir]}
	for range most {
		var next []*folder
		for _, f := range all {
			if f == nil || f.closed || f.odd {
				return false
			}
			for _, name := range f.subs {
				next = append(next, s.folders[path.Join(f.path, name)])
			}
		}
		all = next
	}
	return len(all) == len(g.files) && !slices.ContainsFunc(all, func(f *folder) bool {
		return f == nil || f.aside || !slices.Contains(f.plain, g.file) || !s.travels(f)
	})
}

// travels says whether all below a folder can be in one unit.
func (s *survey) travels(f *folder) bool {
	files, bytes := 0, int64(0)
	for queue := []*folder{f}; len(queue) > 0; queue = queue[1:] {
		f := queue[0]
		if f == nil || f.closed || f.odd {
			return false
		}
		for _, name := range f.plain {
			info, err := fs.Stat(s.files, path.Join(f.path, name))
			if err != nil {
				return false
			}
			files, bytes = files+1, bytes+info.Size()
		}
		for _, name := range f.subs {
			queue = append(queue, s.folders[path.Join(f.path, name)])
		}
		if files+len(queue) > bundle.MaxFiles/2 || bytes > fleet.UnitLimit/2 {
			return false
		}
	}
	return true
}

// matched are the plain files that the kind's globs match, or the folders where those are
// its units, sorted.
func (s *survey) matched(k *kind) (all []string) {
	layout := fleet.Layout{Kinds: []fleet.Kind{{Name: k.name, At: k.at, Except: k.except}}}
	if layout.Check() != nil {
		return nil
	}
	s.matchedBelow(s.folders["."], layout.Walk(), &all)
	slices.Sort(all)
	return all
}

func (s *survey) matchedBelow(f *folder, w fleet.Walk, all *[]string) {
	for _, name := range f.plain {
		if unit, err := w.Unit(name, 0); err == nil && unit != "" {
			*all = append(*all, string(unit))
		}
	}
	for _, name := range f.links {
		if unit, err := w.Unit(name, fs.ModeSymlink); err == nil && unit != "" {
			*all = append(*all, string(unit))
		}
	}
	for _, name := range f.subs {
		if unit, err := w.Unit(name, fs.ModeDir); err == nil && unit != "" {
			*all = append(*all, string(unit))
		}
		if sub := s.folders[path.Join(f.path, name)]; sub != nil {
			if inside, more := w.Enter(name); more {
				s.matchedBelow(sub, inside, all)
			}
		}
	}
}
