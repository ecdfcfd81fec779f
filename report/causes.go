package report

import (
	"io"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// causes are what a format for people shows of a report, with what is about no unit, in the
// order of problem.compare.
func causes(r Report, o Options) []*problem {
	t := newText(io.Discard, o)
	var all []*problem
	for _, fs := range [][]verdict.Finding{r.Summary.Config, r.Summary.Remarks} {
		for _, f := range t.shown(fs) {
			all = append(all, &problem{Finding: f})
		}
	}
	all = append(all, t.problems(r.Summary)...)
	slices.SortStableFunc(all, (*problem).compare)
	return all
}

// findings is how many findings the problem is.
func (p *problem) findings() int { return max(1, len(p.units)) }

// fileIn is a finding's file as the platform that shows a checkout calls it.
func (o Options) fileIn(file string) string {
	if o.Folder == "" || file == "" {
		return file
	}
	return path.Join(o.Folder, file)
}

// where says in which units a cause was found, "" where it is about none.
func (p *problem) where(noun Noun) string {
	names := make([]string, min(len(p.units), mostNames))
	for i := range names {
		names[i] = printable(string(p.units[i].Name))
	}
	switch n := len(p.units); {
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
