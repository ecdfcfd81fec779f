package history

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/impact"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/test/genhistory"
)

// TestImpactHasWhatChanges: the units whose verdicts are other ones after an edit, or another change
// of what verdicts depend on, are among those of which impact says that they differ.
func TestImpactHasWhatChanges(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("%s %d", d, seed), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, genhistory.Options{Dialect: d, Units: inEach, Bad: 0.2, Seed: 100 + seed})
				s := sides{t: t, world: w, dirs: [2]string{t.TempDir(), t.TempDir()}}
				for range *edits / 4 {
					s.step()
					if t.Failed() {
						return
					}
				}
				s.end()
				t.Logf("%d of %d units differed from edit to edit, and of %d the findings or claims", s.told, s.units, s.changed)
				if s.changed == 0 || s.told > s.units/2 {
					t.Error("too few units differed, or too many")
				}
			})
		}
	}
}

// sides are a repository before an edit and after it, in a folder each.
type sides struct {
	t *testing.T
	*world
	dirs [2]string
	laid [2]genhistory.Tree
	now  int // the folder of the last state
	// was is the last state, nil if nothing could be verified in it.
	was     *fleetOf
	said    verdicts
	units   int // in all states
	told    int // of which impact says that they differ
	changed int // of which the verdict did
}

// step makes an edit and compares.
func (s *sides) step() {
	what := s.change(s.t)
	s.now = 1 - s.now
	if err := genhistory.Lay(s.dirs[s.now], s.laid[s.now], s.Tree()); err != nil {
		s.t.Fatal(err)
	}
	s.laid[s.now], s.dir = s.Tree(), s.dirs[s.now]
	is, err := open(s.t.Context(), s.dir, s.set)
	if usage := (*scope.UsageError)(nil); errors.As(err, &usage) && len(s.set.regions) > 0 {
		s.set.regions = nil // the region is gone
		is, err = open(s.t.Context(), s.dir, s.set)
	}
	if err != nil {
		if !errors.Is(err, errNothing) {
			s.t.Fatalf("%v: %v", what, err)
		}
		s.end()
		return
	}
	said := is.verdicts(s.t)
	if s.was != nil {
		s.units += len(said)
		told, changed := checkImpact(s.t, what, s.was, is, s.said, said)
		s.told, s.changed = s.told+told, s.changed+changed
	}
	s.end()
	s.was, s.said = is, said
}

// end forgets the last state.
func (s *sides) end() {
	if s.was != nil {
		closed(s.t, s.was)
	}
	s.was = nil
}

// verdicts are those about all units.
func (f *fleetOf) verdicts(t *testing.T) verdicts {
	t.Helper()
	units, err := f.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := verdicts{}
	for _, u := range units {
		all[u.name] = aboutOf(t, f.decide(t.Context(), u, nil))
	}
	return all
}

// checkImpact wants the units of which two states have other verdicts to be among those that impact
// names, and counts these and those.
func checkImpact(t *testing.T, e genhistory.Edit, was, is *fleetOf, before, after verdicts) (told, changed int) {
	t.Helper()
	m, err := impact.Compare(t.Context(), was.Resolved, is.Resolved)
	if err != nil {
		t.Fatal(err)
	}
	named := map[id.Unit]bool{}
	for _, u := range m.Units {
		named[u.Unit] = true
	}
	differ := differing(before, after)
	for name := range differ {
		if !named[name] {
			t.Errorf("%s (%s): the verdict about %s is another one, and impact does not have it", e.Class, e.Detail, name)
		}
	}
	for name := range differ {
		if before[name].Parts != after[name].Parts {
			changed++
		}
	}
	return len(named), changed
}

// TestImpactOfCommits is TestImpactHasWhatChanges of the commits of a history and those that they follow,
// as git has them.
func TestImpactOfCommits(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			history, err := genhistory.Write(t.Context(), dir, genhistory.Options{Dialect: d, Units: inAll, Bad: 0.1, Seed: 3}, commits, "sha256")
			if err != nil {
				t.Fatal(err)
			}
			states, units, told, changed := map[string]*fleetOf{}, 0, 0, 0
			before := map[string]verdicts{}
			for _, c := range history {
				f, err := openCommit(t.Context(), dir, c.ID, settings{limit: time.Minute})
				if errors.Is(err, errNothing) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				defer closed(t, f)
				states[c.ID], before[c.ID] = f, f.verdicts(t)
				if len(c.Parents) == 0 || states[c.Parents[0]] == nil {
					continue
				}
				n, differ := checkImpact(t, c.Edit, states[c.Parents[0]], f, before[c.Parents[0]], before[c.ID])
				units, told, changed = units+len(before[c.ID]), told+n, changed+differ
			}
			t.Logf("%d of %d units differed from commit to commit, and of %d the findings or claims", told, units, changed)
		})
	}
}
