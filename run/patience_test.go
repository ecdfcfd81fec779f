package run_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
)

// whenSaid calls do once, when a text was written.
type whenSaid struct {
	mu   sync.Mutex
	text string
	do   func()
	all  bytes.Buffer
}

func (s *whenSaid) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Write(p)
	if s.do != nil && strings.Contains(string(p), s.text) {
		go s.do()
		s.do = nil
	}
	return len(p), nil
}

var _ io.Writer = (*whenSaid)(nil)

// TestARunBearsWithoutAWorkerForAWhile: a worker that comes meanwhile is in time, and after
// that the run ends. Both are told once.
func TestARunBearsWithoutAWorkerForAWhile(t *testing.T) {
	t.Parallel()
	dir := texts(t, 20)
	for _, c := range []struct {
		name     string
		patience time.Duration
		comes    bool
		exit     int
		said     string
	}{
		{"one comes", time.Minute, true, 1, "no worker; waiting for 1m0s"},
		{"nobody comes", 900 * time.Millisecond, false, 3, "no worker; waiting for 900ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Server(t))
			said := &whenSaid{text: c.said}
			var started sync.WaitGroup
			if c.comes {
				started.Add(1)
				said.do = func() { defer started.Done(); w.work(2, words{}) }
			}
			o := w.options(scopeOf(t, dir, words{}))
			o.OnUndecided, o.Patience, o.Log = run.Fail, c.patience, slog.New(slog.NewTextHandler(said, nil))
			r := w.run(o)
			started.Wait()
			if r.ExitCode() != c.exit {
				t.Errorf("exit code %d, want %d", r.ExitCode(), c.exit)
			}
			if log := said.all.String(); strings.Count(log, c.said) != 1 {
				t.Errorf("the log does not say %q once:\n%s", c.said, log)
			}
			if took := r.Finished.Sub(r.Started); !c.comes && took < c.patience {
				t.Errorf("it has borne with that for %s, want %s", took, c.patience)
			}
		})
	}
}
