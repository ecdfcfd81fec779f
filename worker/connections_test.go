package worker

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// TestAWorkerHasFewConnections: Redis and what stands before it (managed ones, proxies)
// bound the connections of a fleet of workers.
func TestAWorkerHasFewConnections(t *testing.T) {
	t.Parallel()
	const concurrency, fetchers, units = 32, 16, 400
	url := redistest.Server(t)
	target, err := redisconn.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	conn := target.Dial(redisconn.Options{Name: "counted"})
	defer conn.Close()
	observer := redistest.Dial(t, url)
	l := ledger.New(conn.Bulk(), conn.Plain())
	w, err := Start(t.Context(), Options{Name: "w", Ledger: l, Kinds: check.Kinds{probe{new(atomic.Int64), busy}}, Concurrency: concurrency, UnitLimit: 1 << 20,
		Log: slog.New(slog.DiscardHandler), Fetch: FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: fetchers, Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Shutdown()
	feed(t, ledger.New(observer.Plain(), observer.Plain()), tasks.NewClient(observer.Bulk(), observer.Plain()), units)

	most := 0
	for deadline := time.Now().Add(30 * time.Second); ; {
		n, subscribed := connections(t, observer)
		most = max(most, n)
		if subscribed > 0 {
			t.Fatalf("%d connections wait for messages, want none", subscribed)
		}
		h, err := l.Header(t.Context(), "r")
		if err != nil {
			t.Fatal(err)
		}
		if h.Decided == units {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d units are decided after 30s", h.Decided, units)
		}
	}
	t.Logf("%d connections at most", most)
	if most == 0 || most > fetchers+4 {
		t.Errorf("the worker has up to %d connections, want 1 to %d", most, fetchers+4)
	}
}

func busy(context.Context) (verdict.Decision, error) {
	time.Sleep(time.Millisecond)
	return verdict.Decision{}, nil
}

// feed opens run r and pushes the tasks of its units.
func feed(t *testing.T, l *ledger.Ledger, c *tasks.Client, units int) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	shared, files := pack(t, "shipcat.conf"), pack(t, "manifest.yml")
	must(l.Put(ctx, shared.Digest(), shared.Pack()))
	must(l.Put(ctx, files.Digest(), files.Pack()))
	owner, err := l.Open(ctx, "r", ledger.Opening{Plan: ledger.Plan{Queue: tasks.QueueCI, Checker: "probe", Shared: shared.Digest(), TimeoutMS: 10000}, Owner: "e"})
	must(err)
	names := make([]id.Unit, units)
	for i := range names {
		names[i] = id.Unit(fmt.Sprintf("unit-%d", i))
	}
	must(owner.AddExpected(ctx, names))
	for _, name := range names {
		_, err := owner.Expect(ctx, name, files.Digest(), "")
		must(err)
		must(c.Push(ctx, tasks.QueueCI, tasks.Task{Run: "r", Unit: name, Digest: files.Digest(), Shared: shared.Digest(),
			Checker: "probe", Attempt: 1, TimeoutMS: 10000}))
	}
}

// connections counts those with the name "counted", and those of them that have
// subscribed to something.
func connections(t *testing.T, c *redisconn.Conn) (n, subscribed int) {
	t.Helper()
	list, err := c.Plain().ClientList(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(list) {
		if strings.Contains(line, " name=counted ") {
			n++
			if !strings.Contains(line, " sub=0 ") {
				subscribed++
			}
		}
	}
	return n, subscribed
}
