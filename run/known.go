package run

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// Cache is what a run may use of decisions that are kept. The zero value uses none.
type Cache struct {
	// Store is where the enqueuer looks up what is known; without one it leaves that to the workers.
	Store cache.Store
	// Local keeps how units lie in a checkout that it is beside, so that they need not be read to be looked
	// up; nil for nothing.
	Local cache.Store
	// Domains are those whose decisions are trusted, the first ones first; no run is the same
	// in others.
	Domains []string
	// Read lets decisions that are kept stand for new ones, and Write lets workers keep what they decide.
	Read, Write bool
	// Life is for how long the store keeps what nobody writes again; 0 is for ever.
	Life time.Duration
	// Reverify is the share of what is known, above 0 and up to 1, that is decided again before the rest is
	// believed; 0 is none.
	Reverify float64
}

// plan is what tasks say of it; nil for nothing. f names the objects of the source, "" for none. Workers
// decide what they get in a run that decides again what is known: nothing that they know was put to the
// test.
func (c Cache) plan(f blob.Format) *ledger.CachePlan {
	if len(c.Domains) == 0 || !c.Read && !c.Write {
		return nil
	}
	return &ledger.CachePlan{Domains: c.Domains, Objects: string(f), Read: c.Read && c.Reverify == 0, Write: c.Write}
}

// formatOf is how a source names objects, "" where it does not.
func formatOf(s fleet.Source) blob.Format {
	if named, ok := s.(fleet.Named); ok {
		return named.Format()
	}
	return ""
}

// Cached is how many units have verdicts that were made before the run and kept, and when the
// earliest and the latest of these decisions were made.
type Cached struct {
	Units          int
	Oldest, Newest time.Time
}

// add counts a unit whose decisions were made from then on.
func (c *Cached) add(made [2]time.Time) {
	c.Units++
	if c.Oldest.IsZero() || made[0].Before(c.Oldest) {
		c.Oldest = made[0]
	}
	if made[1].After(c.Newest) {
		c.Newest = made[1]
	}
}

// madeOf is when the earliest and the latest decision of a hit were made.
func madeOf(entries []*cache.Entry) (made [2]time.Time) {
	for i, e := range entries {
		if i == 0 || e.Made.Before(made[0]) {
			made[0] = e.Made
		}
		if e.Made.After(made[1]) {
			made[1] = e.Made
		}
	}
	return made
}

const (
	// inquiriesAtOnce is how many batches are looked up at once: while one waits for the store, the others
	// use the cores.
	inquiriesAtOnce = 4
	// mostFailures is how often a store may fail before a run does without.
	mostFailures = 3
	// packedAhead bounds the bytes of units that were packed to be looked up and wait to be fed. Beyond,
	// a unit is packed again.
	packedAhead = 64 << 20
)

// inquirer stands between the lister and the backlog: it finds out which units have a verdict already,
// and passes on the others. Units go by in batches, for each of which it asks twice: to which bytes the
// names lead by which git knows a unit's files, and what is known of these bytes.
type inquirer struct {
	scope   scope.Resolved
	named   fleet.Named     // nil for a source that has no names
	recipes []*cache.Recipe // by the kind in the layout; nil where not all can be known
	lookup  *cache.Lookup
	life    time.Duration // 0: nothing is too old
	timeout time.Duration // of one question
	backlog *backlog
	lane    func(id.Unit) int
	pack    reading
	tell    func(context.Context, message)
	// hit notes what is known where other processes find it.
	hit func(context.Context, []ledger.Pointer) error
	// list does so too, and records the names of these units and others; nil where they are recorded before they
	// come here.
	list func(context.Context, []id.Unit, []ledger.Pointer) error
	// reverify puts what is known to the test before it is believed; nil believes it.
	reverify *reverifier
	changed  func(id.Unit) bool // says of a unit that it has; nil where nobody knows
	recaller *recaller          // nil: what has no names is read
	log      *slog.Logger

	batches  chan []id.Unit
	passed   chan struct{} // closed once all batches were passed on
	ahead    *atomic.Int64 // bytes that are packed ahead
	failures atomic.Int32
	unranked atomic.Bool // nobody is asked any more what became of units
	warned   sync.Once
}

// inquirerOf makes the one of a run over Redis, by what the workers of its queue tell.
func inquirerOf(ctx context.Context, o Options, s scope.Resolved) (*inquirer, error) {
	if o.Cache.Store == nil || !o.Cache.Read {
		return nil, nil
	}
	workers, err := o.Ledger.Workers(ctx, o.Timing.Reissue.Silent)
	if err != nil {
		return nil, err
	}
	return newInquirer(ctx, o, s, workers), nil
}

// newInquirer makes the one of a run that looks up what is known, nil for one that does not. workers are
// those that are alive.
func newInquirer(ctx context.Context, o Options, s scope.Resolved, workers []ledger.Worker) *inquirer {
	c := o.Cache
	if c.Store == nil || !c.Read || len(c.Domains) == 0 {
		return nil
	}
	q := &inquirer{scope: s, life: c.Life, timeout: o.Timing.Cache, log: o.Log, batches: make(chan []id.Unit), passed: make(chan struct{}), ahead: new(atomic.Int64)}
	if !c.Write {
		q.life = 0 // nobody would write again what is old
	}
	q.named, _ = s.Fleet.(fleet.Named)
	some := false
	for i := range max(1, len(s.Fleet.Layout().Kinds)) {
		r := q.recipe(s.Of(i), s.Regions, o.UnitTimeout, s.MaxBytes(s.Of(i).Name), working(workers, o.Queue))
		q.recipes = append(q.recipes, r)
		some = some || r != nil
	}
	if !some {
		return nil
	}
	err := q.ask(ctx, func(ctx context.Context) (err error) {
		q.lookup, err = cache.NewLookup(ctx, c.Store, c.Domains...)
		return err
	})
	if err != nil {
		return nil
	}
	q.lookup.Bad = func(err error) {
		q.warned.Do(func() { q.log.Warn("the cache has something that is no entry: its unit is decided", "err", err) })
	}
	q.recaller = newRecaller(ctx, c, s.Fleet)
	return q
}

// recipe is what decisions about the units of a kind depend on, where the workers decide; nil where not
// all of them can be known.
func (q *inquirer) recipe(k scope.Kind, regions []string, limit time.Duration, maxBytes int, workers []ledger.Worker) *cache.Recipe {
	facts := k.Session.Facts()
	for i := range facts {
		f := &facts[i]
		if engine, pure := engineOf(workers, f.Check); engine != "" {
			f.Impure = f.Impure && f.Engine != "" || !pure
			f.Engine = engine
		}
	}
	r := cache.NewRecipe(facts, k.Shared.Digest(), regions, limit, maxBytes)
	if maxBytes == 0 || !r.Whole() {
		return nil
	}
	return r
}

// working are the workers that take tasks of a queue.
func working(workers []ledger.Worker, queue string) []ledger.Worker {
	return forceOf([]string{queue}, workers, []bool{false}).workers
}

// engineOf is by which engine workers decide by a check, "" where none tells: of several that of
// most slots. pure says whether such a decision may be kept.
func engineOf(workers []ledger.Worker, check string) (engine string, pure bool) {
	slots, purely := map[string]int{}, map[string]bool{}
	command, is := id.CommandOf(check)
	for _, w := range workers {
		if own := w.Engines[check]; !is && own != "" {
			slots[own], purely[own] = slots[own]+w.Slots, true
		}
		for _, o := range w.Offers {
			if is && o.Name == command && o.Engine != "" && o.Slots > 0 {
				slots[o.Engine], purely[o.Engine] = slots[o.Engine]+o.Slots, o.Pure
			}
		}
	}
	most := 0
	for e, n := range slots {
		if n > most || n == most && e < engine {
			engine, most = e, n
		}
	}
	return engine, purely[engine]
}

// put takes a batch of listed units, as the backlog does.
func (q *inquirer) put(ctx context.Context, units []id.Unit) {
	if len(units) == 0 {
		return
	}
	select {
	case q.batches <- units:
	case <-ctx.Done():
	}
}

// run looks up batches until there are no more and none is held back, or ctx ends.
func (q *inquirer) run(ctx context.Context) {
	if q.reverify == nil {
		q.passAll(ctx)
		return
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for held, more := q.reverify.next(ctx); more; held, more = q.reverify.next(ctx) {
			q.release(ctx, held)
		}
	})
	q.passAll(ctx)
	q.reverify.listed()
}

// records says whether names are recorded here, and not by the lister.
func (q *inquirer) records() bool { return q != nil && q.list != nil }

// wait waits until all batches were passed on.
func (q *inquirer) wait(ctx context.Context) error {
	select {
	case <-q.passed:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// passAll looks up batches until there are no more, or ctx ends.
func (q *inquirer) passAll(ctx context.Context) {
	defer close(q.passed)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range inquiriesAtOnce {
		wg.Go(func() {
			for {
				select {
				case units, more := <-q.batches:
					if !more {
						return
					}
					q.pass(ctx, units)
				case <-ctx.Done():
					return
				}
			}
		})
	}
}

// reading reads a unit, and tells its kind.
type reading func(context.Context, id.Unit) (files bundle.Bundle, kind int, err error)

// packedUnit is a unit whose bytes are here.
type packedUnit struct {
	files bundle.Bundle
	kind  int // in the layout
}

// doubt is a unit about which it is asked what is known.
type doubt struct {
	unit   id.Unit
	recipe *cache.Recipe // nil: it is not asked about
	packed *packedUnit   // nil where its bytes are not here
	names  []cache.Key   // of its files, where the source has them
	about  cache.Unit    // without digests where it is not known what it contains
	known  bool          // it needs no task, now or as long as what is known stands the test
	apart  bool          // it is decided to test what is known
	// recalled says that what it contains is known from how it lies.
	recalled bool
	unnamed  bool // the source was asked for names, and has none for it
	kind     int  // in the layout; -1 where that is not known
	// urgency is that of its job.
	urgency uint64
}

// pass finds out what is known of a batch, tells it, and puts the others into the backlog.
func (q *inquirer) pass(ctx context.Context, units []id.Unit) {
	doubts := q.name(ctx, units)
	var all []found
	if q.failures.Load() < mostFailures && q.learn(ctx, doubts) == nil {
		all = q.find(ctx, doubts)
	}
	if q.reverify != nil {
		q.reverify.part(all)
	} else {
		q.believe(ctx, all, doubts)
	}
	q.recaller.told(doubts)
	q.passOn(ctx, doubts)
}

// release believes what is known of units that were held back, but for what was found to be wrong meanwhile.
func (q *inquirer) release(ctx context.Context, doubts []doubt) {
	q.believe(ctx, q.reverify.trusted(q.find(ctx, doubts)), nil)
	q.passOn(ctx, doubts)
}

// passOn puts units into the backlog of which not all is known.
func (q *inquirer) passOn(ctx context.Context, doubts []doubt) {
	if ctx.Err() != nil {
		return
	}
	q.rank(ctx, doubts)
	var jobs []job
	for i := range doubts {
		d := &doubts[i]
		if d.known {
			continue
		}
		j := job{unit: d.unit, apart: d.apart, recalled: d.recalled, unnamed: d.unnamed, urgency: d.urgency}
		if q.lane != nil {
			j.lane = q.lane(d.unit)
		}
		if p := d.packed; p != nil {
			if n := int64(p.files.Size()); q.ahead.Add(n) <= packedAhead {
				j.packed = p
			} else {
				q.ahead.Add(-n)
			}
		}
		jobs = append(jobs, j)
	}
	q.backlog.putJobs(jobs)
}

// name finds out what git calls the files of units that are not recalled, and packs those of which it does not tell.
func (q *inquirer) name(ctx context.Context, units []id.Unit) []doubt {
	doubts := make([]doubt, len(units))
	q.recall(ctx, units, doubts)
	var unnamed []int
	for i, u := range units {
		d := &doubts[i]
		if d.recalled {
			continue
		}
		d.unit, d.kind = u, -1
		if q.failures.Load() >= mostFailures {
			continue
		}
		if q.named != nil {
			if files, kind, ok := q.named.Files(ctx, u); ok {
				d.kind = kind
				if d.recipe = q.recipes[kind]; d.recipe != nil {
					d.names = d.recipe.Names(files)
					d.about = cache.Unit{Unit: u, Path: q.scope.Path(u)}
					d.about.File = cache.IsFile(d.about.Path, files)
				}
				continue
			}
			d.unnamed = true
		}
		unnamed = append(unnamed, i)
	}
	next := atomic.Int64{}
	var wg sync.WaitGroup
	for range min(len(unnamed), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(unnamed)); n = next.Add(1) - 1 {
				q.packOne(ctx, &doubts[unnamed[n]])
			}
		})
	}
	wg.Wait()
	return doubts
}

// packOne packs a unit and finds out what it contains. One that cannot be packed is for the feeder to
// fail.
func (q *inquirer) packOne(ctx context.Context, d *doubt) {
	files, kind, err := q.pack(ctx, d.unit)
	if err != nil {
		return
	}
	d.packed, d.kind = &packedUnit{files, kind}, kind
	if d.recipe = q.recipes[kind]; d.recipe != nil {
		path := q.scope.Path(d.unit)
		d.about = cache.Unit{Unit: d.unit, Path: path, File: files.Only(path), Digests: d.recipe.Digests(files)}
	}
}

// learn finds out what units contain of which the names are known.
func (q *inquirer) learn(ctx context.Context, doubts []doubt) error {
	names := make([]cache.Key, 0, len(doubts))
	for i := range doubts {
		names = append(names, doubts[i].names...)
	}
	if len(names) == 0 {
		return nil
	}
	var digests []string
	err := q.ask(ctx, func(ctx context.Context) (err error) {
		digests, err = q.lookup.Contents(ctx, names)
		return err
	})
	if err != nil {
		return err
	}
	for i := range doubts {
		d := &doubts[i]
		n := len(d.names)
		d.about.Digests = contentsOf(d.about.Digests, digests[:n])
		digests = digests[n:]
	}
	return nil
}

// contentsOf are digests, all of which are known, in the place of others.
func contentsOf(was []id.Digest, texts []string) []id.Digest {
	if len(texts) == 0 {
		return was
	}
	all := make([]id.Digest, len(texts))
	for i, text := range texts {
		if text == "" {
			return nil
		}
		all[i] = id.Digest(text)
	}
	return all
}

// found is a unit of which all is known.
type found struct {
	*doubt
	question cache.Question
	hit      cache.Hit
}

// find finds out of which units all is known, and need not be written again.
func (q *inquirer) find(ctx context.Context, doubts []doubt) (all []found) {
	questions, asked := make([]cache.Question, 0, len(doubts)), make([]*doubt, 0, len(doubts))
	for i := range doubts {
		if d := &doubts[i]; d.recipe != nil && d.about.Digests != nil {
			questions, asked = append(questions, cache.Question{Recipe: d.recipe, Unit: d.about}), append(asked, d)
		}
	}
	if len(questions) == 0 || q.failures.Load() >= mostFailures {
		return nil
	}
	var hits []cache.Hit
	if q.ask(ctx, func(ctx context.Context) (err error) {
		hits, err = q.lookup.Verdicts(ctx, questions)
		return err
	}) != nil {
		return nil
	}
	now := time.Now()
	for i, h := range hits {
		if h.Whole() && !q.fades(h, now) {
			all = append(all, found{asked[i], questions[i], h})
		}
	}
	return all
}

// believe notes and tells what is known, of units among others that are to be recorded.
func (q *inquirer) believe(ctx context.Context, all []found, listed []doubt) {
	told, pointers := q.knownOf(all)
	var err error
	switch {
	case q.list != nil:
		err = q.list(ctx, notKnown(listed), pointers)
	case len(all) > 0:
		err = q.hit(ctx, pointers)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		q.tell(ctx, stopFor(err))
	case err == nil && len(all) > 0:
		q.tell(ctx, told)
	}
}

// notKnown are the units that need a task.
func notKnown(doubts []doubt) (units []id.Unit) {
	for i := range doubts {
		if !doubts[i].known {
			units = append(units, doubts[i].unit)
		}
	}
	return units
}

// knownOf are the verdicts of units of which all is known, and where they are kept. These units need no task.
func (q *inquirer) knownOf(all []found) (told knew, pointers []ledger.Pointer) {
	kinds := map[*cache.Recipe]string{}
	for i, r := range q.recipes {
		kinds[r] = q.scope.Of(i).Name
	}
	told, pointers = knewOf(len(all)), make([]ledger.Pointer, len(all))
	for i, f := range all {
		v := f.hit.Verdict(f.question)
		v.Path = f.question.Path
		print := f.hit.Fingerprint(v)
		told.verdicts, told.prints, told.made = append(told.verdicts, v), append(told.prints, print), append(told.made, madeOf(f.hit.Entries))
		pointers[i] = pointerTo(f.question, kinds[f.recipe], f.hit, v.Kind, print)
		f.known = true
	}
	return told, pointers
}

// pointerTo says where the decisions of a hit are kept.
func pointerTo(q cache.Question, kind string, h cache.Hit, k verdict.Kind, print verdict.Fingerprint) ledger.Pointer {
	p := ledger.Pointer{Unit: q.Unit.Unit, Digest: q.Unit.Digests[0], Of: kind, Kind: k, Fingerprint: print, Parts: make([]ledger.Kept, len(h.Entries))}
	for i, e := range h.Entries {
		p.Parts[i] = ledger.Kept{Domain: e.Domain, Key: h.Keys[i]}
		if e.Content != p.Digest {
			p.Parts[i].Content = e.Content
		}
	}
	return p
}

// fades says whether the store may soon forget something of a hit: then its unit travels, so that a worker
// writes it again. That is so from between half and nine tenths of its life on, by its key, so that
// not all of a fleet's that were written together travel together.
func (q *inquirer) fades(h cache.Hit, now time.Time) bool {
	if q.life == 0 {
		return false
	}
	for i, e := range h.Entries {
		spread := time.Duration(h.Keys[i][0]) * (q.life * 4 / 10) / 256
		if now.Sub(e.Written) > q.life/2+spread {
			return true
		}
	}
	return false
}

// ask puts a question to the store in bounded time. One that fails is told once; after some of them the
// run does without a cache.
func (q *inquirer) ask(ctx context.Context, question func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, q.timeout, fmt.Errorf("it has not answered within %s", q.timeout))
	defer cancel()
	err := question(ctx)
	if err != nil && context.Cause(ctx) != context.Canceled && q.failures.Add(1) == 1 {
		q.log.Warn("the cache cannot be read; what it may know is decided", "err", err)
	}
	return err
}
