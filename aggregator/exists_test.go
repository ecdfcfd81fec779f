package aggregator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/id"
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
	near := newNearest([]string{"billing", "shipping"})
	near.budget = 5
	got := []string{near.to("biling"), near.to("biling"), near.to("shiping"), near.to("bllling")}
	if want := []string{"billing", "billing", "shipping", ""}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("suggestions are %q, want %q: a third name is beyond the budget", got, want)
	}
}

// BenchmarkExistsNothingMatches is the worst case: every unit of a large fleet needs a
// name that does not exist.
func BenchmarkExistsNothingMatches(b *testing.B) {
	f := New(Options{Joins: []verdict.Join{known}})
	for i := range 100_000 {
		name := fmt.Sprintf("service-%06d", i)
		f.AddKnown(id.Unit(name))
		f.Expect(id.Unit(name))
		f.Add(passed(name, claimed(known, verdict.Needs, fmt.Sprintf("missing-%06d", i), 1, "eu")))
	}
	for b.Loop() {
		f.Summary(nil)
	}
}
