package report

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// oneCause is a finding, and the units in which it was made: in more than one where they
// share the place. One edit mends it in all of them.
type oneCause struct {
	verdict.Finding
	units []string // sorted; none for what is about no unit
}

// findings is how many findings are this one.
func (c oneCause) findings() int { return max(1, len(c.units)) }

// severity is the finding's in one of our words.
func (c oneCause) severity() string { return [...]string{"error", "warning", "info"}[rank(c.Finding)] }

// causes are what a format for people shows of a report, each cause once: strongest first,
// then those that mend most, then by place.
func causes(r Report, o Options) []oneCause {
	type key struct {
		rule, message string
		at            verdict.Place
	}
	var all []oneCause
	seen := map[key]int{}
	for _, e := range shownEntries(r, o) {
		k := key{e.Rule, e.Message, e.Place}
		i, known := seen[k]
		if !known {
			i = len(all)
			seen[k] = i
			all = append(all, oneCause{Finding: e.Finding})
		}
		if c := &all[i]; e.Unit.Name != "" {
			c.units = append(c.units, string(e.Unit.Name))
			c.Regions = joined(c.Regions, e.Regions)
		}
	}
	slices.SortStableFunc(all, func(a, b oneCause) int {
		return cmp.Or(cmp.Compare(rank(a.Finding), rank(b.Finding)), cmp.Compare(len(b.units), len(a.units)),
			a.Place.Compare(b.Place), a.Finding.Compare(b.Finding))
	})
	return all
}

// joined are the regions of two findings that are one; none means that it does not depend on
// the region.
func joined(a, b []string) []string {
	if slices.Equal(a, b) || len(a) == 0 {
		return a
	}
	if len(b) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// shownEntries are the findings that people are shown, with those that are about no unit.
func shownEntries(r Report, o Options) []Entry {
	var all []Entry
	for _, fs := range [][]verdict.Finding{r.Summary.Config, r.Summary.Remarks} {
		for _, f := range fs {
			all = append(all, Entry{Finding: f})
		}
	}
	all = append(all, r.Entries()...)
	return slices.DeleteFunc(all, func(e Entry) bool {
		switch {
		case e.Advice:
			return o.Quiet || !o.Verbose
		case o.Quiet:
			return e.Unit.Kind == verdict.OK
		}
		return false
	})
}

// fileIn is a finding's file as the platform that shows a checkout calls it.
func (o Options) fileIn(file string) string {
	if o.Folder == "" || file == "" {
		return file
	}
	return path.Join(o.Folder, file)
}

// mostNames is how many units a cause names.
const mostNames = 3

// where says in which units a cause was found, "" where it is about none.
func (c oneCause) where(noun Noun) string {
	names := make([]string, min(len(c.units), mostNames))
	for i := range names {
		names[i] = printable(c.units[i])
	}
	switch n := len(c.units); {
	case n == 0:
		return ""
	case n == 1:
		return "in " + names[0]
	case n > mostNames:
		return "in " + noun.Number(n) + ": " + strings.Join(names, ", ") + " and " + grouped(n-mostNames) + " more"
	default:
		return "in " + noun.Number(n) + ": " + strings.Join(names, ", ")
	}
}

// notDecided are the units that failed or are missing.
func notDecided(errs []aggregator.Unit) []aggregator.Unit {
	return slices.DeleteFunc(slices.Clone(errs), func(u aggregator.Unit) bool { return u.Kind == verdict.Invalid })
}
