package declared

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/rule"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// reading is one unit under check.
type reading struct {
	*session
	unit    check.Unit
	name    string
	names   []string // of its files, sorted
	read    map[string]*file
	regions []string // selected ones in which it is deployed
	out     *verdict.Decision
	lacking map[string]bool // globs that match nothing, and were reported
}

// file is a file of a unit, read once. Only files that a check asks for are.
type file struct {
	name  string // among the unit's files
	place string // in the repository
	data  []byte
	docs  []*document.Document // once they were asked for
	known bool
}

// Check makes all checks of the section, in their order.
func (s *session) Check(ctx context.Context, unit check.Unit, regions []string) (d verdict.Decision, err error) {
	d.Regions = []string{}
	r := &reading{session: s, unit: unit, read: map[string]*file{}, out: &d, lacking: map[string]bool{}}
	if unit.Path == "" {
		r.unit.Path = string(unit.Name)
	}
	r.name = s.nameOf(r.unit.Path)
	if r.names, err = filesOf(unit); err != nil {
		return d, err
	}
	if len(s.section.Regions) > 0 && !r.deploy(regions) {
		d.Skipped = verdict.NotDeployed
	}
	if s.section.Named {
		r.claim(verdict.Provides, []string{s.section.Kind}, r.name, verdict.Place{File: r.unit.Path})
	}
	for i := range s.checks {
		if err := r.check(ctx, &s.checks[i]); err != nil {
			return d, err
		}
	}
	return d, nil
}

// filesOf are the names of a unit's files, sorted.
func filesOf(unit check.Unit) (names []string, err error) {
	if unit.Dir == "" && unit.Path != "" {
		return []string{unit.Path}, nil
	}
	err = fs.WalkDir(unit.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, name)
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// check makes one check on the files that it is about.
func (r *reading) check(ctx context.Context, c *compiled) error {
	for _, name := range r.matching(c) {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, ok := r.open(name)
		switch {
		case !ok:
		case c.pattern != nil:
			r.claimText(c, f)
		default:
			r.checkDocuments(ctx, c, f)
		}
	}
	return nil
}

// matching are the files that a check is about. That there is none is a finding, once for
// each glob of the unit.
func (r *reading) matching(c *compiled) (names []string) {
	if len(c.in) == 0 {
		return r.names
	}
	for i, p := range c.in {
		found := r.matched(p, c.In[i])
		names = append(names, found...)
		if glob := c.In[i]; len(found) == 0 && !c.Optional && !r.lacking[glob] {
			r.lacking[glob] = true
			r.noFile(c, p, glob)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *reading) matched(p fleet.Pattern, glob string) (names []string) {
	if p.IsLiteral() {
		if _, there := slices.BinarySearch(r.names, glob); there {
			return []string{glob}
		}
		return nil
	}
	for _, name := range r.names {
		if p.Match(name) {
			names = append(names, name)
		}
	}
	return names
}

func (r *reading) noFile(c *compiled, p fleet.Pattern, glob string) {
	place, message := verdict.Place{File: r.unit.Path}, fmt.Sprintf("%s has no file that matches %q", r.unit.Path, glob)
	if p.IsLiteral() {
		place, message = verdict.Place{File: r.unit.At(glob)}, fmt.Sprintf("%s has no %s", r.unit.Path, glob)
	}
	r.find(c.Check, verdict.Finding{Name: nameNoFile, Severity: verdict.Error, Message: message, Place: place,
		Help: "add it, or say `optional: true` in the check " + c.ID})
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
		return nil
	}
	read := r.reader.Read(f.place, f.data, format)
	for _, found := range read.Findings {
		r.find(c, found)
	}
	f.docs = read.Docs
	if c.Documents == "one" && len(f.docs) > 1 {
		r.find(c, verdict.Finding{Name: nameSeveral, Severity: verdict.Error, Message: fmt.Sprintf("the file holds %d documents, and may hold one", len(f.docs)),
			Place: f.docs[1].At(), Help: "give each a file of its own"})
	}
	return f.docs
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

// find notes what a check found. Name says what kind of mistake it is, and a check may make
// all of its own warnings.
func (r *reading) find(c Check, f verdict.Finding) {
	f.Rule = c.ID
	if c.severity() == verdict.Warning {
		f.Severity = verdict.Warning
	}
	r.out.Findings = append(r.out.Findings, f)
}

// checkDocuments makes a check on the documents of a file.
func (r *reading) checkDocuments(ctx context.Context, c *compiled, f *file) {
	for _, d := range r.documents(f) {
		switch c.Verb {
		case Schema:
			for _, found := range c.schema.Check(d) {
				r.find(c.Check, withHelp(found, c.Help))
			}
		case Rule:
			r.ask(ctx, c, f, d)
		case Unique, Exists, Acyclic, Provides:
			r.claimKeys(c, f, d)
		}
	}
}

// withHelp puts the help of a check before that of a finding.
func withHelp(f verdict.Finding, help string) verdict.Finding {
	if help != "" {
		f.Help = strings.TrimSuffix(help+"; "+f.Help, "; ")
	}
	return f
}

// ask asks a rule of a document, once, or once for each region.
func (r *reading) ask(ctx context.Context, c *compiled, f *file, d *document.Document) {
	in := rule.Input{Doc: d, File: f.place, Unit: rule.Unit{Name: r.name, Path: r.unit.Path, Kind: r.section.Kind, Files: r.names},
		Files: r.firstOf, Shared: r.sharedOf, SharedPaths: r.section.Shared}
	if c.Regions != "each" {
		for _, found := range c.rule.Check(ctx, in) {
			r.find(c.Check, found)
		}
		return
	}
	for _, region := range r.regions {
		in.Region, in.Regions = region, []string{region}
		for _, found := range c.rule.Check(ctx, in) {
			r.findIn(c.Check, found, region)
		}
	}
}

// findIn notes what a check found in a region: the same in several regions is one finding.
func (r *reading) findIn(c Check, f verdict.Finding, region string) {
	f.Rule, f.Regions = c.ID, nil
	if c.severity() == verdict.Warning {
		f.Severity = verdict.Warning
	}
	for i := range r.out.Findings {
		was := &r.out.Findings[i]
		bare := *was
		if bare.Regions = nil; len(was.Regions) > 0 && bare.Compare(f) == 0 {
			was.Regions = append(was.Regions, region)
			slices.Sort(was.Regions)
			return
		}
	}
	f.Regions = []string{region}
	r.out.Findings = append(r.out.Findings, f)
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

// claimKeys claims what selectors select.
func (r *reading) claimKeys(c *compiled, f *file, d *document.Document) {
	for _, s := range c.selectors {
		nodes, err := s.Select(d)
		if err != nil {
			r.find(c.Check, verdict.Finding{Name: nameTooMuch, Severity: verdict.Error, Message: err.Error(), Place: d.At()})
		}
		for _, n := range nodes {
			if key, ok := n.Key(); ok {
				r.claim(c.role, c.claims, key, n.Place(d))
			}
		}
	}
}

// claimText claims what a pattern finds in a file that is no document.
func (r *reading) claimText(c *compiled, f *file) {
	found, err := c.pattern.Find(f.place, f.data)
	if err != nil {
		r.find(c.Check, verdict.Finding{Name: nameTooMuch, Severity: verdict.Error, Message: err.Error(), Place: verdict.Place{File: f.place, Line: 1, Column: 1}})
	}
	for _, one := range found {
		r.claim(c.role, c.claims, one.Key, one.Place)
	}
}

// claim claims a key in the regions in which the unit is deployed. What a unit gives is known
// wherever it is deployed; where that is in none of the selected regions it clashes with nothing
// there, and it needs nothing.
func (r *reading) claim(role verdict.Role, joins []string, key string, at verdict.Place) {
	if r.out.Skipped != "" {
		if role == verdict.Needs {
			return
		}
		role = verdict.Provides
	}
	r.out.Claims = append(r.out.Claims, verdict.Claim{Joins: joins, Role: role, Key: key, Place: at, Regions: r.regions})
}

// deploy settles in which of the selected regions the unit is deployed, by the first document
// of its first file. It says false for none.
func (r *reading) deploy(selected []string) bool {
	r.regions = selected
	if r.deployed != nil {
		if own, told := r.ownRegions(); told {
			r.regions = slices.DeleteFunc(slices.Clone(selected), func(region string) bool { return !slices.Contains(own, region) })
		}
	}
	r.out.Regions = append(r.out.Regions, r.regions...)
	return len(r.regions) > 0
}

// ownRegions are those that the unit names, where it names any.
func (r *reading) ownRegions() (own []string, told bool) {
	for i := range r.checks {
		for j, p := range r.checks[i].in {
			if names := r.matched(p, r.checks[i].In[j]); len(names) > 0 {
				return r.regionsIn(names[0])
			}
		}
	}
	if r.unit.Dir == "" && len(r.names) > 0 {
		return r.regionsIn(r.names[0])
	}
	return nil, false
}

func (r *reading) regionsIn(name string) (own []string, told bool) {
	f, ok := r.open(name)
	if !ok {
		return nil, false
	}
	docs := r.documents(f)
	if len(docs) == 0 {
		return nil, false
	}
	nodes, err := r.deployed.Select(docs[0])
	for _, n := range nodes {
		if key, ok := n.Key(); ok {
			own = append(own, key)
		}
	}
	return own, err == nil && len(nodes) > 0
}
