package policy

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// mark is a verdict.Mark that units have. Several have the same one where it stands in a file
// that they share.
type mark struct {
	wish
	verdict.Mark
	trusted bool
	home    *judged // the innermost unit in which its file lies, nil for a shared file
	decided bool    // its home was decided in whole
}

// marksOf are the marks of a unit, each the same for all units that have it.
func (a *application) marksOf(u *judged) []*mark {
	all := make([]*mark, len(u.unit.Marks))
	for i, m := range u.unit.Marks {
		key := keyOf(m)
		known := a.marks[key]
		if known == nil {
			known = &mark{wish: newWish("mark", m.Rules, m.Reason, m.Until, m.Place, a.policy.Today), Mark: m, trusted: !a.distrusted[m.Place.File][m.Line]}
			a.marks[key] = known
			a.marked = append(a.marked, known)
		}
		if within(m.Place.File, u.unit.Path) && (known.home == nil || len(u.unit.Path) > len(known.home.unit.Path)) {
			known.home, known.decided = u, isDecided(u.unit)
		}
		all[i] = known
	}
	return all
}

// keyOf tells marks apart.
func keyOf(m verdict.Mark) string {
	return fmt.Sprintf("%q %d %d %q %q %q %q %d %d %t", m.Place.File, m.Line, m.Column, m.Path, m.Rules, m.Reason, m.Until, m.First, m.Last, m.File)
}

// within says whether a file lies in a unit. Whose path is not known has all of its files.
func within(file, path string) bool {
	return path == "" || file == path || strings.HasPrefix(file, path+"/")
}

// isDecided says whether a unit was decided in whole: one that is not deployed is looked at in
// its structure alone.
func isDecided(u *aggregator.Unit) bool {
	return (u.Kind == verdict.OK || u.Kind == verdict.Invalid) && u.Skipped == ""
}

// saidOfMarks adds what is to be said of marks to the units in whose files they stand, and
// returns what is of files that units share.
func (a *application) saidOfMarks() (shared []verdict.Finding) {
	for _, m := range a.marked {
		if !m.trusted {
			continue
		}
		said := a.said(&m.wish, func(w word) bool {
			if m.home == nil || a.isJoined(w) {
				return a.whole
			}
			return m.decided && !a.policy.SomeRegions
		})
		if m.home == nil {
			shared = append(shared, said...)
		} else {
			m.home.said = append(m.home.said, said...)
		}
	}
	return shared
}

// isJoined says whether a word stands for a rule across units, among others.
func (a *application) isJoined(w word) bool {
	for _, code := range a.policy.Joined {
		if w.names(a.vocabulary.of(code, "")) {
			return true
		}
	}
	return false
}
