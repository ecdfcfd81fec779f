package commands

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/seed306eabeb/muster/internal/stream"
	"github.com/seed306eabeb/muster/run"
)

// progress shows how far a run is: one line that is written over on a terminal,
// a plain line now and then elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	next     time.Time
	drawn    bool
	behind   func() bool // whether what was said is not written yet
	flush    func()      // waits until it is, unless nobody reads
}

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 10 * time.Second
)

// newProgress is silent with quiet.
func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, terminal: isTerminal(w) && os.Getenv("CI") == "", every: lineEvery}
	if p.terminal {
		p.every = redrawEvery
	}
	if quiet {
		p.w = nil
	}
	p.behind, p.flush = func() bool { return false }, func() {}
	if s, ok := w.(*stream.Writer); ok {
		p.behind, p.flush = s.Behind, s.Flush
	}
	p.next = time.Now().Add(p.every)
	return p
}

// observe is the run's observer.
func (p *progress) observe(e run.Event) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(p.every)
	line := line(e.Progress)
	switch {
	case !p.terminal:
		fmt.Fprintf(p.w, "enqueue: %s\n", line)
	case !p.behind(): // a stopped terminal gets the newest line when it goes on, not all of them
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		p.drawn = true
	}
}

// end takes the line off the terminal. What was said then stands before what is printed
// next, to whichever stream.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.flush()
}

func line(p run.Progress) string {
	of := fmt.Sprintf("%d+", p.Listed)
	if p.Total >= 0 {
		of = fmt.Sprint(p.Total)
	}
	return fmt.Sprintf("%d of %s services decided, %d err", p.Decided, of, p.Errs)
}
