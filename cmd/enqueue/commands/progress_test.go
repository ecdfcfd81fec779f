package commands

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/stream"
	"github.com/seed306eabeb/muster/run"
)

// stopped is a terminal after Ctrl-S, until it is closed.
type stopped struct {
	bytes.Buffer
	on chan struct{}
}

func (s *stopped) Write(p []byte) (int, error) {
	<-s.on
	return s.Buffer.Write(p)
}

// TestProgressOnAStoppedTerminal: the run goes on, and when the terminal does, it shows what
// was drawn first and then the newest state, not all between.
func TestProgressOnAStoppedTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		terminal := &stopped{on: make(chan struct{})}
		w := stream.New(terminal, nil)
		p := newProgress(w, false, true)
		p.terminal, p.every, p.next = true, redrawEvery, time.Now()
		for decided := range 100 {
			p.observe(run.Event{Progress: run.Progress{Decided: decided, Total: 100}})
			time.Sleep(redrawEvery)
		}
		close(terminal.on)
		synctest.Wait()
		p.observe(run.Event{Progress: run.Progress{Decided: 100, Total: 100}})
		p.end()
		want := "\r\x1b[K0 of 100 services decided, 0 err\r\x1b[K100 of 100 services decided, 0 err\r\x1b[K"
		if got := terminal.String(); got != want {
			t.Errorf("the terminal shows %q, want %q", got, want)
		}
		w.Close()
	})
}

// TestWhatWasSaidStandsBeforeTheReport: the report goes to another stream, which may be the
// same terminal.
func TestWhatWasSaidStandsBeforeTheReport(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := stream.New(&out, nil)
	defer w.Close()
	p := newProgress(w, true, true)
	for range 1000 {
		if _, err := w.Write([]byte("a line of the log\n")); err != nil {
			t.Fatal(err)
		}
	}
	p.end()
	if n := strings.Count(out.String(), "\n"); n != 1000 {
		t.Errorf("%d lines are written when the report begins, want 1000", n)
	}
}

// TestTheProgressLineFitsTheTerminal, which may be resized.
func TestTheProgressLineFitsTheTerminal(t *testing.T) {
	t.Parallel()
	p := run.Progress{Decided: 12345, Total: 100000, Errs: 67}
	for _, tt := range []struct {
		columns int
		want    string
	}{
		{0, "12345 of 100000 services decided, 67 err"},
		{41, "12345 of 100000 services decided, 67 err"},
		{40, "12345 of 100000, 67 err"},
		{24, "12345 of 100000, 67 err"},
		{23, "12345 of 100000, 67 er"},
		{2, "1"},
		{1, ""},
	} {
		if got := line(p, tt.columns); got != tt.want {
			t.Errorf("in %d columns: %q, want %q", tt.columns, got, tt.want)
		}
	}
	p.Noun = fleet.Units
	if got, want := line(p, 0), "12345 of 100000 units decided, 67 err"; got != want {
		t.Errorf("of units: %q, want %q", got, want)
	}
	var out bytes.Buffer
	columns := 80
	show := newProgress(&out, false, true)
	show.terminal, show.width = true, func() int { return columns }
	for _, columns = range []int{80, 20} {
		show.next = time.Time{}
		show.observe(run.Event{Progress: run.Progress{Decided: 1, Total: 9}})
	}
	if want := clearLine + "1 of 9 services decided, 0 err" + clearLine + "1 of 9, 0 err"; out.String() != want {
		t.Errorf("the terminal gets %q, want %q", out.String(), want)
	}
}

// TestALogLineHasALineOfItsOwn, beside the progress line.
func TestALogLineHasALineOfItsOwn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f := outputFlags{env: environmentOf(nil)}
	log := f.log(&out)
	show := f.progress(&out)
	show.terminal, show.next = true, time.Time{}
	log.Info("before")
	show.observe(run.Event{Progress: run.Progress{Decided: 1, Total: 9}})
	log.With("a", "b").Warn("between")
	log.Warn("again")
	show.end()
	want := "enqueue: before\n" + clearLine + "1 of 9 services decided, 0 err" + clearLine + "enqueue: warn: between a=b\nenqueue: warn: again\n"
	if out.String() != want {
		t.Errorf("the terminal gets %q, want %q", out.String(), want)
	}
}
