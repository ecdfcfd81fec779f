package proposal

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/document"
)

// few is how many units make a kind.
const few = 3

// fewInRoot is how many files of the root do: what lies there is about the repository.
const fewInRoot = 10

// group is files that look alike by their names.
type group struct {
	tops  []string // the folders of the root in which they lie, "." for the root
	file  string   // the name of each, "" where each has its own
	ends  []string // without a file, how their names end (".yml"), sorted
	files []string // paths, sorted
	// starred says that the first of several tops stands with a star for all.
	starred bool

	shape  []string // what shapeOf found, nil before
	within *span    // what base found, nil before
}

// span is the folder that files lie in, and how deep below it they do.
type span struct {
	dir         string
	least, most int
}

// groups are those of the files, the largest first, with files that have a group of their
// own in no other one.
func groups(files []string) (all []*group) {
	tops := map[string][]string{}
	for _, file := range files {
		top := topOf(file)
		tops[top] = append(tops[top], file)
	}
	across := acrossTops(tops)
	if len(across) > 0 {
		for top, some := range tops {
			tops[top] = slices.DeleteFunc(some, func(file string) bool {
				return top != "." && slices.ContainsFunc(across, func(g *group) bool { return g.file == path.Base(file) })
			})
		}
	}
	all = across
	for _, top := range slices.Sorted(maps.Keys(tops)) {
		named, rest := byName(top, tops[top])
		all = append(append(all, named...), byEnd(top, rest)...)
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(len(b.files), len(a.files)) })
	return all
}

// topOf is the folder of the root in which a file lies.
func topOf(file string) string {
	top, _, below := strings.Cut(file, "/")
	if !below {
		return "."
	}
	return top
}

// acrossTops are the groups of files whose units are the folders of the root: half of them
// have one, and most of those no other.
func acrossTops(tops map[string][]string) (all []*group) {
	byName := map[string][]string{}
	holders, lone := map[string]int{}, map[string]int{}
	for top, files := range tops {
		if top == "." {
			continue
		}
		here := map[string]int{}
		for _, file := range files {
			here[path.Base(file)]++
			byName[path.Base(file)] = append(byName[path.Base(file)], file)
		}
		for name, n := range here {
			holders[name]++
			if n == 1 {
				lone[name]++
			}
		}
	}
	holding := len(tops)
	if tops["."] != nil {
		holding--
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if holders[name] >= few && holders[name]*2 >= holding && lone[name]*5 >= holders[name]*4 {
			slices.Sort(byName[name])
			all = append(all, &group{tops: []string{"."}, file: name, files: byName[name]})
		}
	}
	return all
}

// byName are the groups of one name in many folders, and what is left. Where most files have
// a name of their own, a name that comes twice is chance.
func byName(top string, files []string) (all []*group, rest []string) {
	names := map[string][]string{}
	for _, file := range files {
		names[path.Base(file)] = append(names[path.Base(file)], file)
	}
	repeated := 0
	maps.DeleteFunc(names, func(name string, some []string) bool { return len(some) < few || len(some)*10 < len(files) })
	for _, some := range names {
		repeated += len(some)
	}
	if repeated*2 < len(files) || top == "." {
		return nil, files
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, &group{tops: []string{top}, file: name, files: names[name]})
	}
	return all, slices.DeleteFunc(slices.Clone(files), func(file string) bool { return names[path.Base(file)] != nil })
}

// byEnd are the groups of one format.
func byEnd(top string, files []string) (all []*group) {
	formats := map[document.Format]*group{}
	for _, file := range files {
		format, _ := document.FormatOf(file)
		if formats[format] == nil {
			formats[format] = &group{tops: []string{top}}
		}
		g := formats[format]
		g.files = append(g.files, file)
		if end := path.Ext(file); !slices.Contains(g.ends, end) {
			g.ends = append(g.ends, end)
			slices.Sort(g.ends)
		}
	}
	enough := few
	if top == "." {
		enough = fewInRoot
	}
	for _, format := range slices.Sorted(maps.Keys(formats)) {
		if g := formats[format]; len(g.files) >= enough {
			all = append(all, g)
		}
	}
	return all
}

// base is the folder that all files of the group lie in, and how deep below it they lie,
// at least and at most.
func (g *group) base() (dir string, least, most int) {
	if g.within == nil {
		g.within = g.spanned()
	}
	return g.within.dir, g.within.least, g.within.most
}

func (g *group) spanned() *span {
	common := strings.Split(path.Dir(g.files[0]), "/")
	for _, file := range g.files[1:] {
		n := 0
		for is := strings.Split(path.Dir(file), "/"); n < len(common) && n < len(is) && common[n] == is[n]; {
			n++
		}
		common = common[:n]
	}
	in := &span{dir: strings.Join(common, "/"), least: 1 << 30}
	if in.dir == "" || g.tops[0] == "." {
		in.dir = "."
	}
	for _, file := range g.files {
		deep := depth(below(file, in.dir)) - 1
		in.least, in.most = min(in.least, deep), max(in.most, deep)
	}
	return in
}

// depth is the number of a path's elements.
func depth(file string) int { return strings.Count(file, "/") + 1 }

// below is a path as one inside a folder that it lies in.
func below(file, dir string) string {
	if dir == "." {
		return file
	}
	return strings.TrimPrefix(file, dir+"/")
}

// end is the last element of the group's glob.
func (g *group) end() string {
	switch {
	case g.file != "":
		return escaped(g.file)
	case len(g.ends) == 1:
		return "*" + g.ends[0]
	}
	ends := make([]string, len(g.ends))
	for i, e := range g.ends {
		ends[i] = e[1:]
	}
	return "*.{" + strings.Join(ends, ",") + "}"
}

// globs are those of the group's files.
func (g *group) globs() (all []string) {
	switch {
	case g.starred:
		return []string{escaped(g.tops[0]) + "*/**/" + g.end()}
	case len(g.tops) > 1:
		for _, top := range g.tops {
			all = append(all, escaped(top)+"/**/"+g.end())
		}
		return all
	}
	return []string{g.glob()}
}

func (g *group) glob() string {
	dir, least, most := g.base()
	switch {
	case most == 0:
		return path.Join(escapedPath(dir), g.end())
	case g.isEven(least, most):
		return path.Join(escapedPath(dir), strings.Repeat("*/", most), g.end())
	}
	return path.Join(escapedPath(dir), "**", g.end())
}

// isEven says whether each file lies in a folder of its own, all equally deep.
func (g *group) isEven(least, most int) bool {
	return g.file != "" && len(g.tops) == 1 && 1 <= least && least == most && most <= 2
}

func escapedPath(dir string) string {
	elements := strings.Split(dir, "/")
	for i, e := range elements {
		elements[i] = escaped(e)
	}
	return strings.Join(elements, "/")
}
