package worker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
)

// CacheOptions say where a worker looks up and keeps decisions.
type CacheOptions struct {
	Store cache.Store
	// Domain is the worker's own: the only one that it writes, and answers from. What a task says
	// changes nothing about that.
	Domain string
	// Key is what the ledger's Redis calls an entry, where the store lies there: entries are then read in
	// the round trip in which an attempt begins. nil for a store elsewhere, which is asked meanwhile.
	Key func(s cache.Space, domain string, k cache.Key) string
	// Plain entries are larger, and made sooner: see cache.Writer.
	Plain bool
}

const (
	// lookupTimeout bounds what a task waits for a store. After such a time the store is not asked
	// again until it has told its salt.
	lookupTimeout = 500 * time.Millisecond
	// keepTimeout bounds one write to a store.
	keepTimeout = 5 * time.Second
	// maxKept is how many decisions may wait to be written, and maxKeptBytes how large they may be
	// together; those beyond are dropped.
	maxKept      = 1024
	maxKeptBytes = 16 << 20
	// keptAtOnce is how many tasks' entries one write holds.
	keptAtOnce = 256
	// keepPace is the least time between two writes while there is less than one of them can hold: nobody waits
	// for an entry, and each write costs Redis and the worker a round trip a space.
	keepPace = 25 * time.Millisecond
	// renewAfter is how old the entry is that a worker writes again when it answers by it. It is much
	// less than any store keeps entries, and an entry that nobody thinks old is not asked of a
	// worker.
	renewAfter = 10 * time.Minute
)

// keeper looks up what is known of the units of tasks, and keeps what this worker decides about them,
// behind the verdicts: a store that is slow or away costs no verdict its time, and entries that it does
// not take are dropped. It is safe for concurrent use; nil keeps nothing.
type keeper struct {
	CacheOptions
	by       string // this process
	observer Observer
	log      *slog.Logger
	domain   atomic.Pointer[cache.Domain] // nil while its salt is not known
	recipes  recipes

	away atomic.Bool // the last call came to nothing, which was told
	full atomic.Bool // the store took nothing the last time, which was told

	waiting chan kept
	bytes   atomic.Int64 // of what waits
	asking  sync.WaitGroup
	giveUp  context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	refused map[id.Run]bool // runs whose refusal was told
}

// kept is what is to be written of one task.
type kept struct {
	verdicts, contents, lasts []cache.Item
	// make makes the rest of verdicts and lasts; nil where there is none. It is called by the goroutine that
	// writes: a compressor wants a large stack, which each task would have to grow for itself.
	make   func() (verdicts, lasts []cache.Item)
	weight int64 // of what make holds, bytes
}

// made has all items.
func (k kept) made() kept {
	if k.make != nil {
		verdicts, lasts := k.make()
		k.verdicts, k.lasts, k.make = append(k.verdicts, verdicts...), append(k.lasts, lasts...), nil
	}
	return k
}

func (k kept) size() (n int64) {
	n = k.weight
	for _, items := range [][]cache.Item{k.verdicts, k.contents, k.lasts} {
		for _, i := range items {
			n += int64(len(i.Key) + len(i.Value))
		}
	}
	return n
}

// startKeeper starts a keeper, or none without options. The caller must call close.
func startKeeper(ctx context.Context, o *CacheOptions, by string, observer Observer, log *slog.Logger) *keeper {
	if o == nil {
		return nil
	}
	if observer == nil {
		observer = unobserved{}
	}
	k := &keeper{CacheOptions: *o, by: by, observer: observer, log: log, waiting: make(chan kept, maxKept), done: make(chan struct{}), refused: map[id.Run]bool{}}
	k.readSalt(ctx)
	ctx, k.giveUp = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(k.done)
		k.run(ctx)
	}()
	return k
}

// tend reads the salt with the pace of heartbeats, until ctx ends.
func (k *keeper) tend(ctx context.Context, pace time.Duration) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			k.readSalt(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// readSalt learns under which salt entries stand now. While that is not known nothing is looked up, for
// the domain may have been disowned, and nothing is kept.
func (k *keeper) readSalt(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	salt, err := k.Store.Salt(within, k.Domain)
	if err != nil {
		if ctx.Err() == nil {
			k.failed("the salt of the cache's domain is not known: nothing is looked up or kept until it is", err)
		}
		return
	}
	if now := k.domain.Load(); now == nil || now.Salt != salt {
		k.domain.Store(&cache.Domain{Name: k.Domain, Salt: salt})
	}
}

// failed notes that the store did not do what it was asked for, and leaves it alone until it has told
// its salt again.
func (k *keeper) failed(what string, err error) {
	k.observer.CacheEnded(CacheError, 1)
	k.domain.Store(nil)
	level := slog.LevelDebug
	if !k.away.Swap(true) {
		level = slog.LevelWarn
	}
	k.log.Log(context.Background(), level, what, "domain", k.Domain, "err", err)
}

// get reads entries, in bounded time. Without an answer none is known.
func (k *keeper) get(ctx context.Context, keys []cache.Key) [][]byte {
	within, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	values, err := k.Store.Get(within, cache.Verdicts, k.Domain, keys)
	if err == nil {
		k.away.Store(false)
		return values
	}
	if ctx.Err() == nil {
		k.failed("what the cache knows cannot be read: it is left alone for a while", err)
	}
	return make([][]byte, len(keys))
}

// refuse notes a task of a run that does not trust this worker's domain.
func (k *keeper) refuse(run id.Run, domains []string) {
	k.observer.CacheEnded(CacheRefused, 1)
	k.mu.Lock()
	told := k.refused[run]
	if len(k.refused) >= maxRefused {
		clear(k.refused)
	}
	k.refused[run] = true
	k.mu.Unlock()
	if !told {
		k.log.Warn("a run asks for cache domains that are not this worker's: nothing of it is kept", "run", run, "asked", domains, "domain", k.Domain)
	}
}

// maxRefused is how many runs a keeper remembers that it has told of.
const maxRefused = 100

// keep takes charge of entries, or drops them if too many wait. It must not be called after close.
func (k *keeper) keep(one kept) {
	n := len(one.verdicts) + len(one.contents)
	if n+len(one.lasts) == 0 && one.make == nil {
		return
	}
	if k.bytes.Add(one.size()) <= maxKeptBytes {
		select {
		case k.waiting <- one:
			return
		default:
		}
	}
	k.bytes.Add(-one.size())
	k.observer.CacheEnded(CacheDropped, n)
}

// isFull says whether keep would drop most of what it is given.
func (k *keeper) isFull() bool {
	return len(k.waiting) == cap(k.waiting) || k.bytes.Load() >= maxKeptBytes
}

// run writes what waits, until waiting is closed.
func (k *keeper) run(ctx context.Context) {
	for last := (time.Time{}); ; {
		first, ok := <-k.waiting
		if !ok {
			return
		}
		if len(k.waiting) < keptAtOnce {
			_ = ledger.Sleep(ctx, keepPace-time.Since(last)) // once writing is given up, the rest is still counted
		}
		last = time.Now()
		all := k.gather(first)
		k.put(ctx, cache.Verdicts, all.verdicts)
		k.put(ctx, cache.Contents, all.contents)
		k.putLasts(ctx, all.lasts)
	}
}

// gather takes what waits after first, as much as one write holds.
func (k *keeper) gather(first kept) kept {
	k.bytes.Add(-first.size())
	first = first.made()
	for range keptAtOnce - 1 {
		select {
		case next, ok := <-k.waiting:
			if !ok {
				return first
			}
			k.bytes.Add(-next.size())
			next = next.made()
			first.verdicts = append(first.verdicts, next.verdicts...)
			first.contents = append(first.contents, next.contents...)
			first.lasts = append(first.lasts, next.lasts...)
		default:
			return first
		}
	}
	return first
}

// put writes items once.
func (k *keeper) put(ctx context.Context, s cache.Space, items []cache.Item) {
	if len(items) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	err := cmp.Or(ctx.Err(), k.Store.Put(ctx, s, k.Domain, items))
	if errors.Is(err, cache.ErrFull) { // what it has is as good as before
		k.observer.CacheEnded(CacheDropped, len(items))
		if !k.full.Swap(true) {
			k.log.Warn("what was decided cannot be kept: it will be decided again", "domain", k.Domain, "err", err)
		}
		return
	}
	if err != nil {
		k.observer.CacheEnded(CacheDropped, len(items))
		k.failed("what was decided cannot be kept: it will be decided again", err)
		return
	}
	k.away.Store(false)
	k.full.Store(false)
	k.observer.CacheEnded(CacheWritten, len(items))
}

// putLasts writes what became of units, unless the store has just failed. That puts tasks into an order and
// does nothing else, so that nobody counts it or hears of it.
func (k *keeper) putLasts(ctx context.Context, items []cache.Item) {
	if len(items) == 0 || k.away.Load() || k.full.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	if err := cmp.Or(ctx.Err(), k.Store.Put(ctx, cache.Latest, k.Domain, items)); err != nil {
		k.log.Debug("it is not kept what became of units", "domain", k.Domain, "err", err)
	}
}

// close waits until all that waits is written, for at most patience.
func (k *keeper) close(patience time.Duration) {
	if k == nil {
		return
	}
	close(k.waiting)
	late := time.AfterFunc(patience, k.giveUp)
	<-k.done
	late.Stop()
	k.giveUp()
	k.asking.Wait()
}
