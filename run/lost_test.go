//go:build unix

package run_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestARedisThatEndsForGood decides the rest here, or ends the run, and is waited for by
// nobody. One line says why.
func TestARedisThatEndsForGood(t *testing.T) {
	t.Parallel()
	dir := texts(t, 200)
	want := validated(t, dir)
	for _, c := range []struct {
		on   run.OnUndecided
		code int
	}{{run.Wait, 1}, {run.DecideLocal, 1}, {run.Fail, 3}} {
		t.Run(string(c.on), func(t *testing.T) {
			t.Parallel()
			redis := redistest.Process(t)
			w := newWorld(t, redis.URL())
			o := w.options(scopeOf(t, dir, words{}))
			o.OnUndecided = c.on
			var log bytes.Buffer
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			some, lost := pushed(&o, 10), make(chan struct{})
			o.RedisLost = func(ctx context.Context) error {
				select {
				case <-lost:
					return errors.New("it was killed")
				case <-ctx.Done():
					return nil
				}
			}
			var killer sync.WaitGroup
			killer.Go(func() { <-some; redis.Kill(); close(lost) })
			r := w.run(o)
			killer.Wait()
			if code := r.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if c.on != run.Fail {
				same(t, "run and validate differ", want, r)
			} else if r.Stopped != "it was killed" {
				t.Errorf("stopped: %q", r.Stopped)
			}
			if took := r.Finished.Sub(r.Started); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if said := log.String(); strings.Count(said, "\n") != 1 || strings.Count(said, "it was killed") != 1 {
				t.Errorf("the log says more or less than the cause:\n%s", said)
			}
		})
	}
}
