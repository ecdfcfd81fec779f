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
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// feeders is how many services are on their way to Redis at once: enough that a
// round trip of milliseconds does not bound the throughput.
const feeders = 256

// feeder takes services from the backlog and pushes their tasks, or decides them
// here once it is told to.
type feeder struct {
	opened
	id      string
	queue   string
	timeout time.Duration // of one check
	ledger  *ledger.Ledger
	client  *tasks.Client
	backlog *backlog
	tell    func(context.Context, any)
	log     *slog.Logger

	cpu   chan struct{} // bounds packing and checking
	local atomic.Bool   // decide here
	// remote ends when Redis is given up: what waits for it then goes on here.
	remote   context.Context
	giveUp   context.CancelFunc
	attempts sync.WaitGroup
}

func newFeeder(ctx context.Context, o Options, s opened, b *backlog, tell func(context.Context, any)) *feeder {
	f := &feeder{opened: s, id: o.ID, queue: o.Queue, timeout: o.ServiceTimeout, ledger: o.Ledger, client: o.Client,
		backlog: b, tell: tell, log: o.Log, cpu: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	f.remote, f.giveUp = context.WithCancel(ctx)
	return f
}

// run feeds until the backlog is closed.
func (f *feeder) run(ctx context.Context) {
	defer f.giveUp()
	for range feeders {
		f.attempts.Go(func() {
			for j, ok := f.backlog.take(); ok; j, ok = f.backlog.take() {
				f.feed(ctx, j)
			}
		})
	}
	f.attempts.Wait()
}

// feed brings one service to the point where a verdict of it is on its way. For
// each job it tells the consumer one of fed, decidedHere and hopeless.
func (f *feeder) feed(ctx context.Context, j job) {
	files, err := f.pack(ctx, j.service)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.settle(ctx, unpackable(f.opened, j.service, err))
	case f.local.Load():
		f.decide(ctx, j.service, files)
	default:
		err := f.push(ctx, j, files)
		switch {
		case err == nil || ctx.Err() != nil:
		case f.remote.Err() != nil:
			f.decide(ctx, j.service, files)
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

// push uploads the bundle, records its digest and pushes the task, in this order:
// whoever sees the task can rely on both. An error means that Redis was given up,
// or has lost the run.
func (f *feeder) push(ctx context.Context, j job, files bundle.Bundle) error {
	digest := string(files.Digest())
	standing := ledger.Expected
	err := f.patiently(func(ctx context.Context) (err error) {
		if err := f.upload(ctx, j, files); err != nil {
			return err
		}
		standing, err = f.ledger.Expect(ctx, f.id, j.service, digest)
		return err
	})
	if changed := (*ledger.ChangedError)(nil); errors.As(err, &changed) {
		f.tell(ctx, hopeless{j.service, "its folder has changed since the run began: start a new run"})
		return nil
	}
	if err != nil {
		return err
	}
	if standing != ledger.Expected {
		f.tell(ctx, fed{j})
		return nil
	}
	err = f.patiently(func(ctx context.Context) error {
		return f.client.Push(ctx, f.queue, f.task(j, digest))
	})
	if err == nil {
		f.tell(ctx, fed{j})
	}
	return err
}

// upload makes sure that Redis has what the job's task will name. The shared files
// were uploaded when the run began; a later attempt may be due to their loss.
func (f *feeder) upload(ctx context.Context, j job, files bundle.Bundle) error {
	if j.attempt > 1 {
		if _, err := f.ledger.Upload(ctx, string(f.shared.Digest()), f.shared.Pack); err != nil {
			return err
		}
	}
	_, err := f.ledger.Upload(ctx, string(files.Digest()), files.Pack)
	return err
}

func (f *feeder) task(j job, digest string) tasks.Verify {
	return tasks.Verify{Run: f.id, Service: j.service, Digest: digest, Shared: string(f.shared.Digest()),
		Checker: f.Checker.Name(), Regions: f.regions, Attempt: j.attempt, TimeoutMS: f.timeout.Milliseconds()}
}

// patiently repeats a step while Redis does not answer, until it is given up or
// says something that repeating does not change.
func (f *feeder) patiently(step func(context.Context) error) error {
	return patiently(f.remote, step, func(err error) { f.tell(f.remote, trouble{err}) })
}

// decide checks a service in this process.
func (f *feeder) decide(ctx context.Context, service string, files bundle.Bundle) {
	select {
	case f.cpu <- struct{}{}:
	case <-ctx.Done():
		return
	}
	v := checkHere(ctx, f.opened, service, files, f.timeout)
	<-f.cpu
	if ctx.Err() == nil {
		f.settle(ctx, v)
	}
}

// settle tells the verdict of this process to the consumer and, if it answers,
// to Redis, for whoever else follows the run.
func (f *feeder) settle(ctx context.Context, v verdict.Verdict) {
	if f.remote.Err() == nil {
		f.publish(ctx, v)
	}
	f.tell(ctx, decidedHere{v})
}

// publishTimeout bounds the writing of a verdict that this process has anyway.
const publishTimeout = 5 * time.Second

func (f *feeder) publish(ctx context.Context, v verdict.Verdict) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if v.Digest != "" {
		if _, err := f.ledger.Expect(ctx, f.id, v.Service, v.Digest); err != nil {
			f.log.Warn("verdict not published", "service", v.Service, "err", err)
			return
		}
	}
	if err := (store{f.ledger, f.log}).record(ctx, f.id, v.Digest, v.Worker, v); err != nil {
		f.log.Warn("verdict not published", "service", v.Service, "err", err)
	}
}

func (o opened) blank(service string) verdict.Verdict {
	return verdict.Verdict{Service: service, Shared: string(o.shared.Digest()), Checker: o.Checker.Name(), Engine: o.Checker.Engine(), Worker: o.name}
}

// unpackable is the verdict about a folder that cannot be read as it should: too
// large is the service's own mistake, the rest could not be decided.
func unpackable(o opened, service string, err error) verdict.Verdict {
	v := o.blank(service)
	if findings, ok := fleet.Findings(service, err); ok {
		v.Settle(verdict.Decision{Regions: []string{}, Findings: findings})
	} else {
		v.Fail(fmt.Sprintf("its folder cannot be read: %v", err))
	}
	return v
}

// checkHere decides a packed service in this process.
func checkHere(ctx context.Context, o opened, service string, files bundle.Bundle, timeout time.Duration) verdict.Verdict {
	v := o.blank(service)
	v.Digest = string(files.Digest())
	start := time.Now()
	d, err := tasks.Check(ctx, o.session, verdict.Unit{Name: service, Files: files.FS()}, o.regions, timeout)
	if err != nil {
		v.Fail(err.Error())
	} else {
		v.Settle(d)
	}
	v.Micros = time.Since(start).Microseconds()
	return v
}
