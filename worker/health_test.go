package worker

import (
	"bytes"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/proxy"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestHealthOfAWorker: each fact alone decides what it decides.
func TestHealthOfAWorker(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ago := func(m *moment, d time.Duration) { at := now.Add(-d); m.at.Store(&at) }
	for _, tt := range []struct {
		name         string
		make         func(w *Worker)
		ready, alive string // a part of why not; "" for well
	}{
		{"well", func(*Worker) {}, "", ""},
		{"a heartbeat late", func(w *Worker) { ago(&w.heard, 4*time.Second) }, "", ""},
		{"five heartbeats late", func(w *Worker) { ago(&w.heard, 5100*time.Millisecond) }, "no heartbeat for 5.1s: want one within 5s", ""},
		{"no fetch yet", func(w *Worker) { w.servers.empty.last = time.Time{} }, "not answered a fetch yet", ""},
		{"no fetch for long", func(w *Worker) { w.servers.empty.last = now.Add(-6 * time.Second) }, "no fetch for 6s", ""},
		{"stopping", func(w *Worker) { close(w.servers.stopping) }, "stopping", ""},
		{"slow to turn", func(w *Worker) { ago(&w.turned, 29*time.Second) }, "", ""},
		{"stuck", func(w *Worker) { ago(&w.turned, 31*time.Second); ago(&w.heard, 31*time.Second) }, "no heartbeat for 31s", "stuck for 31s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := &Worker{pace: time.Second, servers: &Servers{handler: &Handler{}, stopping: make(chan struct{})}}
			ago(&w.heard, 0)
			ago(&w.turned, 0)
			w.servers.empty.last = now
			tt.make(w)
			for name, said := range map[string]struct {
				err  error
				want string
			}{"Ready": {w.Ready(now), tt.ready}, "Alive": {w.Alive(now), tt.alive}} {
				if (said.err == nil) != (said.want == "") || said.err != nil && !strings.Contains(said.err.Error(), said.want) {
					t.Errorf("%s says %v, want %q", name, said.err, said.want)
				}
			}
		})
	}
}

// TestAWorkerIsReadyWhileRedisHearsIt: it becomes ready by itself, is not while Redis is
// away, and is again afterwards; it is alive all the time.
func TestAWorkerIsReadyWhileRedisHearsIt(t *testing.T) {
	t.Parallel()
	r := redistest.Process(t)
	p := proxy.Start(t, "unix", strings.TrimPrefix(r.URL(), "unix://"))
	conn := redistest.Dial(t, "redis://"+p.Addr())
	timing := quick
	timing.Heartbeat /= 10
	w, err := Start(t.Context(), Options{Name: "w", Ledger: ledgerOf(conn), Kinds: check.Kinds{}, Concurrency: 2, UnitLimit: 1 << 20, Timing: timing,
		Log: slog.New(slog.DiscardHandler), Fetch: FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: 2, Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Shutdown()
	becomes(t, w, "ready", func(err error) bool { return err == nil })
	p.Cut()
	becomes(t, w, "not ready for want of heartbeats", func(err error) bool { return err != nil && strings.Contains(err.Error(), "heartbeat") })
	if err := w.Alive(time.Now()); err != nil {
		t.Errorf("without Redis it is not alive: %v", err)
	}
	p.Mend()
	becomes(t, w, "ready again", func(err error) bool { return err == nil })
}

// TestAWorkerWhoseFirstHeartbeatIsLost waits for Redis as it does at any other time: others may have heard
// it, and count on it.
func TestAWorkerWhoseFirstHeartbeatIsLost(t *testing.T) {
	t.Parallel()
	r := redistest.Process(t)
	p := proxy.Start(t, "unix", strings.TrimPrefix(r.URL(), "unix://"))
	conn := redistest.Dial(t, "redis://"+p.Addr())
	var cut atomic.Bool
	p.LoseReply(func(request []byte) bool {
		if lost := bytes.Contains(request, []byte("lonely")); lost && !cut.Swap(true) {
			go p.Cut() // and what comes behind it finds nobody
		}
		return cut.Load()
	})
	timing := quick
	timing.Heartbeat /= 10
	w, err := Start(t.Context(), Options{Name: "lonely", Ledger: ledgerOf(conn), Kinds: check.Kinds{}, Concurrency: 2, UnitLimit: 1 << 20, Timing: timing,
		Log: slog.New(slog.DiscardHandler), Fetch: FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: 2, Log: slog.New(slog.DiscardHandler)}})
	if err != nil || !cut.Load() {
		t.Fatalf("the worker gives up (a heartbeat was lost: %v): %v", cut.Load(), err)
	}
	defer w.Shutdown()
	p.LoseReply(nil)
	p.Mend()
	becomes(t, w, "ready", func(err error) bool { return err == nil })
}

func becomes(t *testing.T, w *Worker, what string, is func(error) bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is(w.Ready(time.Now())) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the worker does not become %s: %v", what, w.Ready(time.Now()))
		}
	}
}
