package aggregator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	f := New(Options{})
	f.AddKnown("billing", "billings", "shipping", "api", "apx", "shopping")
	tests := []struct{ key, want string }{
		{"biling", "billing"},
		{"bilings", "billings"},
		{"shpping", "shipping"},
		{"shxxping", "shipping"},
		{"shxxxing", ""},
		{"ap", ""},     // too short to guess
		{"apy", "api"}, // as near to apx: the first by name
		{"aqy", ""},    // two of three letters off
		{"", ""},
		{"unrelated", ""},
		{strings.Repeat("x", 400), ""},
	}
	near := f.nearest()
	for _, tt := range tests {
		if got := near.to(tt.key); got != tt.want {
			t.Errorf("nearest to %q is %q, want %q", tt.key, got, tt.want)
		}
	}
}

func TestNearestHasABudget(t *testing.T) {
	t.Parallel()
	near := nearest{names: []string{"billing", "shipping"}, budget: 5}
	got := []string{near.to("biling"), near.to("biling"), near.to("shiping"), near.to("bllling")}
	if want := []string{"billing", "billing", "shipping", ""}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("suggestions are %q, want %q: a third name is beyond the budget", got, want)
	}
}

func TestEditsAgreesWithItsDefinition(t *testing.T) {
	t.Parallel()
	words := []string{"", "a", "b", "ab", "ba", "abc", "acb", "billing", "biling", "blilings", "shipping"}
	for _, a := range words {
		for _, b := range words {
			for limit := range 4 {
				want := levenshtein(a, b)
				got := edits(a, b, limit)
				if min(got, limit+1) != min(want, limit+1) {
					t.Errorf("edits(%q, %q, %d) = %d, the distance is %d", a, b, limit, got, want)
				}
			}
		}
	}
}

// levenshtein is the definition, exponential in time.
func levenshtein(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return levenshtein(a[1:], b[1:])
	}
	return 1 + min(levenshtein(a[1:], b), levenshtein(a, b[1:]), levenshtein(a[1:], b[1:]))
}

// BenchmarkExistsNothingMatches is the worst case: every service of a large
// fleet needs a name that does not exist.
func BenchmarkExistsNothingMatches(b *testing.B) {
	f := New(Options{Joins: []verdict.Join{known}})
	for i := range 100_000 {
		name := fmt.Sprintf("service-%06d", i)
		f.AddKnown(name)
		f.Expect(name)
		f.Add(passed(name, claimed(known, verdict.Needs, fmt.Sprintf("missing-%06d", i), 1, "eu")))
	}
	for b.Loop() {
		f.Summary(nil)
	}
}
