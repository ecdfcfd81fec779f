//go:build amd64 || arm64

package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
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
	// nice is how far programs give way to the checks of this process.
	nice = 10
	// inside is the user that a program in namespaces believes to be.
	inside = 1000
)

// Box runs jobs in cells, each a process of its own.
type Box struct {
	place
	means     means
	standings []Standing

	life  context.Context
	end   context.CancelCauseFunc
	jobs  sync.WaitGroup
	mu    sync.Mutex
	users map[int]bool // that are in use

	full atomic.Int64 // when the disk was last seen full that its jobs share, in nanoseconds since 1970
}

// New makes a box, and finds out which walls can be had.
func New(o Options) (*Box, error) {
	at, err := open(o.Base)
	if err != nil {
		return nil, err
	}
	b := &Box{place: at, users: map[int]bool{}}
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

func (b *Box) run(ctx context.Context, j Job, m means) (Result, error) {
	r, err := b.prepare(j, m)
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
	job   Job
	means means
	order cell.Order
	done  func() // gives back what it has of the box
	full  *atomic.Int64

	cmd    *exec.Cmd
	orders *os.File // the other end is the cell's
	out    kept
	err    kept

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
	if r.ending == "" && r.full.Load() >= began.UnixNano() { // it had no room either, though there may be some by now
		r.ending, r.why = r.noRoom()
	}
	return r.result(last, time.Since(began))
}

// drive starts the cell and waits for its end, on a thread of its own: the kernel ends the
// children of a thread with it.
func (r *run) drive(ctx context.Context) (last cell.Report, err error) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		last, err = r.hold(ctx)
	}()
	<-done
	return last, err
}

// hold starts the cell, feeds it, watches it, and waits for its end. The error says why there
// is nothing to tell of the program.
func (r *run) hold(ctx context.Context) (last cell.Report, err error) {
	reports, err := r.start()
	if err != nil {
		return last, err
	}
	over := make(chan struct{})
	var others sync.WaitGroup
	var unfed error
	others.Go(func() {
		if unfed = r.feed(); unfed != nil {
			r.stop("", "")
		}
	})
	others.Go(func() { r.watch(ctx, over) })
	last = r.listen(reports)
	close(over)
	r.wait()
	others.Wait()
	if unfed == nil && ctx.Err() != nil {
		unfed = cause(ctx)
	}
	return last, unfed
}

// feed gives the cell its order and the files. That the cell has ended before it has read all
// is no error: it says why.
func (r *run) feed() error {
	err := cell.Send(r.orders, r.order, r.job.each)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// start starts the cell.
func (r *run) start() (reports *os.File, err error) {
	orders, ours, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe to a program: %w", err)
	}
	reports, theirs, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe from a program: %w", err), orders.Close(), ours.Close())
	}
	r.orders = ours
	r.cmd = &exec.Cmd{
		Path: self, Args: []string{cell.Name}, Env: []string{}, ExtraFiles: []*os.File{orders, theirs},
		Stdout: &r.out, Stderr: &r.err, WaitDelay: time.Second, SysProcAttr: r.means.attributes(r.order.User, r.job.Network),
	}
	err = r.cmd.Start()
	_, _ = orders.Close(), theirs.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a process for a program: %w", err), ours.Close(), reports.Close())
	}
	return reports, nil
}

// listen is the last that the cell tells; without one, a report without a kind.
func (r *run) listen(reports *os.File) (last cell.Report) {
	defer reports.Close()
	for from := json.NewDecoder(reports); ; {
		var told cell.Report
		if from.Decode(&told) != nil {
			return last
		}
		if told.Kind != cell.Started {
			last = told
		}
	}
}

// stop ends the job; only the first reason counts.
func (r *run) stop(e Ending, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending == "" {
		r.ending, r.why = e, why
	}
	_ = r.orders.Close()
	if r.means.namespaces {
		_ = r.cmd.Process.Kill()
	}
}

// wait waits for the cell, which has told its last or was told to end.
func (r *run) wait() {
	_ = r.orders.Close()
	late := time.AfterFunc(grace, func() { _ = r.cmd.Process.Kill() })
	if err := r.cmd.Wait(); errors.Is(err, exec.ErrWaitDelay) { // somebody has its streams who is none of its own
		r.out.truncated, r.err.truncated = true, true
	}
	late.Stop()
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
		return Result{}, fmt.Errorf("the process that holds a program ended without a word: %s", r.cmd.ProcessState)
	}
	return res, nil
}
