package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// inquiry is what one delivery of a task has to do with the cache. It is for one goroutine; nil has
// nothing to do with it.
type inquiry struct {
	keeper *keeper
	task   tasks.Task
	domain cache.Domain
	recipe *recipe    // nil until the checks are open
	unit   cache.Unit // its digests are nil until its files are here
	files  bundle.Bundle

	asked     []cache.Key                 // before the files were here
	early     map[cache.Key][]byte        // and what was there
	meanwhile <-chan map[cache.Key][]byte // brings early; nil for what comes with the answer of the ledger
	known     map[string]verdict.Part
	saved     int64        // µs that what is known took when it was decided
	old       []cache.Item // of the known ones, those that are to be written again
	took      map[string]time.Duration
}

// inquire begins what a task has to do with the cache: nil unless its run trusts the domain of this
// worker.
func (k *keeper) inquire(t tasks.Task) *inquiry {
	if k == nil || t.Cache == nil || t.Path == "" || t.Cache.MaxBytes <= 0 {
		return nil
	}
	if !slices.Contains(t.Cache.Domains, k.Domain) {
		k.refuse(t.Run, t.Cache.Domains)
		return nil
	}
	domain := k.domain.Load()
	if domain == nil || !t.Cache.Read && !t.Cache.Write {
		return nil
	}
	return &inquiry{keeper: k, task: t, domain: *domain, known: map[string]verdict.Part{}, took: map[string]time.Duration{}}
}

// open tells which checks the unit gets.
func (q *inquiry) open(all check.All) {
	if q != nil && q.recipe == nil {
		q.recipe = q.keeper.recipes.of(all, q.task)
	}
}

// begin asks for what the digest of the whole unit leads to, if the checks are open: what the ledger's
// Redis knows by the keys that it returns, and another store at once.
func (q *inquiry) begin(ctx context.Context) (beside []string) {
	if q == nil || q.recipe == nil || !q.task.Cache.Read {
		return nil
	}
	q.asked = q.wholeKeys()
	switch {
	case len(q.asked) == 0:
		return nil
	case q.keeper.Key == nil:
		q.meanwhile = q.keeper.ask(ctx, q.asked)
		return nil
	}
	for _, k := range q.asked {
		beside = append(beside, q.keeper.Key(cache.Verdicts, q.domain.Name, k))
	}
	return beside
}

// wholeKeys are the keys of the checks that read all of the unit, be it a folder or one file: its digest
// does not say which. What units of the recipe never were is not asked for before the files are here.
func (q *inquiry) wholeKeys() (keys []cache.Key) {
	digests := slices.Repeat([]id.Digest{""}, 1+len(q.recipe.Checks))
	digests[0] = q.task.Digest
	for _, file := range []bool{false, true} {
		if !q.recipe.mayBe(file) {
			continue
		}
		unit := cache.Unit{Unit: q.task.Unit, Path: q.task.Path, File: file, Digests: digests}
		for i, key := range q.recipe.Keys(unit, q.domain) {
			if q.recipe.Keeps(i) && q.recipe.Checks[i].Reads == nil {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// ask reads entries while its caller does something else.
func (k *keeper) ask(ctx context.Context, keys []cache.Key) <-chan map[cache.Key][]byte {
	answer := make(chan map[cache.Key][]byte, 1)
	k.asking.Go(func() { answer <- byKey(keys, k.get(ctx, keys)) })
	return answer
}

func byKey(keys []cache.Key, values [][]byte) map[cache.Key][]byte {
	all := make(map[cache.Key][]byte, len(keys))
	for i, k := range keys {
		all[k] = values[i]
	}
	return all
}

// begun tells what the ledger's Redis knew by the keys of begin.
func (q *inquiry) begun(values [][]byte, err error) {
	if q == nil || values == nil {
		return
	}
	q.early = byKey(q.asked, values)
	if err != nil {
		q.keeper.failed("what the cache knows cannot be read: it is left alone for a while", err)
	}
}

// learn finds out what is known of the unit, whose files are here and whose checks are open. What was
// not asked for by then is asked for now. A unit that is larger than its task says that one may be is none to a run
// that tells the truth: what is decided about it must not be known as that of a unit within the bound.
func (q *inquiry) learn(ctx context.Context, files bundle.Bundle) {
	if q == nil || q.recipe == nil || files.Size() > q.task.Cache.MaxBytes {
		return
	}
	q.files = files
	q.unit = cache.Unit{Unit: q.task.Unit, Path: q.task.Path, File: files.Only(q.task.Path), Digests: q.recipe.Digests(files)}
	q.recipe.note(q.unit.File)
	if !q.task.Cache.Read {
		return
	}
	if q.meanwhile != nil {
		q.early = <-q.meanwhile // in bounded time
	}
	var late []cache.Key
	for i, key := range q.recipe.Keys(q.unit, q.domain) {
		if !q.recipe.Keeps(i) {
			continue
		}
		if value, asked := q.early[key]; asked {
			q.take(key, value)
		} else {
			late = append(late, key)
		}
	}
	if len(late) > 0 {
		for i, value := range q.keeper.get(ctx, late) {
			q.take(late[i], value)
		}
	}
}

// take takes in what the cache has under a key.
func (q *inquiry) take(key cache.Key, value []byte) {
	observer := q.keeper.observer
	if value == nil {
		observer.CacheEnded(CacheMiss, 1)
		return
	}
	e, err := cache.Decode(key, value)
	if errors.Is(err, cache.ErrFormat) {
		observer.CacheEnded(CacheMiss, 1)
		return
	}
	if err != nil {
		observer.CacheEnded(CacheBad, 1)
		q.keeper.log.Warn("the cache has something that is no entry: the unit is decided", "unit", q.task.Unit, "domain", q.domain.Name, "err", err)
		return
	}
	observer.CacheEnded(CacheHit, 1)
	q.known[e.Check] = e.Part()
	q.saved += e.Micros
	if time.Since(e.Written) > renewAfter {
		q.old = append(q.old, cache.Item{Key: key, Value: value})
	}
}

// knows says whether what checks say of the unit is known.
func (q *inquiry) knows(checks []string) bool {
	return q != nil && !slices.ContainsFunc(checks, func(c string) bool { _, ok := q.known[c]; return !ok })
}

// parts are those that are known.
func (q *inquiry) parts() map[string]verdict.Part {
	if q == nil {
		return nil
	}
	return q.known
}

// ended notes how long a check took.
func (q *inquiry) ended(e check.Ended) {
	if q != nil {
		q.took[e.Check] = e.Took
	}
}

// keep gives to the keeper what a verdict that was recorded says beyond what was known, and by which
// names git leads to the files. It hands the inquiry over.
func (q *inquiry) keep(v verdict.Verdict) {
	if q == nil || q.unit.Digests == nil || !q.task.Cache.Write {
		return
	}
	k := q.keeper
	if k.isFull() {
		k.observer.CacheEnded(CacheDropped, len(v.Parts))
		return
	}
	now := time.Now()
	one := kept{contents: q.contents(), weight: weightOf(v)}
	one.make = func() (verdicts, lasts []cache.Item) { return q.verdicts(v, now), q.lasts(v) }
	q.files = bundle.Bundle{}
	k.keep(one)
}

// weightOf is about how many bytes a verdict holds that waits to be kept.
func weightOf(v verdict.Verdict) (n int64) {
	const finding, claim = 512, 128
	for i := range v.Parts {
		p := &v.Parts[i]
		n += int64(finding*(2+len(p.Findings)) + claim*len(p.Claims))
		for j := range p.Findings {
			n += int64(len(p.Findings[j].Message))
		}
	}
	return n
}

func (q *inquiry) writer() *cache.Writer {
	return &cache.Writer{Store: q.keeper.Store, Domain: func() cache.Domain { return q.domain }, By: q.keeper.by, Plain: q.keeper.Plain}
}

func (q *inquiry) question() cache.Question {
	return cache.Question{Recipe: q.recipe.Recipe, Unit: q.unit}
}

// verdicts are the items of what was decided at a time, and of what is to be written again.
func (q *inquiry) verdicts(v verdict.Verdict, at time.Time) []cache.Item {
	items, err := q.writer().Made(q.question(), v, q.known, q.took, at)
	if err != nil {
		q.keeper.log.Warn("a decision is not kept", "unit", q.task.Unit, "err", err)
	}
	for _, item := range q.old {
		items = append(items, cache.Renew(item, at))
	}
	return items
}

// lasts is the item of what became of the unit, none where that was known.
func (q *inquiry) lasts(v verdict.Verdict) []cache.Item {
	if q.knows(q.task.Names()) && len(q.old) == 0 {
		return nil
	}
	last, err := q.writer().Became(q.question(), v.Kind, v.Micros+q.saved)
	if err != nil {
		q.keeper.log.Debug("it is not kept what became of a unit", "unit", q.task.Unit, "err", err)
		return nil
	}
	return []cache.Item{last}
}

// contents are the items by which git's names lead to the files.
func (q *inquiry) contents() []cache.Item {
	format := q.task.Cache.Objects
	if format == "" {
		return nil
	}
	items, err := q.writer().ContentsOf(q.recipe.Recipe, q.files, blob.Format(format))
	if err != nil {
		q.keeper.log.Warn("the files of a unit are not known to the cache by git's names", "unit", q.task.Unit, "err", err)
	}
	return items
}
