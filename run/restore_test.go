//go:build unix

package run_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestForgottenVerdictsAreWrittenAgain: Redis is killed and comes back as it was a
// moment before, without verdicts that it had acknowledged. The run ends as if
// nothing had happened, and so does whoever collects it later.
func TestForgottenVerdictsAreWrittenAgain(t *testing.T) {
	t.Parallel()
	const saved, heard, all = 10, 30, 40
	dir := texts(t, all)
	redis := redistest.Process(t)
	w := newWorld(t, redis.URL())
	var checks atomic.Int64
	isSaved, isBack := make(chan struct{}), make(chan struct{})
	w.work(4, words{before: func(ctx context.Context, _ id.Unit) error {
		n := checks.Add(1)
		if n > saved {
			await(ctx, isSaved)
		}
		if n > heard {
			await(ctx, isBack)
		}
		return ctx.Err()
	}})
	o := w.options(scopeOf(t, dir, words{}))
	o.ID = "r"
	save, restart := make(chan struct{}), make(chan struct{})
	decided := 0
	o.Observe = func(e run.Event) {
		if e.Kind != run.Decided {
			return
		}
		switch decided++; decided {
		case saved:
			close(save)
		case heard:
			close(restart)
		}
	}
	var wg sync.WaitGroup
	var r run.Result
	wg.Go(func() { r = w.run(o) })
	<-save
	if err := w.conn.Plain().Save(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	close(isSaved)
	<-restart
	redis.Restart()
	close(isBack)
	wg.Wait()
	same(t, "run and validate differ", validated(t, dir), r)
	h, err := w.ledger.Header(t.Context(), "r")
	if err != nil || h.Decided != all || !h.Final.Complete || h.Contradictions != 0 {
		t.Errorf("%d decided, complete %v, %d contradictions, %v; want %d, true, 0", h.Decided, h.Final.Complete, h.Contradictions, err, all)
	}
	if took := r.Finished.Sub(r.Started); took > 15*time.Second {
		t.Errorf("the run took %s", took)
	}
	same(t, "collect sees another end", r, w.collect("r"))
}

func await(ctx context.Context, c <-chan struct{}) {
	select {
	case <-c:
	case <-ctx.Done():
	}
}
