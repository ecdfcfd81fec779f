package fleet

import (
	"slices"
	"strings"
)

// Pattern is a glob as layouts have them, for paths. It is safe for concurrent use.
type Pattern struct{ glob glob }

// ParsePattern reads a glob.
func ParsePattern(text string) (Pattern, error) {
	g, err := parseGlob(text)
	return Pattern{g}, err
}

// IsLiteral says whether the pattern is a path that stands for itself alone.
func (p Pattern) IsLiteral() bool { return !slices.ContainsFunc(p.glob.elements, hasMeta) }

// Match says whether the pattern is that of a path, be it a folder's or a file's.
func (p Pattern) Match(path string) bool {
	var now, next []position
	now = append(now, position{glob: &p.glob})
	for name := range strings.SplitSeq(path, "/") {
		next = next[:0]
		for _, at := range now {
			next = at.step(name, next)
		}
		now, next = next, now
	}
	return slices.ContainsFunc(now, position.done)
}

// Covers says whether the pattern is that of a path, or of a folder that it is in. Its wildcards
// match hidden names, too, and with a / at its end it is that of folders alone.
func (p Pattern) Covers(path string) bool {
	var some, more [8]position // more of them are rare
	now, next := append(some[:0], position{glob: &p.glob, hidden: true}), more[:0]
	for rest := path; ; {
		name, behind, inside := strings.Cut(rest, "/")
		next = next[:0]
		for _, at := range now {
			next = at.step(name, next)
		}
		now, next = next, now
		if slices.ContainsFunc(now, position.done) && (inside || !p.glob.folders) {
			return true
		}
		if !inside || len(now) == 0 {
			return false
		}
		rest = behind
	}
}

// Capture is what the wildcards of the pattern match in a path, with / between what several of
// them do: of an element such as *.yml what stands for the star, of another one with wildcards
// all of it. Each ** takes as little as it can. ok is false for a path that does not match.
func (p Pattern) Capture(path string) (captured string, ok bool) {
	c := capture{failed: map[[2]int]bool{}}
	all, ok := c.rest(p.glob.elements, strings.Split(path, "/"), nil)
	if !ok {
		return "", false
	}
	return strings.Join(all, "/"), true
}

// capture looks for what elements match of names, and notes how many of each were left where
// there is no way on: several ** come there again and again.
type capture struct{ failed map[[2]int]bool }

// rest appends what elements match of names.
func (c *capture) rest(elements, names, all []string) ([]string, bool) {
	if len(elements) == 0 {
		return all, len(names) == 0
	}
	left := [2]int{len(elements), len(names)}
	if c.failed[left] {
		return nil, false
	}
	if e := elements[0]; e != anyFolders {
		if len(names) > 0 && matches(e, names[0], false) {
			if found, ok := c.rest(elements[1:], names[1:], append(all, starOf(e, names[0])...)); ok {
				return found, true
			}
		}
	} else {
		for n := 0; n <= len(names) && (n == 0 || !isHidden(names[n-1])); n++ {
			if found, ok := c.rest(elements[1:], names[n:], append(slices.Clip(all), names[:n]...)); ok {
				return found, true
			}
		}
	}
	c.failed[left] = true
	return nil, false
}

// starOf is what the wildcards of one element match, none where it has no wildcard, or its star
// stands for nothing.
func starOf(element, name string) []string {
	before, after, found := strings.Cut(element, "*")
	if found && !hasMeta(before) && !hasMeta(after) && len(name) >= len(before)+len(after) {
		name = name[len(before) : len(name)-len(after)]
	}
	if !hasMeta(element) || name == "" {
		return nil
	}
	return []string{name}
}

// Example is a path that the pattern matches, in which a word stands for what wildcards would.
// ok is false where there is none so plain.
func (p Pattern) Example(word string) (path string, ok bool) {
	var names []string
	for _, e := range p.glob.elements {
		if e == anyFolders {
			e = "*"
		}
		names = append(names, exampleOf(e, word))
	}
	path = strings.Join(names, "/")
	return path, p.Match(path)
}

// exampleOf is a name that an element of a glob matches, if its wildcards are plain ones.
func exampleOf(element, word string) string {
	var b strings.Builder
	for rest := element; rest != ""; {
		size := 1
		switch rest[0] {
		case '*':
			b.WriteString(word)
		case '?':
			b.WriteByte('x')
		case '\\':
			size = min(2, len(rest))
			b.WriteString(rest[1:size])
		case '[':
			size = strings.IndexByte(rest, ']') + 1
			b.WriteString(oneOf(rest[:size]))
		case '{':
			size = strings.IndexByte(rest, '}') + 1
			first, _, _ := strings.Cut(strings.Trim(rest[:size], "{}"), ",")
			b.WriteString(exampleOf(first, word))
		default:
			b.WriteByte(rest[0])
		}
		if size == 0 { // brackets in each other, or one behind a backslash
			return ""
		}
		rest = rest[size:]
	}
	return b.String()
}

// oneOf is a character that a class of them has.
func oneOf(class string) string {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_" {
		if class != "" && matches(class, string(c), true) {
			return string(c)
		}
	}
	return ""
}
