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
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/sandbox/cell"
)

// executed is a cell without namespaces: this program once more, for it has to find and kill what its job
// leaves, and to remove its folder, also when this process is gone.
type executed struct {
	run     *run
	cmd     *exec.Cmd
	orders  *os.File // the other end is the cell's
	reports *os.File
	fed     chan error
}

// driveExecuted drives an executed cell on a thread of its own: the kernel ends the children of a thread
// with it.
func (r *run) driveExecuted(ctx context.Context) (last cell.Report, err error) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		var e *executed
		if e, err = r.execute(); err == nil {
			last, err = r.hold(ctx, e)
		}
	}()
	<-done
	return last, err
}

// execute starts the cell, and feeds it.
func (r *run) execute() (*executed, error) {
	orders, ours, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe to a program: %w", err)
	}
	reports, theirs, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe from a program: %w", err), orders.Close(), ours.Close())
	}
	e := &executed{run: r, orders: ours, reports: reports, fed: make(chan error, 1)}
	e.cmd = &exec.Cmd{
		Path: self, Args: []string{cell.Name}, Env: []string{}, ExtraFiles: []*os.File{orders, theirs},
		Stdout: &r.out, Stderr: &r.err, WaitDelay: time.Second, SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	err = e.cmd.Start()
	_, _ = orders.Close(), theirs.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a process for a program: %w", err), ours.Close(), reports.Close())
	}
	go func() { e.fed <- e.feed() }()
	return e, nil
}

// feed gives the cell its order and the files. That the cell has ended before it has read all
// is no error: it says why.
func (e *executed) feed() error {
	err := cell.Send(e.orders, e.run.order, e.run.each)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	if err != nil {
		e.end()
	}
	return err
}

func (e *executed) listen() (last cell.Report) {
	defer e.reports.Close()
	for from := json.NewDecoder(e.reports); ; {
		var told cell.Report
		if from.Decode(&told) != nil {
			return last
		}
		if told.Kind != cell.Started {
			last = told
		}
	}
}

func (e *executed) inside() (proc string, pids []int) {
	return procOfAll, descendants(e.cmd.Process.Pid)
}

// end closes its orders: it ends by itself, for it has to end others before.
func (e *executed) end() { _ = e.orders.Close() }

func (e *executed) wait() error {
	_ = e.orders.Close()
	late := time.AfterFunc(grace, func() { _ = e.cmd.Process.Kill() })
	defer late.Stop()
	if err := e.cmd.Wait(); errors.Is(err, exec.ErrWaitDelay) { // somebody has its streams who is none of its own
		e.run.out.truncated, e.run.err.truncated = true, true
	}
	return <-e.fed
}

func (e *executed) String() string { return e.cmd.ProcessState.String() }
