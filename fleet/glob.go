package fleet

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// glob is a glob of a kind, element by element.
type glob struct {
	elements []string
	folders  bool // it matches no plain files
}

// anyFolders is the element that stands for any number of folders.
const anyFolders = "**"

// hasMeta says whether an element of a glob is more than a name.
func hasMeta(element string) bool { return strings.ContainsAny(element, `*?[{\`) }

func parseGlob(text string) (glob, error) {
	rest, folders := strings.CutSuffix(text, "/")
	if !fs.ValidPath(rest) || rest == "." {
		return glob{}, fmt.Errorf("glob %q: want a path below the repository, without empty, . and .. elements", text)
	}
	g := glob{strings.Split(rest, "/"), folders}
	for _, e := range g.elements {
		if alternatives(e) > maxAlternatives {
			return glob{}, fmt.Errorf("glob %q: an element of it stands for more than %d alternatives: write fewer {a,b} behind each other", text, maxAlternatives)
		}
		if strings.Contains(e, anyFolders) && e != anyFolders {
			return glob{}, fmt.Errorf("glob %q: ** stands alone between two /, not in %q", text, e)
		}
		if !doublestar.ValidatePattern(e) {
			return glob{}, fmt.Errorf("glob %q: %q is not valid: * stands for any characters, ? for one, [a-z] for one of these, {a,b} for either, and none of them for a /", text, e)
		}
	}
	return g, nil
}

// maxAlternatives is how many texts without {a,b} an element may stand for, for each of them may
// have to be tried with every name.
const maxAlternatives = 1000

// alternatives is how many texts without {a,b} an element stands for, more than maxAlternatives for
// any number above that.
func alternatives(element string) int {
	type group struct{ before, ended int } // what stood before it, and what its alternatives so far stand for
	var open []group
	count := 1
	for i := 0; i < len(element) && count <= maxAlternatives; i++ {
		switch c := element[i]; {
		case c == '\\':
			i++
		case c == '{':
			open = append(open, group{before: count})
			count = 1
		case c == ',' && len(open) > 0:
			open[len(open)-1].ended += count
			count = 1
		case c == '}' && len(open) > 0:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			count = last.before * (last.ended + count)
		}
	}
	return count
}

// base is the folder in which all lies that a glob matches.
func (g glob) base() string {
	var names []string
	for _, e := range g.elements[:len(g.elements)-1] {
		if hasMeta(e) {
			break
		}
		names = append(names, e)
	}
	if len(names) == 0 {
		return "."
	}
	return strings.Join(names, "/")
}

// takes says whether a glob is about files of a type. A link, or what is neither a folder
// nor a plain file, may stand for either.
func (g glob) takes(t fs.FileMode) bool {
	if t.IsRegular() {
		return !g.folders
	}
	return g.folders || !t.IsDir()
}

// isHidden says whether a name is one that wildcards pass over.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// matches says whether an element of a glob matches a name. hidden lets wildcards match
// names that begin with a dot; else that dot must begin the element, or one of the
// alternatives that it begins with.
func matches(element, name string, hidden bool) bool {
	if element == name {
		return true
	}
	if isHidden(name) && !hidden && !isHidden(element) && !(strings.HasPrefix(element, "{") && strings.Contains(strings.ReplaceAll(element, "{.", ",."), ",.")) {
		return false
	}
	return doublestar.MatchUnvalidated(element, name)
}

// position is how far a path has come through a glob.
type position struct {
	glob   *glob
	kind   int
	at     int  // the next element
	hidden bool // wildcards match hidden names
}

// done says whether the path so far is matched. A ** at the end may stand for nothing.
func (p position) done() bool {
	rest := p.glob.elements[p.at:]
	return len(rest) == 0 || len(rest) == 1 && rest[0] == anyFolders
}

// step appends the positions behind a name to all, each once.
func (p position) step(name string, all []position) []position {
	if p.at == len(p.glob.elements) {
		return all
	}
	e := p.glob.elements[p.at]
	next := p
	next.at++
	if e == anyFolders {
		if p.hidden || !isHidden(name) {
			all = with(all, p)
		}
		return next.step(name, all) // ** stands for nothing
	}
	if matches(e, name, p.hidden) {
		all = with(all, next)
	}
	return all
}

func with(all []position, p position) []position {
	if slices.Contains(all, p) {
		return all
	}
	return append(all, p)
}
