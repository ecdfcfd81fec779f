package declared

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

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
		key, ok := n.Key()
		if !ok {
			continue
		}
		own = append(own, key)
		if !slices.Contains(r.section.Regions, key) {
			r.find(r.deployment(), verdict.Finding{Name: nameNoRegion, Severity: verdict.Error, Message: fmt.Sprintf("%q is no region", key),
				Place: n.Place(docs[0]), Help: meant(key, r.section.Regions)})
		}
	}
	return own, err == nil && len(nodes) > 0
}

// deployment is what the regions of units are checked as.
func (s *session) deployment() Check {
	return Check{ID: s.section.Kind + "/" + deployedVerb, Verb: deployedVerb}
}

// meant says which region a misspelt one stands for, or which there are.
func meant(name string, regions []string) string {
	if near := yamldoc.Nearest(name, regions); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "one of " + strings.Join(regions, ", ")
}
