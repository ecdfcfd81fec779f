package declared_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/schema"
)

// TestMistakesAreDocumented: what a finding may be called stands on the pages, and is explained once.
func TestMistakesAreDocumented(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/checks/*.md")
	if err != nil || len(pages) < 7 {
		t.Fatalf("pages %q, %v", pages, err)
	}
	var text strings.Builder
	for _, page := range append(pages, "../../docs/muster-yaml.md") {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	seen := map[string]bool{}
	for _, m := range declared.Mistakes() {
		if seen[m.Name] || m.Summary == "" || !strings.Contains(text.String(), m.Name) {
			t.Errorf("%s of %s is told twice, says nothing, or stands on no page: %q", m.Name, m.Verb, m.Summary)
		}
		seen[m.Name] = true
	}
	for _, r := range schema.Rules()[:16] { // those in documents are the first
		if !seen[r.Name] {
			t.Errorf("%s is not explained", r.Name)
		}
	}
}
