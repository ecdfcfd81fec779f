package fleet_test

import (
	"testing"

	"github.com/seed306eabeb/muster/fleet"
)

func TestWhatUnitsAreCalled(t *testing.T) {
	t.Parallel()
	named := fleet.Kind{Name: "service", At: []string{"services/*/"}, ByName: true}
	ports := fleet.Kind{Name: "port", At: []string{"ports/*/"}}
	for want, layouts := range map[fleet.Noun][]fleet.Layout{
		fleet.Services: {{Kinds: []fleet.Kind{named}}, {Kinds: []fleet.Kind{ports, named}}},
		fleet.Units:    {{Kinds: []fleet.Kind{ports}}, {}},
	} {
		for _, l := range layouts {
			if got, again := l.Called(), fleet.CalledIn(l.Named()); got != want || again != want {
				t.Errorf("units of %v are called %v, and %v by their folder; want %v", l.Kinds, got, again, want)
			}
		}
	}
	if got := fleet.CalledIn(""); got != fleet.Services {
		t.Errorf("where an older program has not said where they lie, units are called %v", got)
	}
}
