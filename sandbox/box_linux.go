//go:build amd64 || arm64

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/sandbox/cell"
	"golang.org/x/sys/unix"
)

const (
	// self is this program, also when its file was replaced since.
	self = "/proc/self/exe"
	// grace is how long a cell may take to end what is left, before it is killed itself.
	grace = 5 * time.Second
)

// Box runs jobs in cells, each a process of its own.
type Box struct {
	place
	means     means
	standings []Standing
	shared    *processors

	life  context.Context
	end   context.CancelCauseFunc
	jobs  sync.WaitGroup
	mu    sync.Mutex
	users map[int]bool // that are in use
	// spawners are those that were started, by whether their cells have a network.
	spawners map[bool]*spawner

	full atomic.Int64 // when the disk was last seen full that its jobs share, in nanoseconds since 1970
}

// New makes a box, and finds out which walls can be had.
func New(o Options) (*Box, error) {
	at, err := open(o.Base)
	if err != nil {
		return nil, err
	}
	b := &Box{place: at, shared: newProcessors(), users: map[int]bool{}, spawners: map[bool]*spawner{}}
	b.life, b.end = context.WithCancelCause(context.Background())
	b.means, b.standings = b.explore(o)
	return b, nil
}

// Close ends all jobs and removes their folders.
func (b *Box) Close() error {
	b.mu.Lock()
	closed := b.life.Err() != nil
	b.end(errClosed)
	b.mu.Unlock()
	b.jobs.Wait()
	if closed {
		return nil
	}
	for _, s := range b.spawners {
		s.close()
	}
	return b.close()
}

// Walls says of all walls whether they can be had.
func (b *Box) Walls() []Standing { return append([]Standing(nil), b.standings...) }

// Run runs a job.
func (b *Box) Run(ctx context.Context, j Job) (Result, error) {
	if err := j.check(); err != nil {
		return Result{}, err
	}
	if err := lacking(j, b.standings); err != nil {
		return Result{}, err
	}
	if !b.enter() {
		return Result{}, errClosed
	}
	defer b.jobs.Done()
	return b.run(ctx, j, b.means)
}

// enter counts a job, unless the box is closed.
func (b *Box) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.life.Err() != nil {
		return false
	}
	b.jobs.Add(1)
	return true
}

// run runs a job, and once more if the spawner was killed under it.
func (b *Box) run(ctx context.Context, j Job, m means) (Result, error) {
	r, err := b.runOnce(ctx, j, m)
	if errors.Is(err, errLost) {
		r, err = b.runOnce(ctx, j, m)
	}
	return r, err
}

func (b *Box) runOnce(ctx context.Context, j Job, m means) (Result, error) {
	share := b.shared.join()
	defer b.shared.leave()
	r, err := b.prepare(j, m, share)
	if err != nil {
		return Result{}, err
	}
	defer r.done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(b.life, func() { cancel(errClosed) })()
	return r.run(ctx)
}

// run is a job under way.
type run struct {
	box   *Box
	job   Job
	means means
	order cell.Order
	done  func() // gives back what it has of the box

	process process
	out     kept
	err     kept

	mu     sync.Mutex
	ending Ending // why it was ended here; "" by nobody
	why    string
}

// run runs it to its end.
func (r *run) run(ctx context.Context) (Result, error) {
	began := time.Now()
	last, err := r.drive(ctx)
	if err != nil {
		return Result{}, err
	}
	if r.ending == "" && r.box.full.Load() >= began.UnixNano() { // it had no room either, though there may be some by now
		r.ending, r.why = r.noRoom()
	}
	return r.result(last, time.Since(began))
}

// each puts the files of the job.
func (r *run) each(put cell.Put) error { return r.job.each(put) }

// process is that of a cell.
type process interface {
	// listen is the last that the cell tells; without one, a report without a kind.
	listen() cell.Report
	// inside are the processes of its job, by their numbers in a /proc.
	inside() (proc string, pids []int)
	// end asks it to end.
	end()
	// wait waits until it has ended, as it does when it has told its last or was asked to; and kills it
	// where that takes too long. An error says why its job could not be given to it.
	wait() error
	// String says how it has ended.
	String() string
}

// drive starts the cell, watches it, and waits for its end. The error says why there
// is nothing to tell of the program.
func (r *run) drive(ctx context.Context) (last cell.Report, err error) {
	if !r.means.namespaces {
		return r.driveExecuted(ctx)
	}
	by, err := r.box.spawner(r.job.Network)
	if err != nil {
		return last, err
	}
	f, err := r.fork(by)
	if err == nil {
		last, err = r.hold(ctx, f)
		if err == nil && r.ending == "" && (last.Kind == cell.Orphaned || last.Kind == "" && (!f.isMet() || by.hasLost())) {
			err = errLost
		}
	}
	if errors.Is(err, errLost) {
		r.box.drop(by)
	}
	return last, err
}

// hold watches a cell, and waits for its end.
func (r *run) hold(ctx context.Context, p process) (last cell.Report, err error) {
	r.process = p
	over := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() { r.watch(ctx, over) })
	last = p.listen()
	close(over)
	others.Wait()
	err = p.wait()
	if err == nil && ctx.Err() != nil {
		err = cause(ctx)
	}
	return last, err
}

// stop ends the job; only the first reason counts.
func (r *run) stop(e Ending, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending == "" {
		r.ending, r.why = e, why
	}
	r.process.end()
}

func (r *run) result(last cell.Report, took time.Duration) (Result, error) {
	res := Result{Ending: r.ending, Why: r.why, Folder: r.order.Folder, Scratch: r.order.Scratch, Took: took}
	r.out.into(&res.Stdout, &res.OutTruncated)
	r.err.into(&res.Stderr, &res.ErrTruncated)
	if r.ending != "" {
		return res, nil
	}
	switch last.Kind {
	case cell.Exited:
		res.Ending, res.Exit = Exited, last.Exit
	case cell.Killed:
		res.Ending, res.Signal = Killed, last.Signal
		if last.Signal == unix.SignalName(syscall.SIGXFSZ) {
			res.Ending, res.Signal, res.Why = OutOfDisk, "", "it wrote a file of more bytes than it may write at all"
		}
	case cell.Full:
		res.Ending, res.Why = r.noRoom()
	case cell.Unstartable:
		res.Ending, res.Why = NoProgram, last.Why
	case cell.Failed:
		return Result{}, fmt.Errorf("build the walls of a program: %s", last.Why)
	default:
		return Result{}, fmt.Errorf("the process that holds a program ended without a word: %s", r.process)
	}
	return res, nil
}
