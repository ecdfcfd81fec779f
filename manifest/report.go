package manifest

import (
	"slices"

	"github.com/seed306eabeb/muster/verdict"
)

// report gathers findings. One that several regions have is kept once, with
// the regions it holds in.
type report struct {
	found []verdict.Finding
	known map[findingKey]int
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
		return
	}
	if r.known == nil {
		r.known = map[findingKey]int{}
	}
	r.known[key] = len(r.found)
	if region != "" {
		f.Regions = []string{region}
	}
	r.found = append(r.found, f)
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
