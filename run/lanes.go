package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
)

// lanes are the queues of a run in the order of its plan, and which of them a unit waits in. A run
// whose units need no command has one.
type lanes struct {
	names []string
	kind  func(id.Unit) string // of a unit, by its name
	of    map[string]int       // kind → its lane
	// lacking are those with units that this process cannot decide.
	lacking []bool
}

// lanesOf are the lanes of a run over a scope.
func lanesOf(p ledger.Plan, s scope.Resolved) lanes {
	l := lanes{names: p.Lanes(), kind: s.KindNames(), of: map[string]int{}}
	l.lacking = make([]bool, len(l.names))
	for i, k := range p.All() {
		lane := slices.Index(l.names, p.Lane(k.Kind))
		l.of[k.Kind] = lane
		l.lacking[lane] = l.lacking[lane] || len(s.Kinds[i].Session.Lacking()) > 0
	}
	return l
}

// several says whether units wait in different ones.
func (l lanes) several() bool { return len(l.names) > 1 }

// lane is the one that a unit waits in.
func (l lanes) lane(unit id.Unit) int {
	if !l.several() {
		return 0
	}
	return l.of[l.kind(unit)]
}

// laneForce is who works in one lane.
type laneForce struct {
	slots  int  // of the workers that are alive
	paused bool // none of them takes a task
}

// forceOf counts who works in a run's lanes. served are the live workers of its queue.
func forceOf(lanes []string, workers []ledger.Worker, paused []bool) workforce {
	force := workforce{lanes: make([]laneForce, len(lanes))}
	queue, _ := id.ParseLane(lanes[0])
	for _, w := range workers {
		if slices.Contains(w.Queues, queue) && w.Slots+w.CommandSlots > 0 {
			force.workers = append(force.workers, w)
		}
	}
	for i, lane := range lanes {
		force.lanes[i].paused = paused[i]
		for _, w := range force.workers {
			force.lanes[i].slots += w.SlotsOf(lane)
		}
	}
	return force
}

// offers are the commands that somebody of the workforce runs, sorted.
func (m workforce) offers() (names []string) {
	for _, w := range m.workers {
		for _, o := range w.Offers {
			if o.Slots > 0 && id.IsCommand(o.Name) {
				names = append(names, o.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lacks says that nobody of the workforce can meet the needs of a lane, in which as many units wait as
// waiting says, and what they can do.
func (m workforce) lacks(lane, waiting string) string {
	queue, needs := id.ParseLane(lane)
	offers := "the live workers offer no command"
	if names := m.offers(); len(names) > 0 {
		offers = "the live workers offer: " + strings.Join(names, ", ")
	}
	workers := fmt.Sprintf("%d workers", len(m.workers))
	if len(m.workers) == 1 {
		workers = "1 worker"
	}
	return fmt.Sprintf("no live worker of %s offers %s (%s); %s (%s)", queue, commands(needs), waiting, offers, workers)
}

// commands names commands that a unit needs together.
func commands(names []string) string {
	if len(names) == 1 {
		return "the command " + names[0]
	}
	return "the commands " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " together"
}

// printable is a text that some worker has told, without what a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// otherwise are the commands that workers offer by several engines, each with what people are told of
// it.
func (m workforce) otherwise(needs []string) map[string]string {
	said := map[string]string{}
	for _, command := range needs {
		by, versions := map[string][]string{}, map[string]string{}
		for _, w := range m.workers {
			for _, o := range w.Offers {
				if o.Name == command && o.Slots > 0 {
					by[o.Engine], versions[o.Engine] = append(by[o.Engine], printable(w.Name)), printable(o.Version)
				}
			}
		}
		if len(by) < 2 {
			continue
		}
		var all []string
		for engine, workers := range by {
			slices.Sort(workers)
			all = append(all, fmt.Sprintf("%s (engine %.12s) on %s", cmp.Or(versions[engine], "unknown version"), printable(engine), strings.Join(workers, ", ")))
		}
		slices.Sort(all)
		said[command] = strings.Join(all, "; ")
	}
	return said
}
