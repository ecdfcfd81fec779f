package codeowners

import (
	"strings"
	"unicode/utf8"
)

// pattern is a rule's, element by element of a path.
type pattern []element

// element matches one element of a path; one that is any, any number of them.
type element struct {
	any     bool
	literal bool   // text is what it matches
	text    string // a glob, where it is not literal
	sets    bool   // in which [a-z] has a meaning
}

var (
	anyElements = element{any: true}
	oneElement  = element{text: "*"}
)

// compile is the pattern of a rule. It is nil for one that matches nothing.
func compile(text string, d Dialect) pattern {
	if d == GitLab {
		return compileGitLab(text)
	}
	return compileGitHub(text)
}

// compileGitHub reads a pattern as git reads those of .gitignore, but that a * at its end does
// not reach into folders.
func compileGitHub(text string) (p pattern) {
	elements := strings.Split(text, "/")
	last := len(elements) - 1
	folder := elements[last] == ""
	if folder {
		elements = elements[:last]
		last--
	}
	switch {
	case last < 0 || last == 0 && elements[0] == "": // nothing, or a / alone
		return nil
	case elements[0] == "":
		elements = elements[1:]
		last--
	case last == 0:
		p = append(p, anyElements)
	}
	for i, e := range elements {
		switch {
		case e == "**" && i == last:
			folder = true // what lies there, or everything
		case e == "**":
			p = append(p, anyElements)
		default:
			p = append(p, elementOf(e, false))
		}
	}
	switch {
	case folder:
		return append(p, oneElement, anyElements)
	case elements[last] != "*":
		return append(p, anyElements) // a folder's name stands for what is in it
	}
	return p
}

// compileGitLab reads a pattern as Ruby's File.fnmatch does with its flags for paths and hidden
// names: ** stands for folders only where an element follows.
func compileGitLab(text string) (p pattern) {
	if text == "" {
		return nil
	}
	if strings.HasPrefix(text, `\#`) {
		text = text[1:]
	}
	rest, anchored := strings.CutPrefix(text, "/")
	if !anchored {
		p = append(p, anyElements)
	}
	if rest == "" || strings.HasSuffix(rest, "/") {
		rest += "**/*"
	}
	elements := strings.Split(rest, "/")
	for i, e := range elements {
		if e == "**" && i < len(elements)-1 {
			p = append(p, anyElements)
			continue
		}
		p = append(p, elementOf(e, true))
	}
	return p
}

// elementOf is one element as it is written.
func elementOf(text string, sets bool) element {
	meta := `*?\`
	if sets {
		meta = `*?\[`
	}
	return element{literal: !strings.ContainsAny(text, meta), text: text, sets: sets}
}

// matches says whether the pattern is that of a path. Of several elements that match any number
// of others the last one alone is tried again: what those before it have taken may stay as it is.
func (p pattern) matches(path []string) bool {
	i, j, retry, from := 0, 0, -1, 0
	for j < len(path) {
		switch {
		case i < len(p) && p[i].any:
			retry, from = i+1, j
			i++
		case i < len(p) && p[i].matches(path[j]):
			i++
			j++
		case retry >= 0:
			from++
			i, j = retry, from
		default:
			return false
		}
	}
	for i < len(p) && p[i].any {
		i++
	}
	return i == len(p)
}

// matches says whether an element is that of a name.
func (e element) matches(name string) bool {
	if e.literal {
		return e.text == name
	}
	glob := e.text
	retry, from, starred := "", "", false // what follows the last *, and where in the name it was tried
	for name != "" {
		if strings.HasPrefix(glob, "*") {
			glob = glob[1:]
			retry, from, starred = glob, name, true
			continue
		}
		c, size := utf8.DecodeRuneInString(name)
		rest, ok := e.one(glob, c)
		switch {
		case ok:
			glob, name = rest, name[size:]
		case starred:
			_, size = utf8.DecodeRuneInString(from)
			from = from[size:]
			glob, name = retry, from
		default:
			return false
		}
	}
	return strings.Trim(glob, "*") == ""
}

// one says whether what a glob begins with, which is no *, matches a character, and what follows.
func (e element) one(glob string, c rune) (rest string, ok bool) {
	if glob == "" {
		return "", false
	}
	first, size := utf8.DecodeRuneInString(glob)
	switch {
	case first == '?':
		return glob[1:], true
	case first == '[' && e.sets:
		return inSet(glob[1:], c)
	case first == '\\' && len(glob) > 1:
		glob = glob[1:]
		first, size = utf8.DecodeRuneInString(glob)
	}
	return glob[size:], first == c
}

// inSet says whether a character is one of a set, whose [ is taken, and what follows. A set
// without an end matches nothing.
func inSet(set string, c rune) (rest string, ok bool) {
	negated := set != "" && (set[0] == '!' || set[0] == '^')
	if negated {
		set = set[1:]
	}
	in := false
	for first := true; set != "" && (first || set[0] != ']'); first = false {
		var low, high rune
		low, set = setRune(set)
		high = low
		if len(set) > 1 && set[0] == '-' && set[1] != ']' {
			high, set = setRune(set[1:])
		}
		in = in || low <= c && c <= high
	}
	if set == "" {
		return "", false
	}
	return set[1:], in != negated
}

// setRune is the first character of a set, and what follows.
func setRune(set string) (c rune, rest string) {
	if set[0] == '\\' && len(set) > 1 {
		set = set[1:]
	}
	c, size := utf8.DecodeRuneInString(set)
	return c, set[size:]
}
