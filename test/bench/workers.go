//go:build linux

package main

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seed306eabeb/muster/test/processes"
)

// workers are worker processes on one Redis.
type workers struct {
	program string
	args    []string
	all     []*processes.Process
}

// newWorkers makes none yet. The caller must stop what it has started.
func newWorkers(programs, url string, args ...string) *workers {
	return &workers{program: filepath.Join(programs, "worker"), args: append([]string{"--redis", url}, args...)}
}

// startWorkers starts n and waits until they fetch.
func startWorkers(ctx context.Context, programs, url string, n int, args ...string) (*workers, error) {
	w := newWorkers(programs, url, args...)
	if err := w.grow(ctx, n); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

// upTimeout bounds the start of many workers on few cores.
const upTimeout = time.Minute

// grow starts more, up to n, and waits until all fetch.
func (w *workers) grow(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, upTimeout, errors.New("the workers have not come up within "+upTimeout.String()))
	defer cancel()
	before := len(w.all)
	for len(w.all) < n {
		p, err := processes.Start(nil, w.program, w.args...)
		if err != nil {
			return err
		}
		w.all = append(w.all, p)
	}
	for _, p := range w.all[before:] {
		if err := p.Says(ctx, "worker up"); err != nil {
			return err
		}
	}
	return nil
}

// stop kills them: what they would tidy is thrown away.
func (w *workers) stop() {
	for _, p := range w.all {
		p.Kill()
	}
	w.all = nil
}

func commandSlots(n int) string { return "--command-slots=" + strconv.Itoa(n) }

func concurrency(n int) string { return "--concurrency=" + strconv.Itoa(n) }
