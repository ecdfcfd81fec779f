package declared

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/marks"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// What a unit tells beside findings and claims: whose it is, what its files ask to be hidden, and
// the names of what findings are about.

// facts completes the decision.
func (r *reading) facts() {
	r.out.Owner = r.ownerOf()
	byPlace := map[string]*file{}
	for _, name := range slices.Sorted(maps.Keys(r.read)) {
		f := r.read[name]
		byPlace[f.place] = f
		r.out.Marks = append(r.out.Marks, r.marksIn(f)...)
	}
	for _, name := range r.leftToCommands() {
		if data, err := fs.ReadFile(r.unit.Files, name); err == nil {
			r.out.Marks = append(r.out.Marks, r.marksIn(&file{name: name, place: r.unit.At(name), data: data})...)
		}
	}
	r.out.Marks = verdict.SortMarks(r.out.Marks)
	r.out.Marks = r.out.Marks[:min(len(r.out.Marks), marks.Most)]
	for i := range r.out.Findings {
		f := &r.out.Findings[i]
		if read := byPlace[f.File]; read != nil && strings.Contains(f.Path, "[") {
			if named := document.Named(read.docs, f.Place); named != f.Path {
				f.Named = named
			}
		}
	}
}

// leftToCommands are the files that commands are about and no other check has read: what these find
// in them may be hidden as well.
func (r *reading) leftToCommands() (names []string) {
	for i := range r.checks {
		if c := &r.checks[i]; c.Verb == Run {
			names = append(names, r.about(c)...)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return r.read[name] != nil })
}

// marksIn are the marks of a file.
func (r *reading) marksIn(f *file) []verdict.Mark {
	if !marks.Stand(f.data) {
		return nil
	}
	language := marks.Text
	switch format, ok := formatOf(r.syntaxOf(f.name), f.name); {
	case ok:
		language = [...]marks.Language{document.YAML: marks.YAML, document.JSON: marks.None, document.JSONC: marks.JSONC}[format]
	case strings.HasSuffix(f.name, templateSuffix):
		language = marks.Template
	}
	return marks.In(f.place, f.data, language, cmp.Or(r.reader.Profile, yamldoc.YAML12).Syntax)
}

// templateSuffix ends the names of templates.
const templateSuffix = ".j2"

// ownerOf is the first text that the selector of owners finds in the unit's documents, "" for
// none. Files are those that checks look for documents in, in the order of the checks.
func (r *reading) ownerOf() string {
	if r.owner == nil {
		return ""
	}
	for i := range r.checks {
		if c := &r.checks[i]; c.readsDocuments() {
			for _, name := range r.about(c) {
				if owner := r.ownerIn(name); owner != "" {
					return owner
				}
			}
		}
	}
	if _, known := document.FormatOf(r.unit.Path); known && r.unit.Dir == "" && len(r.names) > 0 {
		return r.ownerIn(r.names[0])
	}
	return ""
}

func (r *reading) ownerIn(name string) string {
	f, ok := r.open(name)
	if !ok {
		return ""
	}
	for _, d := range r.documents(f) {
		nodes, _ := r.owner.Select(d) // of what is too much there is a beginning
		for _, n := range nodes {
			if owner, ok := n.Key(); ok && owner != "" {
				return owner
			}
		}
	}
	return ""
}
