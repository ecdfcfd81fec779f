package manifest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	code, name := regexp.MustCompile(`^M[1-7]\d\d$`), regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	names := map[string]bool{}
	rules := Rules()
	if len(rules) < 100 {
		t.Errorf("there are %d rules; expected at least 100", len(rules))
	}
	for _, r := range rules {
		if !code.MatchString(r.Code) || !name.MatchString(r.Name) || names[r.Name] {
			t.Errorf("%s %s: expected a code like M123 and a kebab-case name of its own", r.Code, r.Name)
		}
		names[r.Name] = true
		if r.Summary == "" || strings.HasSuffix(r.Summary, ".") || r.Good == "" || r.Bad == "" {
			t.Errorf("%s %s: expected a summary without a final period and two examples", r.Code, r.Name)
		}
	}
}

// TestRuleExamples runs every rule's examples: the good one has no error at all,
// the bad one breaks this rule and no other.
func TestRuleExamples(t *testing.T) {
	t.Parallel()
	for _, r := range Rules() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			for _, f := range examine(t, r, r.Good) {
				if f.Rule == r.Code || f.Severity == verdict.Error {
					t.Errorf("the good example gives %s at %s: %s\n%s", f.Rule, f.Place, f.Message, r.Good)
				}
			}
			hit := false
			for _, f := range examine(t, r, r.Bad) {
				hit = hit || f.Rule == r.Code
				if f.Rule != r.Code && f.Severity == verdict.Error && r.Code != ruleManyMistakes.Code {
					t.Errorf("the bad example also gives %s at %s: %s\n%s", f.Rule, f.Place, f.Message, r.Bad)
				}
			}
			if !hit {
				t.Errorf("the bad example does not break the rule:\n%s", r.Bad)
			}
		})
	}
}

// examine is all that is found in an example: in the shared files, in every
// service and in the fleet.
func examine(t *testing.T, r verdict.Rule, example string) []verdict.Finding {
	t.Helper()
	fleet := exampleRepo(t).lay(example)
	s := fleet.open(t)
	all := s.Findings()
	if verdict.HasError(all) {
		return all
	}
	claims := map[string][]verdict.Claim{}
	for _, name := range fleet.services() {
		d := fleet.check(t, name)
		all = append(all, d.Findings...)
		claims[name] = d.Claims
	}
	for _, j := range joins() {
		if j.Rule.Code == r.Code && breaks(j, claims) {
			all = append(all, j.Rule.At(verdict.Place{}, "broken in the fleet", ""))
		}
	}
	return all
}

// breaks joins the claims of a few services in the simplest way.
func breaks(j verdict.Join, claims map[string][]verdict.Claim) bool {
	unique, provided, edges := map[string]int{}, map[string]bool{}, map[string][]string{}
	var needs []verdict.Claim
	for service, list := range claims {
		for _, c := range list {
			for _, region := range c.Regions {
				switch {
				case !slices.Contains(c.Joins, j.Rule.Code):
				case c.Role == verdict.Unique:
					unique[region+"/"+c.Key]++
				case c.Role == verdict.Provides:
					provided[region+"/"+c.Key] = true
				default:
					needs = append(needs, verdict.Claim{Key: c.Key, Regions: []string{region}})
					edges[service] = append(edges[service], c.Key)
				}
			}
		}
	}
	switch j.Kind {
	case verdict.JoinUnique:
		for _, n := range unique {
			if n > 1 {
				return true
			}
		}
	case verdict.JoinExists:
		return slices.ContainsFunc(needs, func(c verdict.Claim) bool { _, ok := claims[c.Key]; return !ok })
	case verdict.JoinProvided:
		return slices.ContainsFunc(needs, func(c verdict.Claim) bool {
			_, exists := claims[c.Key]
			return exists && !provided[c.Regions[0]+"/"+c.Key]
		})
	case verdict.JoinAcyclic:
		return slices.Contains(edges["other"], "svc") && slices.Contains(edges["svc"], "other")
	}
	return false
}
