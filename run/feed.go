package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// Feeders is how many services are on their way to Redis at once: enough that a
// round trip of milliseconds does not bound the throughput.
const Feeders = 512

// feeder takes services from the backlog and pushes their tasks, or decides them
// here once it is told to.
type feeder struct {
	opened
	id      string
	queue   string
	timeout time.Duration // of one check
	resume  bool          // a folder that has changed since is expected anew
	ledger  *ledger.Ledger
	expects *ledger.Expecter
	client  *tasks.Client
	backlog *backlog
	apart   Apart
	tell    func(context.Context, any)
	log     *slog.Logger

	cpu   chan struct{} // bounds packing and checking
	local atomic.Bool   // decide here
	// remote ends when Redis is given up: what waits for it then goes on here.
	remote context.Context
	giveUp context.CancelFunc
}

func newFeeder(ctx context.Context, o Options, s opened, b *backlog, tell func(context.Context, any)) *feeder {
	f := &feeder{opened: s, id: o.ID, queue: o.Queue, timeout: o.ServiceTimeout, resume: o.Resume, ledger: o.Ledger, expects: o.Ledger.Expecter(o.ID),
		client: o.Client, backlog: b, apart: o.Apart, tell: tell, log: o.Log, cpu: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	f.remote, f.giveUp = context.WithCancel(ctx)
	return f
}

// run feeds until the backlog is closed.
func (f *feeder) run(ctx context.Context) {
	defer f.giveUp()
	var wg sync.WaitGroup
	for range Feeders {
		wg.Go(func() {
			for j, ok := f.backlog.take(); ok; j, ok = f.backlog.take() {
				f.feed(ctx, j)
			}
		})
	}
	wg.Wait()
}

// feed brings one service to the point where a verdict of it is on its way. For
// each job it tells the consumer one of fed, decidedHere and hopeless.
func (f *feeder) feed(ctx context.Context, j job) {
	files, err := f.pack(ctx, j.service)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.settle(ctx, j, unpackable(f.opened, j.service, err))
	case f.local.Load():
		f.decide(ctx, j, files)
	default:
		err := f.push(ctx, j, files)
		switch {
		case err == nil || ctx.Err() != nil:
		case f.remote.Err() != nil:
			f.decide(ctx, j, files)
		case errors.Is(err, ledger.ErrGone):
			f.tell(ctx, stop{"Redis has lost the run"})
		default:
			f.tell(ctx, stop{err.Error()})
		}
	}
}

func (f *feeder) pack(ctx context.Context, service string) (bundle.Bundle, error) {
	select {
	case f.cpu <- struct{}{}:
	case <-ctx.Done():
		return bundle.Bundle{}, ctx.Err()
	}
	defer func() { <-f.cpu }()
	return f.Fleet.Pack(ctx, service)
}

// push records the bundle's digest, uploads it and pushes the task: whoever sees the
// task can rely on both. An error means that Redis was given up, or has lost the run.
func (f *feeder) push(ctx context.Context, j job, files bundle.Bundle) error {
	digest := string(files.Digest())
	var e ledger.Expectation
	err := f.patiently(func(ctx context.Context) (err error) {
		if e, err = f.expect(ctx, j, digest); err != nil || e.Standing != ledger.Expected {
			return err
		}
		return f.upload(ctx, j, files, e.Held)
	})
	if changed := (*ledger.ChangedError)(nil); errors.As(err, &changed) {
		f.tell(ctx, hopeless{j.service, "its folder has changed since the run began: start a new run, or resume this one", j.again})
		return nil
	}
	if err == nil && e.Standing == ledger.Expected {
		err = f.patiently(func(ctx context.Context) error {
			return f.client.Push(ctx, f.queue, f.task(j.service, digest, e.Attempt))
		})
	}
	if err == nil {
		f.tell(ctx, fed{j.service, digest, e.Attempt, j.again})
	}
	return err
}

// expect records the digest and says which attempt to push: the one that the
// service is in, or the next after one that is lost.
func (f *feeder) expect(ctx context.Context, j job, digest string) (ledger.Expectation, error) {
	e, err := f.expects.Expect(ctx, j.service, digest)
	if changed := (*ledger.ChangedError)(nil); errors.As(err, &changed) && f.resume {
		if err = f.ledger.Replace(ctx, f.id, j.service, digest); err == nil {
			e, err = f.expects.Expect(ctx, j.service, digest)
		}
	}
	if err != nil || e.Standing != ledger.Expected || j.lost != e.Attempt {
		return e, err
	}
	next, after, err := f.ledger.Reissue(ctx, f.id, j.service, j.lost, false)
	if err == nil && next != ledger.Again && next != ledger.Alone {
		e.Standing = ledger.Decided
	}
	e.Attempt = after
	return e, err
}

// upload makes sure that Redis has what the job's task will name. The shared files
// were uploaded when the run began; a later attempt may be due to their loss.
func (f *feeder) upload(ctx context.Context, j job, files bundle.Bundle, held bool) error {
	if j.lost > 0 {
		if _, err := f.ledger.Upload(ctx, string(f.shared.Digest()), f.shared.Pack); err != nil {
			return err
		}
	}
	if held {
		return nil
	}
	return f.ledger.Put(ctx, string(files.Digest()), files.Pack())
}

func (f *feeder) task(service, digest string, attempt int) tasks.Task {
	return tasks.Task{Run: f.id, Unit: service, Digest: digest, Shared: string(f.shared.Digest()),
		Checker: f.Checker.Name(), Regions: f.regions, Attempt: attempt, TimeoutMS: f.timeout.Milliseconds()}
}

// patiently repeats a step while Redis does not answer, until it is given up or
// says something that repeating does not change.
func (f *feeder) patiently(step func(context.Context) error) error {
	return patiently(f.remote, step, func(err error) { f.tell(f.remote, trouble{err}) })
}

// decide checks a service in this process, or in one of its own if it may kill it.
func (f *feeder) decide(ctx context.Context, j job, files bundle.Bundle) {
	select {
	case f.cpu <- struct{}{}:
	case <-ctx.Done():
		return
	}
	var v verdict.Verdict
	if j.suspect && f.apart != nil {
		v = f.checkApart(ctx, j.service, files)
	} else {
		v = checkHere(ctx, f.opened, j.service, files, f.timeout)
	}
	<-f.cpu
	if ctx.Err() == nil {
		f.settle(ctx, j, v)
	}
}

// Apart verifies a task in a process of its own, given the packed bundles. An error
// means that the process did not live to say anything.
type Apart func(ctx context.Context, v tasks.Task, unit, shared []byte) (verdict.Verdict, error)

func (f *feeder) checkApart(ctx context.Context, service string, files bundle.Bundle) verdict.Verdict {
	v, err := f.apart(ctx, f.task(service, string(files.Digest()), 1), files.Pack(), f.shared.Pack())
	if err != nil {
		v = f.blank(service)
		v.Digest = string(files.Digest())
		v.Fail(fmt.Sprintf("it killed the process that verified it alone: %v", err))
	}
	v.Worker = f.name
	return v
}

// settle tells the verdict of this process to the consumer and, if it answers,
// to Redis, for whoever else follows the run.
func (f *feeder) settle(ctx context.Context, j job, v verdict.Verdict) {
	if f.remote.Err() == nil {
		f.publish(ctx, v)
	}
	f.tell(ctx, decidedHere{v, j.again})
}

// publishTimeout bounds the writing of a verdict that this process has anyway.
const publishTimeout = 5 * time.Second

func (f *feeder) publish(ctx context.Context, v verdict.Verdict) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if v.Digest != "" {
		if _, err := f.expect(ctx, job{service: v.Unit}, v.Digest); err != nil {
			f.log.Warn("verdict not published", "service", v.Unit, "err", err)
			return
		}
	}
	if err := recordNow(ctx, f.ledger, f.log, f.id, v.Digest, v.Worker, v); err != nil {
		f.log.Warn("verdict not published", "service", v.Unit, "err", err)
	}
}
