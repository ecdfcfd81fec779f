package ledger_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

var (
	oneSeed   = flag.Uint64("ledger.seed", 0, "run the schedule of this seed only")
	seedCount = flag.Uint64("ledger.seeds", 60, "how many seeds to run, from 1")
	stepCount = flag.Int("ledger.steps", 150, "how many steps a schedule has")
)

// TestSchedules drives a run through random schedules, next to a model of it, and
// compares the two after each step.
func TestSchedules(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name  string
		start func(testing.TB) string
		share uint64 // of the seeds, one in so many
		every []string
	}{{"redis-server", redistest.Server, 1, reached}, {"miniredis", redistest.Mini, 6, nil}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			url, hits := kind.start(t), &answers{n: map[string]int{}}
			t.Run("seed", func(t *testing.T) {
				for seed := range *seedCount / kind.share {
					runSeed(t, url, seed+1, hits)
				}
			})
			for _, h := range kind.every {
				if hits.n[h] == 0 && *oneSeed == 0 && *seedCount >= 60 && *stepCount >= 150 {
					t.Errorf("no schedule has reached %q: they are too tame", h)
				}
			}
		})
	}
}

func runSeed(t *testing.T, url string, seed uint64, hits *answers) {
	if *oneSeed != 0 && seed != 1 {
		return
	}
	if *oneSeed != 0 {
		seed = *oneSeed
	}
	t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
		t.Parallel()
		schedule, random := make([]byte, stepBytes**stepCount), rand.New(rand.NewPCG(seed, 1))
		for i := range schedule {
			schedule[i] = byte(random.Uint32())
		}
		newWorld(t, url, fmt.Sprintf("seed-%d", seed), hits).play(t, schedule)
	})
}

// FuzzSchedule is TestSchedules with schedules that the fuzzer thinks up. The same
// schedule covers other lines of the Redis client each time, so that minimizing
// leads nowhere: run it with -fuzzminimizetime=1x.
func FuzzSchedule(f *testing.F) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 2))
		schedule := make([]byte, stepBytes*100)
		for i := range schedule {
			schedule[i] = byte(random.Uint32())
		}
		f.Add(schedule)
	}
	url, runs := redistest.Server(f), 0
	f.Fuzz(func(t *testing.T, schedule []byte) {
		runs++
		w := newWorld(t, url, fmt.Sprintf("fuzz-%d", runs), &answers{n: map[string]int{}})
		w.play(t, schedule[:min(len(schedule), 300*stepBytes)])
		must(t, w.client.FlushDB(t.Context()).Err())
	})
}

// answers counts what schedules have reached: "step answer".
type answers struct {
	sync.Mutex
	n map[string]int
}

// reached is what must come up: schedules that do little prove little.
var reached = strings.Split("open opened,open continued,open owned,open gone,leave ok,leave replaced,"+
	"addExpected ok,addExpected gone,addExpected replaced,addExpected sealed,addKnown ok,addKnown gone,addKnown replaced,"+
	"expect expected,expect decided,expect ended,expect changed,expect gone,expect replaced,seal ok,seal refused,seal gone,seal replaced,"+
	"markAlive ok,markAlive gone,markAlive replaced,end ok,end replaced,follow ok,follow gone,"+
	"hit recorded,hit decided,hit stale,hit ended,hit gone,hit replaced,hitAgain recorded,hitAgain decided,hitAgain replaced,list ok,list sealed,list recorded,list decided,list ended,list replaced,"+
	"restore ok,restore changed,restore gone,restore replaced,reseal ok,reseal refused,reseal gone,reseal replaced,"+
	"complete noted,complete no,complete gone,complete replaced,cancel ok,"+
	"begin go,begin decided,begin ended,begin stale,begin gone,release ok,record recorded,record duplicate,"+
	"record contradiction,record stale,record ended,record gone,refuse recorded,bundleMissing ok,overdue again,overdue taken,overdue alone,"+
	"handOver ok,handOver replaced,claim go,claim replaced,claim ended,claim attached,claim decided,claim overdue,claim held,endOverdue ok,"+
	"overdue ended,overdue decided,look alone,look taken,look condemned", ",")

// world is a run in Redis, the model of it, and what travels between its workers.
type world struct {
	books
	network  *lossy
	run      id.Run
	model    *model
	hits     *answers
	versions map[id.Unit]int // of the units' folders
	owners   []ownership     // the processes that have owned the run, the last one last
	tasks    []task          // all that were ever pushed
	hands    []delivery      // all that were ever begun
	position string          // how far the history was read
	heard    []string        // the history of this epoch, as read step by step
	opened   string          // the generation of which the history has told last
	log      strings.Builder
}

var (
	fleet = []id.Unit{"s0", "s1", "s2", "s3", "s4"}
	crew  = []string{"w0", "w1", "w2"}
)

func newWorld(t testing.TB, url, run string, hits *answers) *world {
	t.Helper()
	b, network := openLossy(t, url, ledger.Timing{OrphanAfter: deathAge / 2, OrphanGrace: deathAge / 4, OwnerSilence: deathAge / 2})
	return &world{books: b, network: network, run: id.Run(run), model: newModel(), hits: hits, versions: map[id.Unit]int{}, position: ledger.Start}
}

// stepBytes is how many bytes of a schedule make a step: what, with what (twice),
// and whether replies are lost.
const stepBytes = 4

func (w *world) play(t *testing.T, schedule []byte) {
	w.step(t, 0, step{"open", openRun}, 1, 0)
	for i := 0; i+stepBytes <= len(schedule); i += stepBytes {
		s := schedule[i : i+stepBytes]
		w.network.on = s[3]%3 == 0
		w.step(t, i/stepBytes+1, steps[int(s[0])%len(steps)], s[1], s[2])
		w.network.on = false
	}
	w.checkFold(t)
	w.checkEarlier(t)
}

func (w *world) step(t *testing.T, i int, s step, a, b byte) {
	lost := map[bool]string{true: " (replies lost)"}[w.network.on]
	fmt.Fprintf(&w.log, "%d %s%s", i, s.name, lost)
	s.take(w, t, a, b)
	w.log.WriteByte('\n')
	w.network.on = false
	w.listen(t)
	if diff := cmp.Diff(w.model.picture(), w.picture(t), cmpopts.EquateEmpty()); diff != "" {
		w.fail(t, "the run (-model +ledger):\n"+diff)
	}
	if diff := cmp.Diff(w.model.history, w.heard); diff != "" {
		w.fail(t, "its history (-model +ledger):\n"+diff)
	}
}

func (w *world) fail(t *testing.T, what string) {
	t.Helper()
	t.Fatalf("%s\nafter the schedule:\n%s", what, w.log.String())
}

// answer compares what the ledger and the model say to one call.
func (w *world) answer(t *testing.T, call, got, want string) {
	t.Helper()
	name, _, _ := strings.Cut(call, " ")
	word, _, _ := strings.Cut(got, " ")
	w.hits.Lock()
	w.hits.n[name+" "+word]++
	w.hits.Unlock()
	fmt.Fprintf(&w.log, "; %s: %s", call, got)
	if got != want {
		w.fail(t, fmt.Sprintf("%s: the ledger says %q, the model %q", call, got, want))
	}
}

// word puts an error that the ledger returns into the model's words.
func word(err error, ok string) string {
	changed, owned := (*ledger.ChangedError)(nil), (*ledger.OwnedError)(nil)
	switch {
	case err == nil:
		return ok
	case errors.Is(err, ledger.ErrGone):
		return "gone"
	case errors.As(err, &changed):
		return "changed " + string(changed.Was)
	case errors.Is(err, ledger.ErrOtherTotal):
		return "refused"
	case errors.Is(err, ledger.ErrReplaced):
		return "replaced"
	case errors.Is(err, ledger.ErrSealed):
		return "sealed"
	case errors.As(err, &owned):
		return "owned"
	}
	return err.Error()
}

// listen reads on in the run's history. What was before the run was continued is no part
// of it.
func (w *world) listen(t *testing.T) {
	t.Helper()
	h, err := w.Read(t.Context(), w.run, w.position, -1)
	must(t, err)
	w.position = h.Next
	for _, e := range h.Events {
		if e.Kind == ledger.RunOpened {
			w.heard, w.opened = nil, string(e.Unit)
		}
		w.heard = append(w.heard, line(e))
	}
}

// line is an event in the model's words. The generation of a run is random.
func line(e ledger.Event) string {
	if e.Kind == ledger.RunOpened {
		return string(e.Kind)
	}
	body := string(e.Body)
	if e.Kind == ledger.VerdictsKept {
		body = strings.Join(pointedTo(e), " ")
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Kind, e.Unit, body))
}

func pointedTo(e ledger.Event) (all []string) {
	hits, err := ledger.Pointers(e)
	if err != nil {
		return []string{err.Error()}
	}
	for _, p := range hits {
		all = append(all, pointed(p))
	}
	return all
}

// checkEarlier compares what the owner can read of the epoch before.
func (w *world) checkEarlier(t *testing.T) {
	t.Helper()
	o, ok := w.owner(0)
	if !ok {
		return
	}
	var earlier []string
	must(t, o.Earlier(t.Context(), func(e ledger.Event) { earlier = append(earlier, line(e)) }))
	if diff := cmp.Diff(w.model.earlier, earlier, cmpopts.EquateEmpty()); diff != "" {
		w.fail(t, "the earlier history (-model +ledger):\n"+diff)
	}
}

// picture is what the ledger shows of the run.
func (w *world) picture(t *testing.T) picture {
	t.Helper()
	p := picture{Total: -1, Kinds: map[verdict.Kind]int{}, Units: map[id.Unit]id.Digest{}, Known: map[id.Unit]bool{}, InProgress: map[id.Unit]string{}}
	h, err := w.Header(t.Context(), w.run)
	if err != nil && !errors.Is(err, ledger.ErrGone) {
		t.Fatal(err)
	}
	if p.There = err == nil; p.There {
		p.AllPushed, p.Detached, p.Over, p.State, p.Total, p.Listed, p.Decided = h.AllPushed, h.Detached, h.Ended(), h.State, h.Total, h.Listed, h.Decided
		p.Continued, p.Abandoned, p.Epoch, p.Base, p.Owned = !h.EarlierStarted.IsZero(), h.Abandoned, h.Epoch, h.Base, ownedOf(h)
		p.Tallies, p.Final, p.Ending, p.Kinds = h.Tallies, h.Final, h.Ending, h.Kinds
		p.Ending.By = strings.Replace(p.Ending.By, string(w.run)+":", "", 1)
		maps.DeleteFunc(p.Kinds, func(_ verdict.Kind, n int) bool { return n == 0 })
	} else if keys := w.client.Keys(t.Context(), w.key("*")).Val(); len(keys) > 0 {
		w.fail(t, fmt.Sprintf("the run is gone, and has keys: %q", keys))
	}
	must(t, w.EachExpected(t.Context(), w.run, func(u id.Unit, d id.Digest) { p.Units[u] = d }))
	must(t, w.EachKnown(t.Context(), w.run, func(u id.Unit) { p.Known[u] = true }))
	for key, units := range map[string]*[]id.Unit{"waiting": &p.Waiting, "claimed": &p.Claimed} {
		for _, u := range w.client.ZRange(t.Context(), w.key(key), 0, -1).Val() {
			*units = append(*units, id.Unit(u))
		}
	}
	slices.Sort(p.Claimed)
	p.Attempts, err = w.Attempts(t.Context(), w.run)
	must(t, err)
	for _, a := range w.inProgress(t) {
		p.InProgress[a.Unit] = fmt.Sprintf("%d by %s, heard %s", a.Number, w.short(a.Worker), heardOf(a.Silence))
	}
	return p
}

// ownedOf is when the owner was heard, roughly.
func ownedOf(h ledger.Header) hearing {
	if h.Owned.IsZero() {
		return neverSeen
	}
	return heardOf(h.Now.Sub(h.Owned))
}

func (w *world) inProgress(t *testing.T) []ledger.Attempt {
	t.Helper()
	all, err := w.InProgress(t.Context(), w.run)
	must(t, err)
	slices.SortFunc(all, func(a, b ledger.Attempt) int { return strings.Compare(string(a.Unit), string(b.Unit)) })
	return all
}

// key is that of a part of the run in Redis.
func (w *world) key(part string) string { return "muster:{" + string(w.run) + "}:" + part }

// Workers are known to the whole Redis: each schedule has its own.
func (w *world) full(worker string) string  { return string(w.run) + ":" + worker }
func (w *world) short(worker string) string { return strings.TrimPrefix(worker, string(w.run)+":") }

func heardOf(silence time.Duration) hearing {
	switch {
	case silence == ledger.NeverSeen:
		return neverSeen
	case silence > deathAge/2:
		return longAgo
	}
	return lately
}

// checkFold folds the run's history from the beginning and compares the outcome
// with the model: every expected unit is on one side, once, with the verdict
// that stands.
func (w *world) checkFold(t *testing.T) {
	t.Helper()
	fold := aggregator.New(aggregator.Options{})
	h, err := w.Read(t.Context(), w.run, ledger.Start, -1)
	must(t, err)
	var lines []string
	for _, e := range h.Events {
		lines = append(lines, line(e))
		if e.Kind == ledger.VerdictRecorded {
			v, err := verdict.Decode(e.Body)
			must(t, err)
			fold.Add(v)
		}
		if e.Kind == ledger.VerdictsKept {
			hits, err := ledger.Pointers(e)
			must(t, err)
			for _, p := range hits {
				fold.Add(keptVerdict(p))
			}
		}
	}
	if diff := cmp.Diff(w.model.history, lines); diff != "" {
		w.fail(t, "the history from the beginning (-model +ledger):\n"+diff)
	}
	want := map[id.Unit]verdict.Kind{}
	for name, s := range w.model.units {
		fold.Expect(name)
		want[name] = verdict.Missing
		if s.verdict != nil {
			want[name] = s.verdict.Kind
		}
	}
	summary, got := fold.Summary(nil), map[id.Unit]verdict.Kind{}
	for _, u := range slices.Concat(summary.OKs, summary.Errs) {
		if _, twice := got[u.Name]; twice {
			w.fail(t, string(u.Name)+" is reported twice")
		}
		got[u.Name] = u.Kind
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.fail(t, "the fold of its history (-model +fold):\n"+diff)
	}
	if told := len(summary.Conflicts) > 0; told != (w.model.tallies.Contradictions > 0) {
		w.fail(t, fmt.Sprintf("%d contradictions, and the fold knows %q", w.model.tallies.Contradictions, summary.Conflicts))
	}
}
