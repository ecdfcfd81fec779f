package metrics

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

// How many values of a label are told: the further ones are added up as other. Repositories name
// commands, and so lanes; enqueuers name queues; workers tell versions.
const (
	maxLanes    = 200
	maxQueues   = 50
	maxCommands = 200
	maxVersions = 20
)

// picture is what Redis knew at one moment, by what stands in labels.
type picture struct {
	runs     map[runKey]int
	lanes    map[laneKey]*laneNow
	workers  int
	versions map[string]int
	commands map[string]*commandNow
}

type runKey struct{ queue, state string }

type laneKey struct{ queue, lane string }

type laneNow struct {
	expected, decided, undecided, stranded int
	oldest                                 time.Duration
	workers, slots                         int
}

type commandNow struct {
	workers, slots int
	engines        map[string]bool
}

// newPicture adds up what workers, announcements and runs say.
func newPicture(workers []ledger.Worker, announced []string, runs []ledger.OpenRun) picture {
	p := picture{workers: len(workers), runs: map[runKey]int{}, lanes: map[laneKey]*laneNow{}, versions: map[string]int{}, commands: map[string]*commandNow{}}
	lanes, queues := lanesOf(workers, announced, runs)
	laneLabels, queueLabels := labels(lanes, maxLanes), labels(queues, maxQueues)
	lane := func(name string) *laneNow {
		queue, _ := id.ParseLane(name)
		return entry(p.lanes, laneKey{queueLabels[queue], laneLabels[name]})
	}
	for name := range lanes {
		lane(name).add(name, workers)
	}
	for _, r := range runs {
		p.runs[runKey{queueLabels[r.Plan.Queue], stateOf(r)}]++
		for name, units := range r.ByLane() {
			lane(name).count(r, units)
		}
	}
	p.countVersions(workers)
	p.countOffers(workers)
	return p
}

// entry is what a map has for a key, made if it has nothing.
func entry[K comparable, V any](of map[K]*V, key K) *V {
	if of[key] == nil {
		of[key] = new(V)
	}
	return of[key]
}

// labels are what stands in a label for each name: of too many, all after the first by name are
// other.
func labels(names map[string]bool, most int) map[string]string {
	all := map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(names)) {
		if all[name] = fit(name); i >= most {
			all[name] = other
		}
	}
	return all
}

// lanesOf names all lanes, and their queues, that anything is to be said of.
func lanesOf(workers []ledger.Worker, announced []string, runs []ledger.OpenRun) (lanes, queues map[string]bool) {
	lanes, queues = map[string]bool{}, map[string]bool{}
	add := func(lane string) {
		queue, _ := id.ParseLane(lane)
		lanes[lane], queues[queue] = true, true
	}
	for _, w := range workers {
		for _, q := range w.Queues {
			add(q)
		}
	}
	for _, lane := range announced {
		add(lane)
	}
	for _, r := range runs {
		add(r.Plan.Queue)
		for lane := range r.ByLane() {
			add(lane)
		}
	}
	return lanes, queues
}

// add counts the workers that can take tasks of a lane.
func (l *laneNow) add(name string, workers []ledger.Worker) {
	for _, w := range workers {
		if slots := w.SlotsOf(name); slots > 0 {
			l.workers++
			l.slots += slots
		}
	}
}

// count counts the units that a run has in a lane.
func (l *laneNow) count(r ledger.OpenRun, units ledger.LaneUnits) {
	if r.Care != ledger.CaredFor {
		l.stranded += units.Undecided()
		return
	}
	l.expected += units.Expected
	l.decided += units.Decided
	if n := units.Undecided(); n > 0 {
		l.undecided += n
		l.oldest = max(l.oldest, r.Now.Sub(r.Started))
	}
}

// stateOf is the state of a run that has not ended.
func stateOf(r ledger.OpenRun) string {
	if r.Care != ledger.CaredFor {
		return string(r.Care)
	}
	return string(r.State)
}

func (p picture) countVersions(workers []ledger.Worker) {
	names := map[string]bool{}
	for _, w := range workers {
		names[w.Version] = true
	}
	label := labels(names, maxVersions)
	for _, w := range workers {
		p.versions[label[w.Version]]++
	}
}

func (p picture) countOffers(workers []ledger.Worker) {
	names := map[string]bool{}
	for _, w := range workers {
		for _, o := range w.Offers {
			names[o.Name] = true
		}
	}
	label := labels(names, maxCommands)
	for _, w := range workers {
		for _, o := range w.Offers {
			c := entry(p.commands, label[o.Name])
			if c.engines == nil {
				c.engines = map[string]bool{}
			}
			if slots := min(o.Slots, w.CommandSlots); slots > 0 { // else it stops
				c.workers++
				c.slots += slots
			}
			c.engines[o.Name+" "+o.Engine] = true
		}
	}
}

// tell gives each number to gauge.
func (p picture) tell(gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	for k, n := range p.runs {
		gauge(runsOpen, float64(n), k.queue, k.state)
	}
	for k, l := range p.lanes {
		gauge(expected, float64(l.expected), k.queue, k.lane)
		gauge(decided, float64(l.decided), k.queue, k.lane)
		gauge(undecided, float64(l.undecided), k.queue, k.lane)
		gauge(stranded, float64(l.stranded), k.queue, k.lane)
		gauge(oldest, l.oldest.Seconds(), k.queue, k.lane)
		gauge(laneWorkers, float64(l.workers), k.queue, k.lane)
		gauge(laneSlots, float64(l.slots), k.queue, k.lane)
	}
	gauge(workersLive, float64(p.workers))
	for version, n := range p.versions {
		gauge(versions, float64(n), version)
	}
	for name, c := range p.commands {
		gauge(cmdWorkers, float64(c.workers), name)
		gauge(cmdSlots, float64(c.slots), name)
		gauge(cmdEngines, float64(len(c.engines)), name)
	}
}
