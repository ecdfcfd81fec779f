//go:build linux

package faults

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/processes"
	"github.com/seed306eabeb/muster/test/trouble"
)

// soon bounds what must not wait for a reader.
const soon = 5 * time.Second

// unread is a stream that nobody reads.
func unread(t *testing.T) *processes.Unread {
	t.Helper()
	u, err := processes.NewUnread()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	return u
}

// full is one that takes nothing from the beginning.
func full(t *testing.T) *processes.Unread {
	t.Helper()
	u := unread(t)
	if err := u.Fill(); err != nil {
		t.Fatal(err)
	}
	return u
}

// unheard starts a command with streams that nobody reads.
func (w *world) unheard(s processes.Streams, program string, args ...string) *process {
	w.t.Helper()
	return launchWith(w.t, s, []string{trouble.GatesEnv + "=" + w.gates}, filepath.Join(programs, program), args...)
}

// deafEnqueue starts `enqueue run` with streams that nobody reads.
func (w *world) deafEnqueue(s processes.Streams, args ...string) *enqueuer {
	w.t.Helper()
	report := filepath.Join(w.t.TempDir(), "report.json")
	args = append([]string{"run", "--repo", w.repo, "--redis", w.url, "--run-id", runID, "--format", "json=" + report, "--format", "text", "-v"}, args...)
	return &enqueuer{w.unheard(s, "enqueue", args...), report}
}

// slots waits until the workers that Redis has just heard have n slots.
func (w *world) slots(n int) {
	w.t.Helper()
	await(w.t, long, "heartbeats", func() bool {
		got, err := w.books.Slots(w.t.Context(), tasks.QueueCI, 2*time.Second)
		return err == nil && got == n
	})
}

// TestAWorkerWhoseLogNobodyReads works on, also while it has much to say because Redis is
// away, and ends when it is told to.
func TestAWorkerWhoseLogNobodyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(48)
	direct, p := w.url, w.via()
	worker := w.unheard(processes.Streams{Stderr: full(t)}, "worker", "--redis", w.url, "-v", "--concurrency", "4")
	w.url = direct
	w.slots(4) // it is counted, and may not serve yet
	p.Cut()
	dials := p.Dials()
	await(t, long, "tries to reach Redis", func() bool { return p.Dials() > dials+20 })
	p.Mend()
	o := w.enqueue().outcome(long)
	w.truth(o, nil)
	w.slots(4)
	worker.signal(syscall.SIGTERM)
	if code := worker.exit(soon); code != 0 {
		t.Errorf("the worker ended with %d after SIGTERM", code)
	}
}

// TestARunWhoseLogNobodyReads feeds and decides all, and its report and exit code are
// those of any other.
func TestARunWhoseLogNobodyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(400, "sleep 1ms")
	w.worker("--concurrency", "4")
	o := w.deafEnqueue(processes.Streams{Stderr: full(t)}).outcome(long)
	w.truth(o, nil)
	if o.Exit != 1 {
		t.Errorf("exit %d, want 1", o.Exit)
	}
}

// TestTimeoutOfARunWhoseLogNobodyReads: it ends when it should.
func TestTimeoutOfARunWhoseLogNobodyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(8, "wait gate")
	w.worker("--concurrency", "4")
	e := w.deafEnqueue(processes.Streams{Stderr: full(t)}, "--timeout", "1s")
	w.begun(nil, 1)
	if o := e.outcome(soon); o.Exit != 3 || o.Complete {
		t.Errorf("exit %d, complete %t; want 3 and a report of a part", o.Exit, o.Complete)
	}
}

// TestCtrlCOfARunWhoseLogNobodyReads: it feeds, and the first one ends it.
func TestCtrlCOfARunWhoseLogNobodyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(8, "wait gate")
	w.worker("--concurrency", "4")
	e := w.deafEnqueue(processes.Streams{Stderr: full(t)})
	w.begun(nil, 4)
	e.signal(syscall.SIGINT)
	if o := e.outcome(soon); o.Exit != 130 || o.Complete {
		t.Errorf("exit %d, complete %t; want 130 and a report of a part", o.Exit, o.Complete)
	}
}

// TestAReportThatNobodyReads waits for its reader. The run has ended for everybody else,
// and the first signal ends the process.
func TestAReportThatNobodyReads(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.crowd(800)
			w.worker("--concurrency", "4")
			stdout := unread(t)
			e := w.deafEnqueue(processes.Streams{Stdout: stdout})
			await(t, long, "a report that fills the pipe", func() bool {
				full, err := stdout.Full()
				return err == nil && full
			})
			if h := w.header(); h.State != ledger.Closed || !h.Final.Complete {
				t.Errorf("the run is %s, complete %t; want closed and true", h.State, h.Final.Complete)
			}
			e.signal(s)
			if code := e.exit(soon); code != 130 {
				t.Errorf("the enqueuer ended with %d, want 130", code)
			}
			if n := e.Count("interrupted before all of the output was read"); n != 1 {
				t.Errorf("it says %d times why it ended, want once", n)
			}
		})
	}
}
