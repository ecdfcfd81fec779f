package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// problem is a finding as people meet it: what is found of several units at one place, in a
// file that they share, is one.
type problem struct {
	verdict.Finding
	units []*aggregator.Unit // whose finding it is, errs first, by their names; none for what is about no unit
}

// shared says that it is about a file of several units.
func (p *problem) shared() bool { return len(p.units) > 1 }

// compare orders problems: errors first, then what clears most when it is mended, then by
// place.
func (p *problem) compare(o *problem) int {
	return cmp.Or(cmp.Compare(rank(p.Finding), rank(o.Finding)), cmp.Compare(len(o.units), len(p.units)),
		p.Place.Compare(o.Place), p.Finding.Compare(o.Finding), strings.Compare(p.first(), o.first()))
}

// first is the name of the first unit, "" for what is about no unit.
func (p *problem) first() string {
	if len(p.units) == 0 {
		return ""
	}
	return string(p.units[0].Name)
}

// sameProblem is what the findings of a problem have in common.
type sameProblem struct {
	rule, message, level string
	place                verdict.Place
}

// problems are the findings of a summary that are shown, in the order of the units. Their
// regions are those of all units.
func (t *text) problems(s policy.Summary) (all []*problem) {
	known := map[sameProblem]*problem{}
	sides := [][]aggregator.Unit{s.Errs, s.OKs}
	if t.quiet {
		sides = sides[:1]
	}
	for _, side := range sides {
		for i := range side {
			for _, f := range t.shown(side[i].Findings) {
				key := sameProblem{f.Rule, f.Message, f.Level(), f.Place}
				if p := known[key]; p != nil && p.units[len(p.units)-1] != &side[i] {
					p.add(&side[i], f)
					continue
				}
				p := &problem{f, []*aggregator.Unit{&side[i]}}
				known[key], all = p, append(all, p)
			}
		}
	}
	return all
}

// add takes the finding of one more unit.
func (p *problem) add(u *aggregator.Unit, f verdict.Finding) {
	p.units = append(p.units, u)
	switch {
	case len(f.Regions) == 0:
		p.Regions = nil
	case len(p.Regions) > 0 && !hasAll(p.Regions, f.Regions):
		p.Regions = slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.Regions, f.Regions))))
	}
	if !slices.Equal(p.Related, f.Related) {
		p.Related = nil // they are the one unit's
	}
}

// levels of findings, weakest first.
var levels = []string{"info", "warning", "error"}

// shown are the findings that are not below the level that is asked for.
func (t *text) shown(fs []verdict.Finding) []verdict.Finding {
	if !slices.ContainsFunc(fs, t.isBelow) {
		return fs
	}
	return slices.DeleteFunc(slices.Clone(fs), t.isBelow)
}

// isBelow says whether a finding is below that level. One of a level that nobody knows, as of
// another version, is not.
func (t *text) isBelow(f verdict.Finding) bool {
	level := slices.Index(levels, f.Level())
	return level >= 0 && level < slices.Index(levels, t.level)
}

// least is the weakest level that options show.
func (o Options) least() string {
	switch {
	case o.Show != "":
		return o.Show
	case o.Verbose && !o.Quiet:
		return "info"
	}
	return "warning"
}
