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
		r.unread(c)
	case len(docs) == 0:
		r.noDocument(c, f)
	}
	if c.Documents == "one" && len(docs) > 1 {
		r.find(c.Check, verdict.Finding{Name: nameSeveral, Severity: verdict.Error, Message: fmt.Sprintf("the file holds %d documents, and may hold one", len(docs)),
			Place: docs[1].At(), Help: "give each a file of its own"})
	}
	for _, d := range docs {
		judged, before := d.Value() == nil && (c.Verb == Schema || c.Verb == Rule), len(r.out.Findings)
		if judged && f.empty == verdict.Error {
			continue // what else is wrong with it follows from its being null
		}
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
		if judged && verdict.HasError(r.out.Findings[before:]) {
			f.empty = verdict.Error
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
			r.unread(c)
		}
		if len(nodes) > 0 {
			r.selects(c.Check)
		}
		for _, n := range nodes {
			if key, ok := n.Key(); ok && !r.claimKey(c, key, n.Place(d)) {
				return
			}
		}
	}
}

// claimText claims what a pattern finds in a file that is no document.
func (r *reading) claimText(c *compiled, f *file) {
	found, err := c.pattern.Find(f.place, f.data)
	if err != nil {
		r.find(c.Check, verdict.Finding{Name: nameTooMuch, Severity: verdict.Error, Message: err.Error(), Place: verdict.Place{File: f.place, Line: 1, Column: 1}})
		r.unread(c)
	}
	if len(found) > 0 {
		r.selects(c.Check)
	}
	for _, one := range found {
		if !r.claimKey(c, one.Key, one.Place) {
			return
		}
	}
}

// What a unit may claim: its verdict travels, and one process keeps those of the whole fleet.
const (
	maxKeys     = 10_000
	maxKeyBytes = 4 << 20 // with the paths at which the keys stand
)

// claimKey claims a key for a check. It is false where the unit has claimed as much as it may, which is a
// finding.
func (r *reading) claimKey(c *compiled, key string, at verdict.Place) bool {
	if r.full || r.keys == maxKeys || r.keyBytes+len(key)+len(at.Path) > maxKeyBytes {
		r.unread(c)
		if r.full {
			return false
		}
		r.full = true
		asError := c.Check
		asError.Severity = "" // what others are told would be wrong
		r.find(asError, verdict.Finding{Name: nameTooMuch, Severity: verdict.Error, Place: at,
			Message: fmt.Sprintf("the unit has more than %d keys, or %d MiB of them, which checks compare between units", maxKeys, maxKeyBytes>>20), Help: "let the selectors select less, or make several units of it"})
		return false
	}
	r.keys++
	r.keyBytes += len(key) + len(at.Path)
	r.claim(c.role, c.claims, key, at)
	return true
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
	same := fmt.Sprintf("%q", []any{f.Rule, f.Name, f.Severity, f.Message, f.Place, f.Help, f.Named, f.Identity, f.Related})
	if i, told := r.inRegions[same]; told {
		was := &r.out.Findings[i]
		was.Regions = append(was.Regions, region)
		slices.Sort(was.Regions)
		return
	}
	f.Regions = []string{region}
	r.inRegions[same] = len(r.out.Findings)
	r.out.Findings = append(r.out.Findings, f)
}
