package proposal

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/document"
)

// mostJoined is how many groups, the largest, are looked at to join some.
const mostJoined = 64

// kinds are those that are proposed, the largest first, with what of their files was read.
func (s *survey) kinds() (all []*kind) {
	gs := groups(s.candidates())
	n := min(len(gs), mostJoined)
	gs = append(s.joined(gs[:n]), gs[n:]...)
	folders := s.folderNames(gs)
	var left []*kind
	for _, g := range gs {
		k := &kind{group: g, folder: folders[g.file]}
		if holder := holderOf(all, g); holder != nil {
			holder.takeBeside(g, s.sampleOf(g.files))
			continue
		}
		if len(all) == s.bounds.kinds {
			left = append(left, k)
			continue
		}
		if k.sample = s.sampleOf(g.files); s.worth(k) {
			all = append(all, k)
		}
	}
	for _, k := range all {
		k.at = k.unitGlobs()
		k.name = nameFor(k, all)
		k.seen = k.found()
		s.note("found: %s, %s", scalars(k.at), k.seen)
	}
	s.part(all)
	s.noteLeft(left)
	return all
}

// noteLeft names some of what there was no room for.
func (s *survey) noteLeft(left []*kind) {
	for i, k := range left {
		if i == mostNamedLeft {
			s.note("left out: %s more like these", number(len(left)-i))
			return
		}
		s.note("left out: %s, %s: a proposal has %d kinds of units at most", scalars(k.globs()), k.found(), s.bounds.kinds)
	}
}

const mostNamedLeft = 10

// candidates are the files that may be units, or lie in one.
func (s *survey) candidates() []string {
	return slices.DeleteFunc(s.paths(false), func(file string) bool {
		_, ok := document.FormatOf(file)
		return !ok || file == File || slices.Contains(locks, path.Base(file)) || namedAsSchema(file)
	})
}

// joined joins the groups of folders whose names begin alike, such as rules and rules-web,
// and whose files look alike. The largest group is first, as it was.
func (s *survey) joined(gs []*group) (all []*group) {
	left := slices.SortedStableFunc(slices.Values(gs), func(a, b *group) int { return cmp.Compare(a.tops[0], b.tops[0]) })
	for len(left) > 0 {
		g, others := left[0], left[1:]
		left = nil
		for _, other := range others {
			if s.joins(g, other) {
				g = together(g, other)
			} else {
				left = append(left, other)
			}
		}
		g.starred = len(g.tops) > 1 && s.canBeStarred(g)
		all = append(all, g)
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(len(b.files), len(a.files)) })
	return all
}

func (s *survey) joins(to, g *group) bool {
	if to.file != "" || g.file != "" || to.tops[0] == "." || g.tops[0] == "." {
		return false
	}
	a, b := s.shapeOf(to), s.shapeOf(g)
	if isKubernetes(a) && isKubernetes(b) {
		return true
	}
	more, begins := strings.CutPrefix(g.tops[0], to.tops[0])
	return begins && (strings.HasPrefix(more, "-") || strings.HasPrefix(more, "_")) && alike(a, b)
}

// shapeOf is the shape of a group's files, as its first look says.
func (s *survey) shapeOf(g *group) []string {
	if g.shape == nil {
		good, _ := readable(s.sampleOf(some(g.files, first)))
		g.shape = shape(good)
	}
	return g.shape
}

// first is how many files of a group are read to see what they are.
const first = 6

// isKubernetes says whether documents of a shape are objects of Kubernetes, or of what
// imitates it.
func isKubernetes(shape []string) bool {
	return !slices.ContainsFunc([]string{"apiVersion", "kind", "metadata"}, func(key string) bool { return !slices.Contains(shape, key) })
}

// canBeStarred says whether a glob that names the beginning of the group's folders alone
// matches nothing in others.
func (s *survey) canBeStarred(g *group) bool {
	starred := *g
	starred.starred = true
	if slices.ContainsFunc(g.tops, func(top string) bool { return !strings.HasPrefix(top, g.tops[0]) }) {
		return false
	}
	return !slices.ContainsFunc(s.matched(&kind{group: g, at: starred.globs()}), func(file string) bool { return !slices.Contains(g.tops, topOf(file)) })
}

func together(a, b *group) *group {
	both := &group{tops: slices.Concat(a.tops, b.tops), ends: slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.ends, b.ends)))), files: slices.Concat(a.files, b.files), shape: a.shape}
	slices.Sort(both.files)
	return both
}

// folderNames are the names of files whose folders are units wherever they lie.
func (s *survey) folderNames(gs []*group) map[string]bool {
	can := map[string]bool{}
	for _, g := range gs {
		if g.file == "" {
			continue
		}
		before, seen := can[g.file]
		can[g.file] = (before || !seen) && s.canBeFolders(g)
	}
	return can
}

// holderOf is the kind of folders in which all files of a group lie.
func holderOf(all []*kind, g *group) *kind {
	for _, k := range all {
		if !k.folder {
			continue
		}
		dirs := map[string]bool{}
		for _, dir := range k.units() {
			dirs[dir] = true
		}
		if !slices.ContainsFunc(g.files, func(file string) bool { return !isBelow(file, dirs) }) {
			return k
		}
	}
	return nil
}

// isBelow says whether a file lies in one of the folders, or in one below.
func isBelow(file string, dirs map[string]bool) bool {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if dirs[dir] {
			return true
		}
	}
	return false
}

// takeBeside keeps the files of one name that some of the kind's folders hold directly.
func (k *kind) takeBeside(g *group, sample []sampled) {
	good, _ := readable(sample)
	_, least, most := k.base()
	if _, its, deepest := g.base(); len(good) > 0 && g.file != "" && its == least && deepest == most {
		k.beside = append(k.beside, part{g, good})
	}
}

// worth says whether a group's files are documents that can be checked. Its sample keeps
// those that are.
func (s *survey) worth(k *kind) bool {
	all := k.sample
	good, bad := readable(all)
	k.sample = good
	if len(good)*5 < len(all)*4 {
		s.note("left out: %s, %s: of a sample of %d, %d cannot be read, such as %s: %s", scalars(k.globs()), k.found(), len(all), len(all)-len(good), bad.file, bad.wrong)
		return false
	}
	if len(good) < len(all) {
		k.asks = append(k.asks, fmt.Sprintf("of a sample of %d, %d cannot be read, such as %s", len(all), len(all)-len(good), bad.file))
	}
	if k.file == "" && isKubernetes(shape(good)) {
		k.asks = append(k.asks, "objects of Kubernetes? `yaml: kubernetes` reads them as kubectl does")
	}
	schemas := 0
	for _, one := range good {
		if isSchema(one.docs[0].Value()) {
			schemas++
		}
	}
	if schemas*2 > len(good) {
		s.note("left out: %s, %s: they are JSON Schemas", scalars(k.globs()), k.found())
		return false
	}
	return true
}

// unitGlobs are the globs of the kind's units.
func (k *kind) unitGlobs() []string {
	globs := k.globs()
	if k.folder {
		return []string{path.Dir(globs[0]) + "/"}
	}
	return globs
}

// found says what was found of a kind.
func (k *kind) found() string {
	if k.folder {
		return number(len(k.files)) + " folders with " + k.file
	}
	if k.file != "" {
		return number(len(k.files)) + " files of this name"
	}
	return number(len(k.files)) + " files"
}

// part takes out of each kind what its globs match beside its files.
func (s *survey) part(all []*kind) {
	for _, k := range all {
		own := map[string]bool{}
		for _, unit := range k.units() {
			own[unit] = true
		}
		for _, file := range s.matched(k) {
			if !own[file] {
				k.exclude(s.exception(k, file, all))
			}
		}
		for _, glob := range s.closedBelow(k) {
			k.exclude(glob)
		}
		slices.Sort(k.except)
	}
}

func (k *kind) exclude(glob string) {
	if !slices.Contains(k.except, glob) {
		k.except = append(k.except, glob)
	}
}

// exception is a glob that takes a file out of a kind: with all that lies in folders of
// tests, with all that another kind has of that name, or alone.
func (s *survey) exception(k *kind, file string, all []*kind) string {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if isTrial(path.Base(dir)) && s.folders[dir].aside {
			return path.Join(k.rootOf(file), "**", path.Base(dir)) + "/"
		}
	}
	for _, other := range all {
		if _, has := slices.BinarySearch(other.files, file); has && other != k && other.file != "" {
			return path.Join(k.rootOf(file), "**", escaped(other.file))
		}
	}
	return escapedPath(file)
}

// rootOf is the part before the first ** of the kind's glob by which a path is looked at.
func (k *kind) rootOf(file string) string {
	at := k.at[0]
	if len(k.at) > 1 {
		at = k.at[max(0, slices.Index(k.tops, topOf(file)))]
	}
	before, _, _ := strings.Cut(at, "**")
	return strings.TrimSuffix(before, "/")
}

// closedBelow are globs of the folders that nobody looked into and the kind's globs would.
func (s *survey) closedBelow(k *kind) (globs []string) {
	dir, _, _ := k.base()
	for _, f := range s.folders {
		if !f.closed || !slices.Contains(foreign, path.Base(f.path)) || !strings.Contains(k.at[0], "**") {
			continue
		}
		if dir == "." && len(k.tops) == 1 || strings.HasPrefix(f.path, dir+"/") || len(k.tops) > 1 && slices.Contains(k.tops, topOf(f.path)) {
			globs = append(globs, path.Join(k.rootOf(f.path), "**", path.Base(f.path))+"/")
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(globs)))
}

// generic are names of files that say nothing of what they are about.
var generic = []string{"meta", "metadata", "manifest", "config", "index", "info", "package", "main", "spec", "values", "default", "definition", "data", "settings"}

// nameFor names a kind after its folder or its file, by a name that none of the kinds has.
func nameFor(k *kind, all []*kind) string {
	dir, _, _ := k.base()
	switch {
	case len(k.tops) > 1 && isKubernetes(k.shape):
		dir = "manifests"
	case len(k.tops) > 1:
		dir = k.tops[0]
	}
	folder, stem := folderWord(dir), word(strings.TrimSuffix(k.file, path.Ext(k.file)))
	names := []string{folder, stem, folder + "-" + stem}
	shared := slices.ContainsFunc(all, func(other *kind) bool {
		its, _, _ := other.base()
		return other != k && other.file != "" && its == dir
	})
	if k.file != "" && !k.folder && shared && !slices.Contains(generic, stem) {
		names = []string{stem, folder + "-" + stem}
	}
	if k.file == "" {
		names = []string{folder}
		if folder != "" {
			names = append(names, folder+"-"+word(k.ends[0]))
		}
	}
	names = append(names, "unit")
	for i := 2; ; i++ {
		for _, name := range names {
			if name = strings.Trim(name, "-"); name != "" && !slices.ContainsFunc(all, func(other *kind) bool { return other.name == name }) {
				return name
			}
		}
		names = []string{fmt.Sprintf("unit-%d", i)}
	}
}

// folderWord is what a folder has several of: the last plural of its path, or its name.
func folderWord(dir string) string {
	elements := strings.Split(dir, "/")
	for i := len(elements) - 1; i >= 0; i-- {
		if one, ok := singular(word(elements[i])); ok {
			return one
		}
	}
	return word(elements[len(elements)-1])
}
