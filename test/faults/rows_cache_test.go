//go:build linux

package faults

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/proxy"
	"github.com/seed306eabeb/muster/test/redistest"
)

// keeping lets a worker keep what it decides, and answer by it, where the world has a cache.
func (w *world) keeping(args []string) []string {
	if w.fleet != cached {
		return args
	}
	args = append(args, "--cache-domain", "main")
	if w.cache != "" {
		args = append(args, "--cache-redis", w.cache)
	}
	return args
}

// fill lets a worker decide every second unit and keep that, and waits until it has.
func (w *world) fill() {
	w.t.Helper()
	some := []string{"--run-id", "earlier"}
	for i := 0; i < len(w.units); i += 2 {
		some = append(some, unitName(i))
	}
	p := w.worker("--concurrency", "64")
	if code := w.enqueue(some...).exit(long); code != 1 {
		w.t.Fatalf("the run that fills the cache ended with %d", code)
	}
	p.signal(syscall.SIGTERM) // then it has written what it keeps
	if code := p.exit(long); code != 0 {
		w.t.Fatalf("the worker that fills the cache ended with %d", code)
	}
}

// awayCache takes the Redis from runs that has the cache and nothing else: amid the listing of one, and before
// another begins.
func awayCache(t *testing.T, f *figures) {
	const n = 4000
	world := func(t *testing.T) (*world, *redistest.Instance, *proxy.Proxy) {
		w := newWorldOf(t, cached)
		r := redistest.Process(t)
		p := proxy.Start(t, "unix", strings.TrimPrefix(r.URL(), "unix://"))
		w.cache = "redis://" + p.Addr()
		w.crowd(n, "sleep 2ms")
		return w, r, p
	}
	t.Run("amid", func(t *testing.T) {
		w, r, p := world(t)
		w.worker("--concurrency", "16")
		p.Delay(200 * time.Millisecond) // so that most of the listing is to come
		e := w.enqueue()
		w.decided(20)
		r.Kill()
		killed := time.Now()
		o := e.outcome(long)
		f.took("kill to last verdict of 4,000", time.Since(killed))
		f.note("verdicts that were known by then", float64(o.Cached.Units), "")
		w.truth(o, nil)
		if o.Cached.Units == 0 || o.Cached.Units >= n/2 {
			t.Errorf("%d units are from the cache: it was not killed amid the listing", o.Cached.Units)
		}
		if said := e.Count("the cache cannot be read"); said != 1 {
			t.Errorf("it is told %d times that the cache is away", said)
		}
		c := w.collect().outcome(long)
		w.invariant(c)
		if c.Exit != 3 || c.Counts.Missing != o.Cached.Units || !strings.Contains(missingCause(c), "cache") {
			t.Errorf("collect: exit %d, %d missing because of %q; want 3, and %d because of the cache", c.Exit, c.Counts.Missing, missingCause(c), o.Cached.Units)
		}
	})
	t.Run("from the start", func(t *testing.T) {
		w, r, _ := world(t)
		r.Kill()
		w.worker("--concurrency", "16")
		begin := time.Now()
		o := w.enqueue().outcome(long)
		f.took("run of 4,000 without it", time.Since(begin))
		w.truth(o, nil)
		if o.Cached.Units != 0 {
			t.Errorf("%d units are from a cache that is away", o.Cached.Units)
		}
	})
}
