package stream

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// Results writes to a stream of which nothing may be lost, and waits for its reader. It is
// for one goroutine at a time.
type Results struct {
	// interrupt ends when the user ends the process; Write has no context of its own.
	interrupt context.Context
	to        io.Writer
	gaveUp    error
}

// NewResults makes Results that give up when interrupt ends during a write.
func NewResults(interrupt context.Context, to io.Writer) *Results {
	return &Results{interrupt: interrupt, to: to}
}

// written is how a write ended.
type written struct {
	n   int
	err error
}

// Write waits until all of p is written, or until the interrupt. A write that begins after
// the interrupt is of what an interrupted command still has to say, and waits; the next
// signal ends the process. When it gives up, it leaves the write behind, which holds a copy
// of p.
func (r *Results) Write(p []byte) (int, error) {
	if r.gaveUp != nil {
		return 0, r.gaveUp
	}
	if r.interrupt.Err() != nil {
		return r.to.Write(p)
	}
	done := make(chan written, 1)
	p = bytes.Clone(p)
	go func() {
		n, err := r.to.Write(p)
		done <- written{n, err}
	}()
	select {
	case w := <-done:
		return w.n, w.err
	case <-r.interrupt.Done():
		r.gaveUp = fmt.Errorf("interrupted before all of the output was read: %w", r.interrupt.Err())
		return 0, r.gaveUp
	}
}

// Fd is the stream's file descriptor; see fd.
func (r *Results) Fd() uintptr { return fd(r.to) }
