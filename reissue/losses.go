package reissue

import (
	"context"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

// excusedAttempts is how many attempts at a unit may be lost by the death of a worker that
// had others under way, before such a death speaks against a suspect, too.
const excusedAttempts = 3

// loss is an attempt that will not end by itself.
type loss struct {
	ledger.Attempt
	died    bool // its worker did; else it is overdue
	suspect bool // a worker died over its unit before
	accuses bool // the death of its worker speaks against the unit
}

// losses lists which of the attempts are lost.
//
// A worker decides a suspect in a process of its own, and all others in itself. If it had
// begun any of these, one of them is the likely cause of its death, and the death does
// not speak against its suspects. That excuse holds for a few attempts: a unit that
// still goes down with its workers then is the likelier cause.
func (r *Reissuer) losses(ctx context.Context, attempts []ledger.Attempt) ([]loss, error) {
	limit := r.Plan.Longest() + r.Timing.Overdue
	var lost []loss
	var orphans []id.Unit
	for _, a := range attempts {
		died := a.Silence > r.Timing.Silent
		if died {
			orphans = append(orphans, a.Unit)
		}
		if died || a.Age > limit {
			lost = append(lost, loss{Attempt: a, died: died})
		}
	}
	suspects, err := r.Ledger.Suspects(ctx, r.Run, orphans)
	if err != nil {
		return nil, err
	}
	return accuse(lost, suspects), nil
}

// accuse finds out against which units the deaths of their workers speak.
func accuse(lost []loss, suspects map[id.Unit]bool) []loss {
	inProcess := map[string]bool{} // workers that died and had begun what is no suspect
	for i := range lost {
		l := &lost[i]
		if l.suspect = suspects[l.Unit]; l.died && !l.suspect {
			inProcess[l.Worker] = true
		}
	}
	for i := range lost {
		l := &lost[i]
		excused := l.suspect && inProcess[l.Worker] && l.Number <= excusedAttempts
		l.accuses = l.died && !excused
	}
	return lost
}

// part tells suspects from others. As long as one of a dead worker's suspects is in the
// ledger's list, so must be all that the worker had begun besides.
func part(lost []loss) (suspects, others []loss) {
	for _, l := range lost {
		if l.suspect {
			suspects = append(suspects, l)
		} else {
			others = append(others, l)
		}
	}
	return suspects, others
}
