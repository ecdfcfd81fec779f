package worker

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/proxy"
	"github.com/seed306eabeb/muster/test/redistest"
)

func ledgerOf(c *redisconn.Conn) *ledger.Ledger { return ledger.New(c.Bulk(), c.Plain()) }

// expecting opens a run that expects n units.
func expecting(t *testing.T, l *ledger.Ledger, run id.Run, n int) []id.Unit {
	t.Helper()
	owner, err := l.Open(t.Context(), run, ledger.Opening{Plan: ledger.Plan{Shared: "s"}})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]id.Unit, n)
	for i := range names {
		names[i] = id.Unit(fmt.Sprintf("unit-%d", i))
	}
	if err := owner.AddExpected(t.Context(), names); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := owner.Expect(t.Context(), name, "d", ""); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func decidedIn(t *testing.T, l *ledger.Ledger, run id.Run) int {
	t.Helper()
	h, err := l.Header(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return h.Decided
}

func okay(unit id.Unit) ledger.Entry {
	e := ledger.Entry{Unit: unit, Digest: "d", Shared: "s", Kind: "ok", Delivery: id.Delivery("w#" + unit), Body: []byte(unit)}
	copy(e.Fingerprint[:], unit)
	return e
}

func TestARecorderWritesAllThatItWasGivenAndManyAtOnce(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, address string) {
		conn := redistest.Dial(t, address)
		l := ledgerOf(conn)
		r := startRecorder(t.Context(), l, slog.New(slog.DiscardHandler))
		var wg sync.WaitGroup
		const n = 200
		for _, run := range []id.Run{"one", "two"} {
			for _, unit := range expecting(t, l, run, n) {
				wg.Go(func() {
					if err := r.Record(t.Context(), run, okay(unit)); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		r.close(time.Minute)
		for _, run := range []id.Run{"one", "two"} {
			if got := decidedIn(t, l, run); got != n {
				t.Errorf("run %s has %d verdicts, want %d", run, got, n)
			}
			if entries := conn.Plain().XLen(t.Context(), "muster:{"+string(run)+"}:events").Val(); entries > n/2 {
				t.Errorf("%d entries of the stream tell of %d verdicts, want many in one", entries, n)
			}
		}
	})
}

// behindProxy is a Redis that can be cut off, and a connection through the proxy and
// one past it.
func behindProxy(t *testing.T) (p *proxy.Proxy, through, past *ledger.Ledger) {
	t.Helper()
	address := redistest.Mini(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p = proxy.Start(t, "tcp", u.Host)
	u.Host = p.Addr()
	return p, ledgerOf(redistest.Dial(t, u.String())), ledgerOf(redistest.Dial(t, address))
}

func TestARecorderRepeatsWhatRedisDoesNotTake(t *testing.T) {
	t.Parallel()
	p, through, past := behindProxy(t)
	names := expecting(t, past, "r", 3)
	p.Cut()
	refused := make(chan struct{}, 1)
	r := startRecorder(t.Context(), through, slog.New(slog.NewTextHandler(signal(refused), nil)))
	for _, unit := range names {
		if err := r.Record(t.Context(), "r", okay(unit)); err != nil {
			t.Fatal(err)
		}
	}
	<-refused
	if got := decidedIn(t, past, "r"); got != 0 {
		t.Fatalf("%d verdicts went past the cut", got)
	}
	p.Mend()
	r.close(time.Minute)
	if got := decidedIn(t, past, "r"); got != len(names) {
		t.Errorf("%d verdicts, want %d", got, len(names))
	}
}

// signal is a writer that says that something was written.
type signal chan<- struct{}

func (s signal) Write(b []byte) (int, error) {
	select {
	case s <- struct{}{}:
	default:
	}
	return len(b), nil
}

func TestARecorderGivesUpWhatIsNotWrittenInTime(t *testing.T) {
	t.Parallel()
	p, through, past := behindProxy(t)
	names := expecting(t, past, "r", 2)
	p.Cut()
	var log bytes.Buffer
	r := startRecorder(t.Context(), through, slog.New(slog.NewTextHandler(&log, nil)))
	for _, unit := range names {
		if err := r.Record(t.Context(), "r", okay(unit)); err != nil {
			t.Fatal(err)
		}
	}
	r.close(time.Millisecond)
	if !strings.Contains(log.String(), "verdicts lost") {
		t.Errorf("the log does not tell of the loss:\n%s", log.String())
	}
	if got := decidedIn(t, past, "r"); got != 0 {
		t.Errorf("%d verdicts, want none", got)
	}
}

// TestAnotherRedisIsToldAgain: what Redis had taken and lost is written again, and what it has
// stays as it is.
func TestAnotherRedisIsToldAgain(t *testing.T) {
	t.Parallel()
	conn := redistest.Dial(t, redistest.Server(t))
	l := ledgerOf(conn)
	names := expecting(t, l, "r", 20)
	r := startRecorder(t.Context(), l, slog.New(slog.DiscardHandler))
	for _, name := range names {
		if err := r.Record(t.Context(), "r", okay(name)); err != nil {
			t.Fatal(err)
		}
	}
	for decidedIn(t, l, "r") < len(names) {
		if t.Context().Err() != nil {
			t.Fatal("the verdicts were not written")
		}
	}
	for _, name := range names[:15] {
		if err := conn.Plain().HDel(t.Context(), "muster:{r}:decided", string(name)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	r.close(10 * time.Second)
	r.repeat(t.Context())
	h, err := l.Header(t.Context(), "r")
	if err != nil || h.Decided != len(names) || h.Duplicates != 0 || h.Contradictions != 0 {
		t.Errorf("%d decided, %d duplicates, %d contradictions, %v; want %d, none, none", h.Decided, h.Duplicates, h.Contradictions, err, len(names))
	}
}

// TestARedisThatIsKilledSoonIsToldAgain: the first heartbeat finds out that it is another one than
// when the worker started.
func TestARedisThatIsKilledSoonIsToldAgain(t *testing.T) {
	t.Parallel()
	r := redistest.Process(t)
	conn := redistest.Dial(t, r.URL())
	l := ledgerOf(conn)
	names := expecting(t, l, "r", 3)
	if err := conn.Plain().Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	timing := DefaultTiming()
	timing.Heartbeat = time.Hour // the test gives it
	log := slog.New(slog.DiscardHandler)
	w, err := Start(t.Context(), Options{Name: "w", Ledger: l, Kinds: check.Kinds{}, Concurrency: 2, UnitLimit: 1 << 20, Timing: timing, Log: log,
		Fetch: FetchOptions{Redis: conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: 1, Poll: 10 * time.Millisecond, ShutdownTimeout: time.Second, Log: log}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Shutdown()
	for _, name := range names {
		if err := w.recorder.Record(t.Context(), "r", okay(name)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the verdicts were not taken", func() bool { // a write without an answer would be tried again
		w.recorder.mu.Lock()
		defer w.recorder.mu.Unlock()
		return len(w.recorder.recent) == len(names)
	})
	r.Restart()
	eventually(t, "Redis did not come back", func() bool { return conn.Plain().Ping(t.Context()).Err() == nil })
	if got := decidedIn(t, l, "r"); got != 0 {
		t.Fatalf("Redis has kept %d verdicts: the test proves nothing", got)
	}
	w.beat(t.Context())
	eventually(t, "the verdicts were not written again", func() bool { return decidedIn(t, l, "r") == len(names) })
}

func eventually(t *testing.T, not string, there func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(not)
		}
	}
}
