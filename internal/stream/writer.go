package stream

import (
	"bytes"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of what waits to be written. A burst of log lines fits in; a process whose
// log nobody reads stays small.
const (
	maxLines = 8192
	maxBytes = 1 << 20
)

const (
	// stuckAfter is how long Flush and Close wait for one write to end.
	stuckAfter = 200 * time.Millisecond
	// flushTimeout is how long they wait in all for a reader that is slow.
	flushTimeout = 2 * time.Second
)

// Writer takes lines and writes them to a stream from a goroutine of its own, in their
// order. Write never waits: while the queue is full, lines are dropped, and when half of it
// is written, one line says how many. It is safe for concurrent use.
type Writer struct {
	to       io.Writer
	finished atomic.Int64  // writes that have ended
	done     chan struct{} // closed when the goroutine has ended

	mu       sync.Mutex
	wake     sync.Cond // there is something to write, or no more will come
	queue    []line
	bytes    int  // in the queue
	writing  bool // a line has left the queue and is being written
	dropping bool // from a full queue to a half empty one
	dropped  int  // lines that nobody has been told of
	note     func(dropped int) []byte
	closed   bool
}

// line is an entry of the queue.
type line struct {
	text    []byte
	stands  int           // for how many lines; 0 for a mark
	reached chan struct{} // of a mark: closed when all before it is written
}

// New starts a writer. note words the line that says how many were dropped; it must not
// write to the writer. The caller must call Close.
func New(to io.Writer, note func(dropped int) []byte) *Writer {
	w := &Writer{to: to, done: make(chan struct{}), note: note}
	w.wake.L = &w.mu
	go w.run()
	return w
}

// SetNote replaces the wording of the line that says how many were dropped.
func (w *Writer) SetNote(note func(dropped int) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note = note
}

// Write takes p, which is one line or several that stay together, or drops it. It returns
// an error only after Close.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return 0, os.ErrClosed
	case w.dropping || !w.fits(len(p)):
		w.dropping = true
		w.dropped++
	default:
		w.put(line{text: bytes.Clone(p), stands: 1})
	}
	return len(p), nil
}

// fits says whether so many bytes find room. What is larger than the queue fits into an
// empty one.
func (w *Writer) fits(n int) bool {
	return len(w.queue) == 0 || len(w.queue) < maxLines && w.bytes+n <= maxBytes
}

func (w *Writer) put(l line) {
	w.queue = append(w.queue, l)
	w.bytes += len(l.text)
	w.wake.Signal()
}

// run writes lines until the queue is empty and no more will come.
func (w *Writer) run() {
	defer close(w.done)
	for l, ok := w.next(); ok; l, ok = w.next() {
		var err error
		if l.reached == nil {
			_, err = w.to.Write(l.text)
		} else {
			close(l.reached)
		}
		w.wrote(l, err)
	}
}

// next waits for the next line.
func (w *Writer) next() (line, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && !w.closed {
		w.wake.Wait()
	}
	if len(w.queue) == 0 {
		return line{}, false
	}
	l := w.queue[0]
	w.queue[0] = line{}
	w.queue = w.queue[1:]
	w.bytes -= len(l.text)
	w.writing = true
	return l, true
}

// wrote notes how a write went. A line that the stream refused counts as dropped. Once a
// write has worked and half of the queue is free, it queues the line that says how many
// were dropped, behind all that was taken before them.
func (w *Writer) wrote(l line, err error) {
	w.finished.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = false
	if err != nil {
		w.dropped += l.stands
	}
	if len(w.queue) > maxLines/2 || w.bytes > maxBytes/2 {
		return
	}
	w.dropping = false
	if err == nil && w.dropped > 0 {
		w.put(line{text: w.note(w.dropped), stands: w.dropped})
		w.dropped = 0
	}
}

// Behind says whether something that was taken is not written yet.
func (w *Writer) Behind() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writing || len(w.queue) > 0
}

// Flush waits until everything that was taken is written, or the stream proves to be
// stuck. It must not be called after Close.
func (w *Writer) Flush() {
	mark := line{reached: make(chan struct{})}
	w.mu.Lock()
	w.put(mark)
	w.mu.Unlock()
	w.await(mark.reached)
}

// Close takes no more lines, and waits until the others are written or the stream proves
// to be stuck. It then leaves the write that does not end behind, for the process is about
// to exit. It may be called more than once.
func (w *Writer) Close() {
	w.mu.Lock()
	w.closed = true
	w.wake.Signal()
	w.mu.Unlock()
	w.await(w.done)
}

// await waits for done as long as writes end, and for flushTimeout at most.
func (w *Writer) await(done <-chan struct{}) {
	late := time.After(flushTimeout)
	for {
		before := w.finished.Load()
		select {
		case <-done:
			return
		case <-late:
			return
		case <-time.After(stuckAfter):
			if w.finished.Load() == before {
				return
			}
		}
	}
}

// Fd is the stream's file descriptor; see fd.
func (w *Writer) Fd() uintptr { return fd(w.to) }
