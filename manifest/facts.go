package manifest

import (
	"io/fs"
	"strings"

	"github.com/seed306eabeb/muster/marks"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// What a service tells beside findings and claims: whose it is, what its files ask to be hidden,
// and the names of what findings are about.

// facts completes the decision.
func (c *inspection) facts(d *verdict.Decision) {
	if team := c.root.Get("metadata").Get("team"); team.Good() {
		d.Owner = team.Text()
	}
	own := c.unit.Dir + "/"
	for i := range d.Findings {
		c.name(&d.Findings[i], own)
		c.markShared(d.Findings[i].File, own)
	}
	for i := range d.Claims { // of which fleet rules may make findings
		c.markShared(d.Claims[i].File, own)
	}
	if len(c.marks) > 0 {
		all := verdict.SortMarks(c.marks)
		d.Marks = all[:min(len(all), marks.Most)]
	}
}

// name gives a finding its path with the items of lists by name. dir is that of the unit.
func (c *inspection) name(f *verdict.Finding, dir string) {
	if !strings.Contains(f.Path, "[") {
		return
	}
	read := c.session.documents[f.File]
	if own, inUnit := strings.CutPrefix(f.File, dir); inUnit {
		if read = c.overrides[own].value; own == manifestFile {
			read = c.root
		}
	}
	nameIn(f, read)
}

// nameIn gives a finding in a document its path with the items of lists by name.
func nameIn(f *verdict.Finding, read *yamldoc.Value) {
	if path := read.Named(f.Path); path != f.Path {
		f.Named = path
	}
}

// mark takes the marks of one of the unit's files.
func (c *inspection) mark(name string, data []byte) {
	c.marks = append(c.marks, marksIn(name, data)...)
}

// markShared takes the marks of a file that services share, in which a finding of the unit stands,
// or may stand.
func (c *inspection) markShared(file, dir string) {
	if strings.HasPrefix(file, dir) || c.marked[file] {
		return
	}
	if c.marked == nil {
		c.marked = map[string]bool{}
	}
	c.marked[file] = true
	c.marks = append(c.marks, c.session.marksOf(file)...)
}

// marksOf are the marks of a shared file, which is read once.
func (s *session) marksOf(file string) []verdict.Mark {
	if known, ok := s.marks.Load(file); ok {
		return known.([]verdict.Mark)
	}
	var all []verdict.Mark
	if data, err := fs.ReadFile(s.shared, file); err == nil { // else a finding says so
		all = marksIn(file, data)
	}
	s.marks.Store(file, all)
	return all
}

// marksIn are the marks of a file, a template by its name or else YAML.
func marksIn(name string, data []byte) []verdict.Mark {
	language := marks.YAML
	if strings.HasSuffix(name, templateSuffix) {
		language = marks.Template
	}
	return marks.In(name, data, language, dialect.Profile.Syntax)
}
