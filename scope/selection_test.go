package scope_test

import (
	"slices"
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/scope"
)

func TestSelection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		s     scope.Selection
		whole bool
		has   bool // of "a"
		units []id.Unit
	}{
		{"the whole fleet", scope.Selection{}, true, true, nil},
		{"none", scope.Only(), false, false, nil},
		{"some, out of order and twice", scope.Only("b", "a", "b"), false, true, []id.Unit{"a", "b"}},
		{"others", scope.Only("b"), false, false, []id.Unit{"b"}},
	} {
		if c.s.Whole() != c.whole || c.s.Has("a") != c.has || !slices.Equal(c.s.Units(), c.units) {
			t.Errorf("%s: whole %v, has a %v, units %q", c.name, c.s.Whole(), c.s.Has("a"), c.s.Units())
		}
	}
}

// TestSelectionsThatDifferSaySo: two runs are one only if their selections are.
func TestSelectionsThatDifferSaySo(t *testing.T) {
	t.Parallel()
	said := map[string]scope.Selection{}
	for _, s := range []scope.Selection{
		scope.Only("a"), scope.Only("a", "b"), scope.Only("a b"), scope.Only(`a" "b`), scope.Only(`"a b"`), scope.Only("a\u00a0b"), scope.Only("a\nb"), scope.Only("ab"),
	} {
		if other, twice := said[s.String()]; twice {
			t.Errorf("%q and %q are both %s", s.Units(), other.Units(), s)
		}
		said[s.String()] = s
	}
	if got := scope.Only("billing", "auth").String(); got != "auth billing" {
		t.Errorf("two names are %q", got)
	}
}
