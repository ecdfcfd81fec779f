package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// TestTemplatesOfAServiceShareABudget: thousands of templates that each take as
// long as one may are refused together in about the time of a few.
func TestTemplatesOfAServiceShareABudget(t *testing.T) {
	t.Parallel()
	s, err := open(readCorpus(t, directedCorpus).fleets["base"])
	if err != nil {
		t.Fatal(err)
	}
	var m strings.Builder
	fmt.Fprint(&m, strings.Replace(fuzzManifest, "configs:", "#", 1), "env:\n")
	for i := range 2000 {
		fmt.Fprintf(&m, "  A%d: \"{%% for a in range(end=9999) %%}{%% for b in range(end=9999) %%}%d{%% endfor %%}{%% endfor %%}\"\n", i, i)
	}
	start := time.Now()
	unit := check.Unit{Name: "svc", Files: fstest.MapFS{manifestFile: {Data: []byte(m.String())}}}
	d, err := s.Check(t.Context(), unit, s.Regions())
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	slow := func(f verdict.Finding) bool { return isRule(f, ruleTemplateRender) }
	if !slices.ContainsFunc(d.Findings, slow) {
		t.Errorf("no finding of %s among %v", ruleTemplateRender.Code, d.Findings)
	}
}
