package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Locate gives a finding about a Section its place in the file, and related places, too. Such
// a finding has the file's name, the path of a key in which checks are counted as in the section
// (units.port.checks[1].rule), and a line and a column inside the key's text, or none for the
// whole. Of a key that is not in the file it is the place of what it would stand in. A finding of
// ReadDeclaration, and one of another file, stay as they are.
func (d *Declaration) Locate(f verdict.Finding) verdict.Finding {
	if slices.ContainsFunc(registry, func(r verdict.Rule) bool { return r.Code == f.Rule }) {
		return f
	}
	f.Place = d.locate(f.Place)
	f.Related = slices.Clone(f.Related)
	for i := range f.Related {
		f.Related[i].Place = d.locate(f.Related[i].Place)
	}
	return f
}

func (d *Declaration) locate(p verdict.Place) verdict.Place {
	switch {
	case p.File != Marker:
		return p
	case d.root == nil:
		p.Line, p.Column = 1, 1
		return p
	}
	p.Path = d.pathInFile(p.Path)
	v := d.find(p.Path)
	if only := v.Items(); p.Line > 0 && len(only) == 1 && v.Path() == p.Path && only[0].Kind() == yamldoc.StringKind {
		v = only[0] // the text that the list stands for
		p.Path = v.Path()
	}
	if p.Path == v.Path()+"[0]" { // of a list that is written as its only text
		p.Path = v.Path()
	}
	at := v.Place()
	switch {
	case v.Path() != p.Path:
		at = v.KeyPlace()
	case p.Line > 0:
		at = v.Trace().Place(offsetOf(v.Text(), p.Line, p.Column))
	}
	p.Line, p.Column = at.Line, at.Column
	return p
}

// checkPath is a path of a section's check, or of what is in it.
var checkPath = regexp.MustCompile(`^units\.([^.\[]+)\.checks\[(\d+)\](.*)$`)

// pathInFile is the path in the file that a path of a section stands for: the file has checks
// that the section has not, and a claim's keys under its verb.
func (d *Declaration) pathInFile(path string) string {
	m := checkPath.FindStringSubmatch(path)
	if m == nil {
		return path
	}
	n, err := strconv.Atoi(m[2])
	for _, k := range d.kinds {
		if k.name != m[1] || err != nil {
			continue
		}
		c := k.inSection(n)
		if c == nil {
			return path
		}
		rest := m[3]
		if below, ok := strings.CutPrefix(rest, ".keys"); ok {
			rest = "." + c.verb + below
		}
		if rest == ".text" {
			rest = "." + c.verb + rest
		}
		return fmt.Sprintf("units.%s.checks[%d]%s", k.name, c.index, rest)
	}
	return path
}

// inSection is the check that a section has at an index, nil if there is none.
func (k *kind) inSection(n int) *rawCheck {
	for _, c := range k.checks {
		if c.verb == "" || c.verb == shipcatVerb {
			continue
		}
		if n == 0 {
			return c
		}
		n--
	}
	return nil
}

// find is the value at a path, or else the innermost one that is there on the way to it. A
// list that is written as its only text is that text.
func (d *Declaration) find(path string) *yamldoc.Value {
	for ; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if v := d.root.Find(path); v != nil {
			if only := v.Items(); len(only) == 1 && only[0].Path() == v.Path() {
				return only[0]
			}
			return v
		}
	}
	return d.root
}

// offsetOf is where a line and a column of a text are, both from 1, columns counting runes;
// at most its end.
func offsetOf(text string, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(text[offset:], '\n')
		if next < 0 {
			return len(text)
		}
		offset += next + 1
	}
	end := len(text)
	if next := strings.IndexByte(text[offset:], '\n'); next >= 0 {
		end = offset + next
	}
	return offset + runeOffset(text[offset:end], column)
}
