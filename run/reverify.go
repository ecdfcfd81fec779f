package run

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Reverified is how kept decisions stood the test of being made again.
type Reverified struct {
	Sampled     int // units of which all was known, and that were decided again
	Differed    int // those of them of which something else was found than was kept
	NotCompared int // those of them, but for the former, that failed, have no verdict, or were decided by other engines
	// Differences are the first ones, at most MostDifferences, by unit and check.
	Differences []Difference
}

// MostDifferences is how many differences a Result names.
const MostDifferences = 100

// Difference is a kept decision that was found to be another one when it was made again. The run has
// used no kept decision of the check from then on.
type Difference struct {
	Unit   id.Unit
	Check  string
	What   string // was kept, and was found
	Domain string // of the cache
	By     string // the process that had made the kept one
	Made   time.Time
}

// reverifier puts what is known to the test before it is believed: a sample of the units of which all is
// known is decided again, and the others are held back until all of the sample that was listed by then
// has come. Of a check that was found to decide otherwise nothing that is kept is believed from then
// on. It is safe for concurrent use; nil makes no test.
type reverifier struct {
	share   float64
	seed    string // another one in each run
	process string // this one
	first   int    // the first attempt that decides for this run
	log     *slog.Logger

	mu      sync.Mutex
	news    sync.Cond
	sample  map[id.Unit]sampled
	tried   map[*cache.Recipe]bool // kinds that have a unit in the sample
	wrong   map[string]bool        // checks of which something that was kept is wrong
	held    []*heldBack            // in the order of the listing
	whole   bool                   // nothing more will be held back
	outcome Reverified
}

// sampled is a unit that is decided again.
type sampled struct {
	kept  []*cache.Entry
	batch *heldBack
}

// heldBack are the units of a batch that are believed once its sample, and those of all batches before, have
// come. It keeps no more of them than digests: what is known of them is looked up again.
type heldBack struct {
	open   int // of the sample
	doubts []doubt
}

// newReverifier makes the one of a run, nil for a run that tests nothing. first is the number of the
// first attempts of the run.
func newReverifier(c Cache, seed, process string, first int, log *slog.Logger) *reverifier {
	if c.Reverify <= 0 {
		return nil
	}
	r := &reverifier{share: c.Reverify, seed: seed, process: process, first: first, log: log,
		sample: map[id.Unit]sampled{}, tried: map[*cache.Recipe]bool{}, wrong: map[string]bool{}}
	r.news.L = &r.mu
	return r
}

// rank is a unit's place between 0 and 1, which is another one in each run.
func (r *reverifier) rank(keys []cache.Key) float64 {
	h := sha256.New()
	h.Write([]byte(r.seed))
	for i := range keys {
		h.Write(keys[i][:])
	}
	return float64(binary.BigEndian.Uint64(h.Sum(nil))) / math.MaxUint64
}

// part takes the sample of a batch, which it marks to be decided apart, and holds the others back. It leaves
// alone what is not believed any more. Each kind of units has at least one in the sample, before anything
// is believed of it.
func (r *reverifier) part(batch []found) {
	r.mu.Lock()
	defer r.mu.Unlock()
	least := map[*cache.Recipe]*doubt{}
	ranks, lowest := make([]float64, len(batch)), map[*cache.Recipe]float64{}
	for i, f := range batch {
		ranks[i] = r.rank(f.hit.Keys)
		if was, other := lowest[f.recipe]; !r.tried[f.recipe] && (!other || ranks[i] < was) {
			least[f.recipe], lowest[f.recipe] = f.doubt, ranks[i]
		}
	}
	b := &heldBack{}
	for i, f := range batch {
		switch {
		case r.distrusts(f.recipe):
		case ranks[i] < r.share || r.share >= 1 || least[f.recipe] == f.doubt:
			f.apart, r.tried[f.recipe] = true, true
			r.sample[f.unit] = sampled{f.hit.Entries, b}
			r.outcome.Sampled++
			b.open++
		default:
			f.known = true
			b.doubts = append(b.doubts, doubt{unit: f.unit, kind: f.kind, recipe: f.recipe, about: f.about})
		}
	}
	if b.open+len(b.doubts) > 0 {
		r.held = append(r.held, b)
		r.news.Broadcast()
	}
}

// distrusts says whether any check of a kind was found to decide otherwise than was kept.
func (r *reverifier) distrusts(kind *cache.Recipe) bool {
	for i := range kind.Checks {
		if r.wrong[kind.Checks[i].Check] {
			return true
		}
	}
	return false
}

// trusted are those that are believed still.
func (r *reverifier) trusted(all []found) []found {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(all, func(f found) bool { return r.distrusts(f.recipe) })
}

// listed says that nothing more will be held back.
func (r *reverifier) listed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole = true
	r.news.Broadcast()
}

// next waits for units that need not be held back any more. more is false when there will be none, or ctx
// has ended.
func (r *reverifier) next(ctx context.Context) (units []doubt, more bool) {
	defer context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.news.Broadcast()
	})()
	r.mu.Lock()
	defer r.mu.Unlock()
	for ctx.Err() == nil {
		switch {
		case len(r.held) > 0 && r.held[0].open == 0:
			b := r.held[0]
			r.held[0] = nil
			r.held = r.held[1:]
			return b.doubts, true
		case len(r.held) == 0 && r.whole:
			return nil, false
		}
		r.news.Wait()
	}
	return nil, false
}

// lack notes that nothing will come by which a unit of the sample could be compared.
func (r *reverifier) lack(unit id.Unit) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.leave(unit); ok {
		r.outcome.NotCompared++
	}
}

// leave takes a unit out of the sample.
func (r *reverifier) leave(unit id.Unit) (s sampled, ok bool) {
	if s, ok = r.sample[unit]; ok {
		delete(r.sample, unit)
		s.batch.open--
		r.news.Broadcast()
	}
	return s, ok
}

// compare compares a verdict of the run with what was kept, if its unit is of the sample. What somebody has
// decided before, or could not decide, is no test.
func (r *reverifier) compare(v verdict.Verdict) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.leave(v.Unit)
	if !ok {
		return
	}
	fresh := v.Worker == r.process || v.Attempt >= r.first
	differs, lacks := false, false
	for _, kept := range s.kept {
		i := slices.IndexFunc(v.Parts, func(p verdict.Part) bool { return p.Check == kept.Check })
		if i < 0 || !fresh || !testable(kept, &v.Parts[i]) {
			lacks = true
			continue
		}
		if what := difference(kept.Decision, v.Parts[i].Decision); what != "" {
			differs = true
			r.doubt(kept, v.Unit, what)
		}
	}
	switch {
	case differs:
		r.outcome.Differed++
	case lacks:
		r.outcome.NotCompared++
	}
}

// testable says whether a part must be what was kept.
func testable(kept *cache.Entry, p *verdict.Part) bool {
	return p.Failure == "" && !p.Impure && p.Engine == kept.Engine
}

// doubt notes a difference. Nothing that is kept of the check is believed from then on.
func (r *reverifier) doubt(kept *cache.Entry, unit id.Unit, what string) {
	d := Difference{Unit: unit, Check: kept.Check, What: what, Domain: kept.Domain, By: kept.By, Made: kept.Made}
	if !r.wrong[d.Check] {
		r.log.Warn("the cache is wrong: what it has of this check is decided again", "unit", unit, "check", d.Check, "differs", what, "domain", d.Domain, "by", d.By, "made", d.Made)
	}
	r.wrong[d.Check] = true
	if len(r.outcome.Differences) < MostDifferences {
		r.outcome.Differences = append(r.outcome.Differences, d)
	}
}

// result is the outcome, when nothing more comes.
func (r *reverifier) result() *Reverified {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.outcome
	out.NotCompared += len(r.sample)
	out.Differences = slices.SortedFunc(slices.Values(out.Differences), func(a, b Difference) int {
		return strings.Compare(string(a.Unit)+"\x00"+a.Check, string(b.Unit)+"\x00"+b.Check)
	})
	return &out
}

// difference says in which way a decision is not the one that was kept, "" for the same one.
func difference(kept, now verdict.Decision) string {
	was, _, err := verdict.EncodeDecision(kept)
	is, _, errNow := verdict.EncodeDecision(now)
	switch {
	case err != nil || errNow != nil:
		return "" // neither comes from where it could not be encoded
	case bytes.Equal(was, is):
		return ""
	}
	more, less := lacking(now.Findings, kept.Findings), lacking(kept.Findings, now.Findings)
	var all []string
	if len(less) > 0 {
		all = append(all, fmt.Sprintf("%s kept and not found again, such as %s", findings(len(less)), less[0]))
	}
	if len(more) > 0 {
		all = append(all, fmt.Sprintf("%s found and not kept, such as %s", findings(len(more)), more[0]))
	}
	if len(all) == 0 {
		return "the findings are the same, and what comes with them is not (regions, owner, marks, help, claims)"
	}
	return strings.Join(all, "; ")
}

func findings(n int) string {
	if n == 1 {
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}

// lacking are the findings of some that others do not have, in a few words.
func lacking(some, others []verdict.Finding) (words []string) {
	have := map[string]int{}
	for _, f := range others {
		have[inWords(f)]++
	}
	for _, f := range some {
		w := inWords(f)
		if have[w]--; have[w] < 0 {
			words = append(words, w)
		}
	}
	return words
}

func inWords(f verdict.Finding) string {
	return fmt.Sprintf("%s %s at %s: %s", f.Severity, f.Rule, f.Place, f.Message)
}
