package manifest

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// mutant makes a finding wrong as a slip in a rule would. It gives the finding back as it
// was where it has nothing to change.
type mutant struct {
	name   string
	mutate func(f verdict.Finding, in places) verdict.Finding
}

var mutants = []mutant{
	{"parent", func(f verdict.Finding, in places) verdict.Finding { f.Place = in.parent(f.Place); return f }},
	{"sibling", func(f verdict.Finding, in places) verdict.Finding { f.Place = in.sibling(f.Place); return f }},
	{"partner", func(f verdict.Finding, in places) verdict.Finding { f.Place = in.partner(f.Place); return f }},
	{"file", func(f verdict.Finding, _ places) verdict.Finding {
		f.File = path.Join(f.File, "../elsewhere.yml")
		return f
	}},
	{"empty", func(f verdict.Finding, _ places) verdict.Finding { f.Message = ""; return f }},
	{"vague", func(f verdict.Finding, _ places) verdict.Finding { f.Message = vague(f); return f }},
	{"rule", func(f verdict.Finding, _ places) verdict.Finding { f.Rule = "M000"; return f }},
}

var named = regexp.MustCompile(`"[^"]*"|\d+|\S+ -> \S+`)

// vague is f's message without what it names: its path and key, its file and folder,
// quoted values, numbers, and the services of a cycle.
func vague(f verdict.Finding) string {
	folder, base := path.Split(f.File)
	key := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
	message := f.Message
	for _, name := range []string{f.Path, key, f.File, strings.TrimSuffix(folder, "/"), strings.TrimSuffix(base, ".yml")} {
		if name != "" {
			message = strings.ReplaceAll(message, name, "it")
		}
	}
	return named.ReplaceAllString(message, "it")
}

// borrowed gives a finding the message of another rule's.
func borrowed(other []verdict.Finding) mutant {
	return mutant{"foreign", func(f verdict.Finding, _ places) verdict.Finding {
		f.Message = ""
		if len(other) > 0 {
			f.Message = other[0].Message
		}
		return f
	}}
}

// TestEveryRuleIsPinned: the wants of a bad example tell a finding at the wrong place, and
// one with the wrong words, from the right one. What they let pass stands in
// testdata/survivors.txt, each with its reason, and nothing else does.
func TestEveryRuleIsPinned(t *testing.T) {
	t.Parallel()
	found := map[string][]verdict.Finding{}
	for _, r := range registry {
		found[r.Code] = findingsOf(t, r)
	}
	var marks, made int
	var survivors []string
	for i, r := range registry {
		wants, own := wantsOf(t, r.Bad), found[r.Code]
		if len(own) == 0 || len(differences(r.Code, wants, own)) > 0 {
			t.Errorf("%s: the example is not found as its wants say; see TestRuleExamples", r.Code)
			continue
		}
		all := append(slices.Clone(mutants), borrowed(found[registry[(i+1)%len(registry)].Code]))
		marks, made = marks+len(wants), made+len(own)*len(all)
		for _, m := range all {
			if survives(t, r, wants, own, m) {
				survivors = append(survivors, r.Code+" "+m.name)
			}
		}
	}
	t.Logf("%d rules, %d wants, %d mutants, %d mutants of a rule survive", len(registry), marks, made, len(survivors))
	if diff := cmp.Diff(knownSurvivors(t), survivors); diff != "" {
		t.Errorf("mutants that survive (-testdata/survivors.txt +now):\n%s", diff)
	}
}

// survives says that m made one of a rule's findings wrong and the wants do not tell.
func survives(tb testing.TB, r verdict.Rule, wants []want, own []verdict.Finding, m mutant) bool {
	tb.Helper()
	for i := range own {
		wrong := slices.Clone(own)
		wrong[i] = m.mutate(own[i], placesIn(tb, r, own[i].File))
		if len(differences(r.Code, wants, wrong)) == 0 {
			return true
		}
	}
	return false
}

// findingsOf are those of r in its bad example.
func findingsOf(tb testing.TB, r verdict.Rule) []verdict.Finding {
	tb.Helper()
	return slices.DeleteFunc(examine(tb, withoutWants(r.Bad)), func(f verdict.Finding) bool { return f.Rule != r.Code })
}

// knownSurvivors are the mutants in the list, which gives a reason for each.
func knownSurvivors(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile("testdata/survivors.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var known []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		mutant, reason, _ := strings.Cut(line, ":")
		if strings.TrimSpace(reason) == "" {
			tb.Errorf("survivors.txt: %q has no reason", mutant)
		}
		known = append(known, mutant)
	}
	return known
}
