package declared

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/document"
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
		c := &r.checks[i]
		for j, p := range c.in {
			if names := r.matched(p, c.In[j]); len(names) > 0 && c.readsDocuments() {
				return r.regionsIn(names[0])
			}
		}
	}
	if r.unit.Dir == "" && len(r.names) > 0 {
		return r.regionsIn(r.names[0])
	}
	r.selects(r.deployment()) // there is no file to select it in
	return nil, false
}

func (r *reading) regionsIn(name string) (own []string, told bool) {
	f, ok := r.open(name)
	if !ok {
		r.selects(r.deployment())
		return nil, false
	}
	docs := r.documents(f)
	if f.wrong {
		r.selects(r.deployment())
	}
	if len(docs) == 0 {
		return nil, false
	}
	nodes, err := r.deployed.Select(docs[0])
	if err != nil {
		r.find(r.deployment(), verdict.Finding{Name: nameTooMuch, Severity: verdict.Error, Message: err.Error(), Place: docs[0].At()})
	}
	if err != nil || len(nodes) > 0 {
		r.selects(r.deployment())
	}
	for _, n := range nodes {
		at := n.Place(docs[0])
		key, ok := n.Key()
		if !ok {
			r.noRegion("", fmt.Sprintf("%s is %s; expected the name of a region", cmp.Or(at.Path, "the document"), kindOf(n.Value)), at,
				"name one; where there are several, `deployed` leads to each of them, as in regions[*]")
			continue
		}
		if own = append(own, key); !slices.Contains(r.section.Regions, key) {
			r.noRegion(key, fmt.Sprintf("%q is no region", key), at, meant(key, r.section.Regions))
		}
	}
	return own, err != nil || len(nodes) > 0 || r.nowhere(docs[0])
}

// nowhere says that a unit has an empty list, or mapping, where its regions would stand.
func (r *reading) nowhere(d *document.Document) bool {
	if r.list == nil {
		return false
	}
	nodes, err := r.list.Select(d)
	empty := func(n selector.Node) bool {
		switch v := n.Value.(type) {
		case []any:
			return len(v) == 0
		case map[string]any:
			return len(v) == 0
		}
		return false
	}
	return err == nil && len(nodes) > 0 && !slices.ContainsFunc(nodes, func(n selector.Node) bool { return !empty(n) })
}

func (r *reading) noRegion(key, message string, at verdict.Place, help string) {
	r.find(r.deployment(), verdict.Finding{Name: nameNoRegion, Severity: verdict.Error, Message: message, Place: at, Help: help, Identity: key})
}

// kindOf says what a value is that is no key.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return "no number of JSON"
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
