package manifest

import (
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/verdict"
)

// maxFindings is how many errors, and how many warnings, a report holds. That
// there were more is a finding of its own.
const maxFindings = 1000

// report gathers findings. One that several regions have is kept once, with
// the regions it holds in.
type report struct {
	found            []verdict.Finding
	known            map[findingKey]int
	errors, warnings int
}

type findingKey struct {
	rule, message string
	place         verdict.Place
}

// add records a finding; an empty region means that it holds without one.
func (r *report) add(f verdict.Finding, region string) {
	key := findingKey{f.Rule, f.Message, f.Place}
	if i, ok := r.known[key]; ok {
		r.widen(&r.found[i], region)
		r.found[i].Related = withOthers(r.found[i].Related, f.Related)
		return
	}
	if f, region = r.limited(f, region); f.Rule == "" {
		return
	}
	if r.known == nil {
		r.known = map[findingKey]int{}
	}
	r.known[findingKey{f.Rule, f.Message, f.Place}] = len(r.found)
	if region != "" {
		f.Regions = []string{region}
	}
	r.found = append(r.found, f)
}

// limited counts f. What comes after the last that the report holds is replaced
// by a finding that says so, and then by none.
func (r *report) limited(f verdict.Finding, region string) (verdict.Finding, string) {
	count, last := &r.errors, ruleManyMistakes
	if f.Severity == verdict.Warning {
		count, last = &r.warnings, ruleManyWarnings
	}
	*count++
	switch {
	case *count <= maxFindings:
		return f, region
	case *count == maxFindings+1:
		return last.At(verdict.Place{File: f.File}, fmt.Sprintf("there are more than %d %ss; the others are not shown", maxFindings, last.Severity), "mend these first"), ""
	}
	return verdict.Finding{}, ""
}

// withOthers are related places with those that another region has beside them.
func withOthers(all, more []verdict.Related) []verdict.Related {
	for _, r := range more {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

// widen adds a region to a finding that is limited to regions.
func (r *report) widen(f *verdict.Finding, region string) {
	switch {
	case len(f.Regions) == 0:
	case region == "":
		f.Regions = nil
	case !slices.Contains(f.Regions, region):
		f.Regions = append(f.Regions, region)
	}
}

// findings are the findings in order.
func (r *report) findings() []verdict.Finding {
	for i := range r.found {
		slices.Sort(r.found[i].Regions)
	}
	return verdict.SortFindings(r.found)
}
