package commands

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/seed306eabeb/muster/internal/stream"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
)

// progress shows how far a run is: one line that is written over on a terminal,
// a plain line now and then elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	width    func() int // of the terminal now; 0 where it does not tell
	every    time.Duration
	next     time.Time
	behind   func() bool // whether what was said is not written yet
	flush    func()      // waits until it is, unless nobody reads

	mu    sync.Mutex // of what follows, and of the line on the terminal
	drawn bool
}

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 10 * time.Second
	clearLine   = "\r\x1b[K"
)

// newProgress is silent with quiet. Where a terminal may not be drawn on it gets plain lines.
func newProgress(w io.Writer, quiet, draw bool) *progress {
	p := &progress{w: w, terminal: draw && isTerminal(w), every: lineEvery}
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
	p.width = func() int { return widthOf(w) }
	p.next = time.Now().Add(p.every)
	return p
}

// observe is the run's observer.
func (p *progress) observe(e run.Event) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(p.every)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.terminal:
		fmt.Fprintf(p.w, "enqueue: %s\n", line(e.Progress, 0))
	case !p.behind(): // a stopped terminal gets the newest line when it goes on, not all of them
		fmt.Fprintf(p.w, clearLine+"%s", line(e.Progress, p.width()))
		p.drawn = true
	}
}

// end takes the line off the terminal. What was said then stands before what is printed
// next, to whichever stream.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.flush()
}

// erase takes the line off the terminal; the next one is drawn in its time.
func (p *progress) erase() {
	if p.drawn {
		fmt.Fprint(p.w, clearLine)
		p.drawn = false
	}
}

// line says how far a run is in so many columns, where a terminal wraps longer ones and
// could not write them over; 0 is any number.
func line(p run.Progress, columns int) string {
	of := fmt.Sprintf("%d+", p.Listed)
	if p.Total >= 0 {
		of = fmt.Sprint(p.Total)
	}
	long := fmt.Sprintf("%d of %s %s decided, %d err", p.Decided, of, report.Noun(p.Noun).Plural(), p.Errs)
	short := fmt.Sprintf("%d of %s, %d err", p.Decided, of, p.Errs)
	if p.Commands > 0 {
		long += fmt.Sprintf(", %d wait for commands", p.Commands)
	}
	switch {
	case columns == 0 || len(long) < columns:
		return long
	case len(short) < columns:
		return short
	}
	return short[:columns-1]
}

func widthOf(w io.Writer) int {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// over is a handler of a log that shares its terminal with a progress line: what is logged
// has a line of its own.
type over struct {
	slog.Handler
	*progress
}

// Handle takes the progress line off the terminal first.
func (o over) Handle(ctx context.Context, r slog.Record) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.erase()
	return o.Handler.Handle(ctx, r)
}

// WithAttrs keeps the terminal shared.
func (o over) WithAttrs(as []slog.Attr) slog.Handler {
	return over{o.Handler.WithAttrs(as), o.progress}
}

// WithGroup keeps the terminal shared.
func (o over) WithGroup(name string) slog.Handler { return over{o.Handler.WithGroup(name), o.progress} }
