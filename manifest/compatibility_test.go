package manifest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/seed306eabeb/muster/verdict"
)

// A section of docs/compatibility.md: a reason and its examples.
type section struct {
	name     string
	examples []example
}

// An example is a command on some files, what shipcat says and what we say,
// with the code of whoever rejects.
type example struct {
	outcome
	ours string // accepts or rejects
	rule string
}

var (
	sectionHead = regexp.MustCompile(`(?m)^### (.+)$`)
	exampleText = regexp.MustCompile("(?ms)^`([^`]+)`: shipcat (accepts|rejects)(?: \\(([^)]+)\\))?, muster (accepts|rejects)(?: \\(([^)]+)\\))?\\.\n\n```\n(.*?)^```$")
)

func compatibilityPage(t *testing.T) []section {
	t.Helper()
	data, err := os.ReadFile("../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ := strings.Cut(string(data), "\n## Kept")
	heads := sectionHead.FindAllStringSubmatchIndex(page, -1)
	sections := make([]section, len(heads))
	for i, h := range heads {
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		sections[i] = section{name: page[h[2]:h[3]], examples: examplesIn(page[h[1]:end])}
	}
	return sections
}

func examplesIn(text string) []example {
	var all []example
	for i, m := range exampleText.FindAllStringSubmatch(text, -1) {
		e := example{ours: m[4], rule: m[5]}
		e.ID, e.Cmd, e.Verdict, e.Code = fmt.Sprintf("example %d", i+1), m[1], strings.TrimSuffix(m[2], "s"), m[3]
		e.Files = map[string]*string{}
		for _, f := range txtar.Parse([]byte(m[6])).Files {
			content := string(f.Data)
			e.Files[f.Name] = &content
		}
		all = append(all, e)
	}
	return all
}

// TestCompatibilityPage keeps the page and the code in step: a section for each
// reason, in the same order, whose examples we judge as it says, and for which
// that reason is the explanation.
func TestCompatibilityPage(t *testing.T) {
	t.Parallel()
	base := readCorpus(t, directedCorpus).fleets["base"]
	j := &judge{}
	var names []string
	for _, s := range compatibilityPage(t) {
		names = append(names, s.name)
		if len(s.examples) == 0 {
			t.Errorf("%s has no example", s.name)
		}
		for _, e := range s.examples {
			var err error
			if e.found, e.external, err = j.rejections(t.Context(), overlaid(base, e.Files), e.Cmd); err != nil {
				t.Fatal(err)
			}
			checkExample(t, s.name, e)
		}
	}
	var reasonNames []string
	for _, r := range reasons {
		reasonNames = append(reasonNames, r.name)
	}
	if !slices.Equal(names, reasonNames) {
		t.Errorf("on the page: %q\nin the code: %q", names, reasonNames)
	}
}

func checkExample(t *testing.T, reason string, e example) {
	t.Helper()
	found := slices.Concat(e.found, e.external)
	if e.accepted() != (e.ours == "accepts") {
		t.Errorf("%s, %s: muster %s it no more: %v", reason, e.ID, e.ours, found)
	}
	if wrong := func(f verdict.Finding) bool { return f.Rule != e.rule }; slices.ContainsFunc(found, wrong) {
		t.Errorf("%s, %s: want nothing but %s, got %v", reason, e.ID, e.rule, found)
	}
	if got := explain(e.outcome); got != reason {
		t.Errorf("%s, %s: explained by %q", reason, e.ID, got)
	}
}
