package declared

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/rule"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// checkDocuments makes a check on the documents of a file. An error means that it was not made to
// its end.
func (r *reading) checkDocuments(ctx context.Context, c *compiled, f *file) error {
	docs := r.documents(f)
	if c.Verb == Syntax {
		docs = r.reread(c.Check, f, docs)
	}
	switch {
	case f.wrong:
		r.selects(c.Check)
	case len(docs) == 0:
		r.noDocument(c, f)
	}
	if c.Documents == "one" && len(docs) > 1 {
		r.find(c.Check, verdict.Finding{Name: nameSeveral, Severity: verdict.Error, Message: fmt.Sprintf("the file holds %d documents, and may hold one", len(docs)),
			Place: docs[1].At(), Help: "give each a file of its own"})
	}
	for _, d := range docs {
		switch c.Verb {
		case Schema:
			all, err := c.schema.Check(ctx, d)
			if err != nil {
				return err
			}
			for _, found := range all {
				r.find(c.Check, withHelp(found, c.Help))
			}
		case Rule:
			r.ask(ctx, c, f, d)
		case Unique, Exists, Acyclic, Provides:
			r.claimKeys(c, f, d)
		}
	}
	return nil
}

// noDocument is a finding of checks that judge documents where all of a file's are passed over, once a
// file and once more where one asks as an error and one before as a warning.
func (r *reading) noDocument(c *compiled, f *file) {
	severity := c.severity()
	if c.Optional || c.Verb != Schema && c.Verb != Rule || f.empty == verdict.Error || f.empty == severity {
		return
	}
	f.empty = severity
	r.find(c.Check, verdict.Finding{Name: nameEmpty, Severity: verdict.Error, Message: "the file holds no document: it is empty, or has comments and nulls alone",
		Place: verdict.Place{File: f.place, Line: 1, Column: 1}, Help: "write one, take the file away, or say `optional: true` in the check " + c.ID})
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
		Files: r.firstOf, Shared: r.sharedOf, SharedPaths: r.section.Shared, Selected: func() { r.selects(c.Check) }}
	if c.Regions != "each" {
		for _, found := range c.rule.Check(ctx, in) {
			r.find(c.Check, found)
		}
		return
	}
	if len(r.regions) == 0 {
		r.selects(c.Check) // it is not asked
	}
	for _, region := range r.regions {
		in.Region, in.Regions = region, []string{region}
		for _, found := range c.rule.Check(ctx, in) {
			r.findIn(c.Check, found, region)
		}
	}
}

// claimKeys claims what selectors select.
func (r *reading) claimKeys(c *compiled, f *file, d *document.Document) {
	for _, s := range c.selectors {
		nodes, err := s.Select(d)
		if err != nil {
			r.find(c.Check, verdict.Finding{Name: nameTooMuch, Severity: verdict.Error, Message: err.Error(), Place: d.At()})
		}
		if err != nil || len(nodes) > 0 {
			r.selects(c.Check)
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
	if err != nil || len(found) > 0 {
		r.selects(c.Check)
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

// find notes what a check found. Name says what kind of mistake it is, and a check may make
// all of its own warnings.
func (r *reading) find(c Check, f verdict.Finding) {
	r.out.Findings = append(r.out.Findings, c.stamp(f))
}

// stamp makes a finding the check's.
func (c Check) stamp(f verdict.Finding) verdict.Finding {
	f.Rule = c.ID
	if c.severity() == verdict.Warning {
		f.Severity = verdict.Warning
	}
	return f
}

// findIn notes what a check found in a region: the same in several regions is one finding.
func (r *reading) findIn(c Check, f verdict.Finding, region string) {
	f = c.stamp(f)
	f.Regions = nil
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
