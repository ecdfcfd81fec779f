package run_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/pace"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/worker"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if large != "" {
			os.RemoveAll(large)
		}
		os.Exit(code)
	}))
}

var (
	large     string
	makeLarge sync.Once
)

// patience is how long a run may take that ends by itself if nothing else ends it, on a busy
// machine and with the race detector.
const patience = 4 * time.Minute

// largeSize is the size of a fleet that is listed in several steps.
const largeSize = 6000

// largeFleet is a fleet of largeSize units that the tests share: most are empty
// folders, for making files is what takes long.
func largeFleet(t *testing.T) string {
	t.Helper()
	makeLarge.Do(func() {
		var err error
		if large, err = os.MkdirTemp("", "muster-fleet"); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(large, "words.conf"), "bad")
		for i := range largeSize {
			if err := os.MkdirAll(filepath.Join(large, "texts", folder(i)), 0o755); err != nil {
				t.Fatal(err)
			}
			if i%100 == 0 {
				write(t, filepath.Join(large, "texts", folder(i), "a.txt"), "so bad")
			}
		}
	})
	return large
}

// texts writes a fleet of n units for the words check. Every tenth says "bad",
// which is forbidden; the last two share a title.
func texts(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "words.conf"), "bad worse")
	for i := range n {
		text := "good"
		if i%10 == 0 {
			text = "good\n so bad\n"
		}
		if i >= n-2 {
			text += "\ntitle: twin"
		}
		write(t, filepath.Join(dir, "texts", folder(i), "a.txt"), text)
	}
	return dir
}

func unit(i int) id.Unit { return id.Unit(folder(i)) }

func folder(i int) string { return fmt.Sprintf("unit-%05d", i) }

// taskID is that of a unit's first task in the run "r".
func taskID(i int) string { return tasks.Task{Run: "r", Unit: unit(i), Attempt: 1}.ID() }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func scopeOf(t *testing.T, dir string, c check.Kind, units ...id.Unit) scope.Scope {
	t.Helper()
	f, err := worktree.Open(dir, textsLayout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	s := scope.Scope{Fleet: f, Checks: check.Kinds{c}}
	if len(units) > 0 {
		s.Selection = scope.Only(units...)
	}
	return s
}

// world is a Redis with what a process of muster has of it.
type world struct {
	t      *testing.T
	url    string
	conn   *redisconn.Conn
	ledger *ledger.Ledger
	client *tasks.Client
}

func newWorld(t *testing.T, url string) *world {
	t.Helper()
	conn := redistest.Dial(t, url)
	return &world{t, url, conn, ledger.New(conn.Bulk(), conn.Plain()), tasks.NewClient(conn.Bulk(), conn.Plain())}
}

func (w *world) connection() run.Conn {
	return run.Conn{Ledger: w.ledger, Client: w.client, Timing: pace.Run()}
}

// options are those of a run that ends by itself if nothing else ends it.
func (w *world) options(s scope.Scope) run.Options {
	return run.Options{Scope: s, Conn: w.connection(), Queue: tasks.QueueCI, Limits: run.Limits{Timeout: patience, UnitTimeout: 10 * time.Second},
		OnUndecided: run.Wait, NoWorkerHint: "no worker", Log: slog.New(slog.DiscardHandler)}
}

func (w *world) follow(kinds ...check.Kind) run.CollectOptions {
	return run.CollectOptions{Conn: w.connection(), Kinds: kinds, Limits: run.Limits{Timeout: patience},
		OnUndecided: run.Wait, NoWorkerHint: "no worker", Log: slog.New(slog.DiscardHandler)}
}

// work starts a worker process's inside with n slots.
func (w *world) work(n int, kinds ...check.Kind) {
	w.t.Helper()
	w.workApart(n, nil, kinds...)
}

// workApart is work with suspects decided as apart does.
func (w *world) workApart(n int, apart worker.Isolate, kinds ...check.Kind) {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	started, err := worker.Start(w.t.Context(), worker.Options{Name: "worker", Ledger: w.ledger, Client: w.client, Kinds: kinds, Concurrency: n, UnitLimit: 1 << 20, Timing: pace.Worker(), Isolate: apart, Log: log,
		Fetch: worker.FetchOptions{Redis: w.conn.Bulk(), Queues: tasks.DefaultQueues(), Fetchers: min(n, 2),
			Poll: 5 * time.Millisecond, ShutdownTimeout: 5 * time.Second, Log: log}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(started.Shutdown)
}

func (w *world) run(o run.Options) run.Result {
	w.t.Helper()
	r, err := run.Run(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// pushed is closed when n tasks of a run with options o are pushed.
func pushed(o *run.Options, n int) <-chan struct{} {
	all := make(chan struct{})
	o.Observe = func(e run.Event) {
		if e.Kind == run.Pushed {
			if n--; n == 0 {
				close(all)
			}
		}
	}
	return all
}
