package declared

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// file is a file of a unit, read once. Only files that a check asks for are.
type file struct {
	name  string // among the unit's files
	place string // in the repository
	data  []byte
	docs  []*document.Document // once they were asked for
	known bool
	// empty is the severity with which it was told that there is none, or a null one.
	empty verdict.Severity
	wrong bool // it has more, or other, documents than could be read
}

// open reads a file. One that is not plain, or cannot be read, is a finding of the first check
// that asks for it.
func (r *reading) open(name string) (f *file, ok bool) {
	if f = r.read[name]; f != nil {
		return f, f.data != nil
	}
	f = &file{name: name, place: r.unit.At(name)}
	r.read[name] = f
	what := "cannot be read"
	info, err := fs.Lstat(r.unit.Files, name)
	if err == nil && !info.Mode().IsRegular() {
		what = "is " + check.FileKind(info.Mode()) + ", which is not followed"
	} else if data, err := fs.ReadFile(r.unit.Files, name); err == nil {
		f.data = append([]byte{}, data...)
		return f, true
	}
	r.find(r.syntaxOf(name), verdict.Finding{Name: nameNotPlain, Severity: verdict.Error, Message: f.place + " " + what,
		Place: verdict.Place{File: f.place}, Help: "put a plain file in its place"})
	return f, false
}

// documents are those of a file. What is wrong with its text is told once.
func (r *reading) documents(f *file) []*document.Document {
	if f.known {
		return f.docs
	}
	f.known = true
	c := r.syntaxOf(f.name)
	format, ok := formatOf(c, f.name)
	if !ok {
		r.find(c, verdict.Finding{Name: nameNoLanguage, Severity: verdict.Error,
			Message: fmt.Sprintf("%s is of no known language: %s is not .yml, .yaml, .json or .jsonc", f.place, quoted(path.Ext(f.name))),
			Place:   verdict.Place{File: f.place, Line: 1, Column: 1}, Help: "name its language in muster.yaml: {syntax: yaml, in: …}"})
		f.wrong = true
		return nil
	}
	read := r.reader.Read(f.place, f.data, format)
	f.wrong = verdict.HasError(read.Findings)
	for _, found := range read.Findings {
		r.find(c, found)
	}
	f.docs = read.Docs
	return f.docs
}

// reread reads a file for a check of its syntax that is not the one that the text belongs to, where it asks
// for another language, or for more: what is wrong is its own finding then.
func (r *reading) reread(c Check, f *file, docs []*document.Document) []*document.Document {
	owner := r.syntaxOf(f.name)
	own, ok := formatOf(c, f.name)
	first, _ := formatOf(owner, f.name)
	if owner.ID == c.ID || !ok || own == first && (c.severity() == owner.severity() || c.severity() == verdict.Warning) {
		return docs
	}
	read := r.reader.Read(f.place, f.data, own)
	for _, found := range read.Findings {
		r.find(c, found)
	}
	return read.Docs
}

func quoted(text string) string {
	if text == "" {
		return "its name"
	}
	return text
}

// syntaxOf is the check that the text of a file belongs to.
func (r *reading) syntaxOf(name string) Check {
	for i := range r.checks {
		c := &r.checks[i]
		if c.Verb == Syntax && (len(c.in) == 0 || slices.ContainsFunc(c.in, func(p fleet.Pattern) bool { return p.Match(name) })) {
			return c.Check
		}
	}
	return r.syntax
}

func formatOf(c Check, name string) (document.Format, bool) {
	switch c.Format {
	case "yaml":
		return document.YAML, true
	case "json":
		return document.JSON, true
	case "jsonc":
		return document.JSONC, true
	}
	return document.FormatOf(name)
}

// firstOf is the first document of another file of the unit.
func (r *reading) firstOf(name string) (any, bool) {
	if _, there := slices.BinarySearch(r.names, name); !there {
		return nil, false
	}
	f, ok := r.open(name)
	if !ok {
		return nil, false
	}
	docs := r.documents(f)
	if len(docs) == 0 {
		return nil, false
	}
	return docs[0].Value(), true
}

func (r *reading) sharedOf(name string) (any, bool) {
	value, ok := r.shared[name]
	return value, ok
}
