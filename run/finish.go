package run

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
)

// await waits for a run's goroutines. Those of an interrupted run may hang in a
// pipeline that hears of no context, on a Redis that does not answer: they are
// left behind, for the process is about to end and the user waits.
func await(wg *sync.WaitGroup, r *Result) {
	if !r.deserted {
		wg.Wait()
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); wg.Wait() }()
	select {
	case <-done:
	case <-time.After(desertedTimeout):
	}
}

// listRest completes the names of a run that was stopped while they were listed:
// its report accounts for all of them, and whether a service exists is judged
// against all folders.
func listRest(ctx context.Context, s opened, c *consumer) {
	if c.total >= 0 {
		return
	}
	chosen := s.chosen()
	for name, err := range s.Fleet.Names(context.WithoutCancel(ctx)) {
		if err != nil {
			c.log.Warn("the services that were not listed cannot be", "err", err)
			return
		}
		c.fold.AddKnown(name)
		if chosen == nil || chosen[name] {
			c.fold.Expect(name)
		}
	}
	c.listed = true
}

// finish tells Redis how the run ended, and takes out what still waits there.
func finish(ctx context.Context, o Options, c *consumer, remember *reminder, r *Result) error {
	if err := checkNotEmpty(c.total, o.AllowEmpty, r.Stopped, o.Checker); err != nil {
		return err
	}
	timeout := finishTimeout
	if r.Interrupted {
		timeout = hurriedTimeout
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	err := conclude(ctx, o, c, remember, r)
	if err != nil {
		o.Log.Warn("the end of the run could not be written to Redis", "run", r.ID, "err", err)
		desert(r, o.Abort)
	}
	return nil
}

// desert gives up a Redis that keeps an interrupted run waiting.
func desert(r *Result, abort func()) {
	r.deserted = r.Interrupted
	if abort != nil {
		abort()
	}
}

func conclude(ctx context.Context, o Options, c *consumer, remember *reminder, r *Result) error {
	if o.Detach && r.Stopped == "" {
		r.Detached = true
		return o.Ledger.MarkAlive(ctx, r.ID, ledger.AllPushed, ledger.Detached)
	}
	n := r.Summary.Counts
	err := remember.complete(ctx, r.Summary)
	if err != nil {
		return err
	}
	err = o.Ledger.Close(ctx, r.ID, ledger.Final{OK: n.OK, Errs: n.Expected - n.OK, Complete: r.Summary.Complete, Reason: r.Stopped})
	if err != nil {
		return err
	}
	maps.Copy(c.left, c.inWindow)
	var left []tasks.Task
	for service, attempt := range c.left {
		left = append(left, tasks.Task{Run: r.ID, Unit: service, Attempt: attempt})
	}
	return dropAll(ctx, o.Client, o.Queue, left)
}

// finishTimeout bounds the last words of a run, hurriedTimeout those of one that
// the user has interrupted.
const (
	finishTimeout  = 5 * time.Second
	hurriedTimeout = 700 * time.Millisecond
	// desertedTimeout is for what still ends when the connections are closed.
	desertedTimeout = 200 * time.Millisecond
)

// dropAll takes tasks out of their queue, many at a time.
func dropAll(ctx context.Context, client *tasks.Client, queue string, all []tasks.Task) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(Feeders)
	for _, v := range all {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return client.Drop(queue, v)
		})
	}
	return g.Wait()
}
