package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// ranked shows the worst of many problems in full, as many more in a line each, and all of
// them in a table by rule.
func (t *text) ranked(all []*problem) {
	slices.SortStableFunc(all, (*problem).compare)
	for run := range runs(all[:t.most]) {
		if run[0].shared() {
			t.problem(run[0])
			continue
		}
		u := *run[0].units[0]
		u.Kind, u.Cause, u.Failures = "", "", nil // which is told below
		t.service(&u, run)
	}
	next := all[t.most:min(len(all), 2*t.most)]
	t.begin(group)
	for _, p := range next {
		t.headline(p.Finding)
	}
	t.begin(group)
	t.byRule(all)
	t.begin(note)
	t.line("showing %s of %s, and %s more in a line each (--max-findings 0 shows all)", grouped(t.most), many(len(all), "finding"), grouped(len(next)))
}

// runs parts problems into those of one unit that follow each other, and those of several
// units.
func runs(all []*problem) func(yield func([]*problem) bool) {
	return func(yield func([]*problem) bool) {
		for len(all) > 0 {
			n := 1
			for n < len(all) && !all[0].shared() && !all[n].shared() && all[n].units[0] == all[0].units[0] {
				n++
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// mostRows bounds a table.
const mostRows = 40

// ruleRow is what there is of one rule.
type ruleRow struct {
	first    *problem
	findings int
	units    map[*aggregator.Unit]bool
	owners   map[string]bool
}

// byRule is a table of the rules, with how much there is of each, and whose it is. all must be
// in their order.
func (t *text) byRule(all []*problem) {
	rows, owned := rulesOf(all)
	heading := []string{"rule", "findings", t.noun.Plural(), "owners", "first"}
	var texts [][]string
	for _, r := range rows[:min(len(rows), mostRows)] {
		place := r.first.Place
		place.File = printable(place.File)
		rule := strings.TrimSpace(printable(r.first.Rule) + " " + printable(r.first.Name))
		owners := cmp.Or(few(slices.Sorted(maps.Keys(r.owners))), "nobody")
		texts = append(texts, []string{lead(r.first.Level() + "[" + rule + "]"), grouped(r.findings), grouped(len(r.units)), owners, place.String()})
	}
	if !owned {
		heading = slices.Delete(heading, 3, 4)
		for i := range texts {
			texts[i] = slices.Delete(texts[i], 3, 4)
		}
	}
	t.table(heading, texts)
	if n := len(rows) - mostRows; n > 0 {
		t.line("… and %s", many(n, "more rule"))
	}
}

// rulesOf are the rows, in the order of their severity and then of how much there is. owned says
// whether any unit is somebody's.
func rulesOf(all []*problem) (rows []*ruleRow, owned bool) {
	known := map[[2]string]*ruleRow{}
	for _, p := range all {
		key := [2]string{p.Rule, p.Level()}
		r := known[key]
		if r == nil {
			r = &ruleRow{p, 0, map[*aggregator.Unit]bool{}, map[string]bool{}}
			known[key], rows = r, append(rows, r)
		}
		r.findings++
		for _, u := range p.units {
			r.units[u] = true
			for _, o := range u.Owners {
				r.owners[o], owned = true, true
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b *ruleRow) int {
		return cmp.Or(cmp.Compare(rank(a.first.Finding), rank(b.first.Finding)), cmp.Compare(b.findings, a.findings), strings.Compare(a.first.Rule, b.first.Rule))
	})
	return rows, owned
}

// ownerRow is what there is of one owner.
type ownerRow struct {
	name                    string
	errors, warnings, units int
}

// owners is a table of the owners of what is shown, where there are any.
func (t *text) owners(s policy.Summary) {
	rows := t.ownersOf(s)
	if len(rows) == 0 {
		return
	}
	var texts [][]string
	for _, r := range rows[:min(len(rows), mostRows)] {
		texts = append(texts, []string{cmp.Or(lead(r.name), "nobody"), grouped(r.errors), grouped(r.warnings), grouped(r.units)})
	}
	t.begin(group)
	t.table([]string{"owner", "errors", "warnings", t.noun.Plural()}, texts)
	if n := len(rows) - mostRows; n > 0 {
		t.line("… and %s", many(n, "more owner"))
	}
}

// ownersOf are the owners of what is shown, those first who have most to mend; none where
// nothing is anybody's. What is nobody's is in a row without a name.
func (t *text) ownersOf(s policy.Summary) []*ownerRow {
	known := map[string]*ownerRow{}
	for _, side := range [][]aggregator.Unit{s.Errs, s.OKs} {
		for _, u := range side {
			if shown := t.shown(u.Findings); len(shown) > 0 || u.Kind != verdict.OK {
				count(known, u, shown)
			}
		}
	}
	rows := slices.Collect(maps.Values(known))
	if len(rows) == 1 && rows[0].name == "" {
		return nil
	}
	slices.SortFunc(rows, func(a, b *ownerRow) int {
		return cmp.Or(cmp.Compare(b.errors, a.errors), cmp.Compare(b.warnings, a.warnings), cmp.Compare(b.units, a.units), strings.Compare(a.name, b.name))
	})
	return rows
}

// count adds what is shown of a unit to the rows of its owners.
func count(rows map[string]*ownerRow, u aggregator.Unit, shown []verdict.Finding) {
	owners := u.Owners
	if len(owners) == 0 {
		owners = []string{""}
	}
	for _, o := range owners {
		r := rows[o]
		if r == nil {
			r = &ownerRow{name: o}
			rows[o] = r
		}
		r.units++
		for _, f := range shown {
			switch f.Level() {
			case "error":
				r.errors++
			case "warning":
				r.warnings++
			}
		}
	}
}
