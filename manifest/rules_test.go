package manifest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
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
		if strings.Contains(r.Good+r.Bad, wantMark) {
			t.Errorf("%s %s: what an example wants is for the tests, and not shown", r.Code, r.Name)
		}
	}
}

// TestRuleExamples runs every rule's examples: the good one has no error at all, and the
// bad one breaks this rule where its wants say, in words that they say, and no other rule.
func TestRuleExamples(t *testing.T) {
	t.Parallel()
	for _, r := range registry {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			for _, f := range examine(t, r.Good) {
				if f.Rule == r.Code || f.Severity == verdict.Error {
					t.Errorf("the good example gives %s at %s: %s\n%s", f.Rule, f.Place, f.Message, r.Good)
				}
			}
			found, wants := examine(t, withoutWants(r.Bad)), wantsOf(t, r.Bad)
			for _, f := range found {
				if f.Rule != r.Code && f.Severity == verdict.Error && r.Code != ruleManyMistakes.Code {
					t.Errorf("the bad example also gives %s at %s: %s\n%s", f.Rule, f.Place, f.Message, r.Bad)
				}
			}
			if len(wants) == 0 {
				t.Errorf("the bad example has no line with a want")
			}
			for _, difference := range differences(r.Code, wants, found) {
				t.Errorf("%s\nin the bad example:\n%s", difference, r.Bad)
			}
		})
	}
}

// examine is all that is found in an example: in the shared files, in every
// service and in the fleet.
func examine(tb testing.TB, example string) []verdict.Finding {
	tb.Helper()
	fleet := exampleRepo(tb).lay(example)
	s := fleet.open(tb)
	if all := s.Findings(); verdict.HasError(all) {
		return all
	}
	fold := aggregator.New(aggregator.Options{Joins: joins(), Whole: true})
	for _, name := range fleet.services() {
		unit := id.Unit(name)
		fold.AddKnown(unit)
		fold.Expect(unit)
		fold.Add(verdict.Subject{Unit: unit}.Of(verdict.Part{Decision: fleet.check(tb, name)}))
	}
	all := s.Findings()
	summary := fold.Summary(nil)
	for _, u := range slices.Concat(summary.OKs, summary.Errs) {
		all = append(all, u.Findings...)
	}
	return all
}

// TestThePageShowsARule: what docs/new-rules.md shows is code of this package.
func TestThePageShowsARule(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/new-rules.md")
	own, err2 := os.ReadFile("oddities_kubernetes.go")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	blocks := strings.Split(string(page), "```go\n")[1:]
	for _, b := range blocks {
		if code, _, _ := strings.Cut(b, "```\n"); !strings.Contains(string(own), "\n"+code) {
			t.Errorf("the page shows what is not here:\n%s", code)
		}
	}
	if len(blocks) != 2 {
		t.Errorf("the page shows %d pieces of code, want 2", len(blocks))
	}
}
