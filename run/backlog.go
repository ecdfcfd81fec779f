package run

import (
	"context"
	"sync"
)

// job is one service to be fed to the queue, or decided here.
type job struct {
	service string
	attempt int // from 1
}

// backlog holds the services that are listed and not fed. Its bound makes the
// listing wait for the feeding; its window makes the feeding wait for verdicts.
// It is safe for concurrent use.
type backlog struct {
	mu      sync.Mutex
	changed sync.Cond
	waiting []job
	bound   int // of waiting, for put
	fed     int // taken and not released
	window  int // of fed, for take; 0 means none
}

func newBacklog(bound, window int) *backlog {
	b := &backlog{bound: bound, window: window}
	b.changed.L = &b.mu
	return b
}

// put adds services in their first attempt. It waits while the backlog is full.
func (b *backlog) put(ctx context.Context, services []string) error {
	defer b.wakeOnDone(ctx)()
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.waiting) >= b.bound && ctx.Err() == nil {
		b.changed.Wait()
	}
	for _, s := range services {
		b.waiting = append(b.waiting, job{s, 1})
	}
	b.changed.Broadcast()
	return ctx.Err()
}

// again puts a job in front of all others, without waiting.
func (b *backlog) again(j job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append([]job{j}, b.waiting...)
	b.changed.Broadcast()
}

// take waits for a job and for room in the window.
func (b *backlog) take(ctx context.Context) (job, error) {
	defer b.wakeOnDone(ctx)()
	b.mu.Lock()
	defer b.mu.Unlock()
	for (len(b.waiting) == 0 || b.window > 0 && b.fed >= b.window) && ctx.Err() == nil {
		b.changed.Wait()
	}
	if ctx.Err() != nil {
		return job{}, ctx.Err()
	}
	j := b.waiting[0]
	b.waiting = b.waiting[1:]
	b.fed++
	b.changed.Broadcast()
	return j, nil
}

// release makes room for another job: one that was taken is decided.
func (b *backlog) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fed--
	b.changed.Broadcast()
}

// resize sets the window; 0 means that there is none.
func (b *backlog) resize(window int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.window = window
	b.changed.Broadcast()
}

func (b *backlog) wakeOnDone(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed.Broadcast()
	})
}
