package commands

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
		p := newProgress(w, false)
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
	p := newProgress(w, true)
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
