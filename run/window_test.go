package run

import (
	"log/slog"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
)

// TestAPushThatEndsAfterTheSwitchIsDecidedHere: nobody else may ever take the task.
func TestAPushThatEndsAfterTheSwitchIsDecidedHere(t *testing.T) {
	t.Parallel()
	b := newBacklog(8, 8)
	c := newConsumer(consumerOptions{fold: aggregator.New(aggregator.Options{Whole: true}), backlog: b, onUndecided: DecideLocal,
		toLocal: func(bool) {}, log: slog.New(slog.DiscardHandler), timing: DefaultTiming()})
	b.put([]id.Unit{"early", "late"})
	listed{[]id.Unit{"early", "late"}, []id.Unit{"early", "late"}}.apply(c)
	for range 2 {
		b.take()
	}
	pushed{attempt: attempt{"early", 1}}.apply(c)
	c.switchToLocal("nobody works")
	pushed{attempt: attempt{"late", 1}}.apply(c)
	if len(b.waiting) != 2 || b.taken != 0 {
		t.Errorf("%+v wait for the feeders, %d are with them; want both units, and none", b.waiting, b.taken)
	}
	if c.tally.pushed != 2 {
		t.Errorf("%d units count as pushed, want 2", c.tally.pushed)
	}
}

func TestWindowSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		slots     int
		perSecond float64
		want      int
	}{
		{"nobody works yet", 0, 0, minWindow},
		{"few slots", 4, 0, minWindow},
		{"a few tasks a slot", 64, 0, 256},
		{"slow checks do not widen it", 64, 80, 256},
		{"quick checks do", 8, 5000, 500},
		{"up to a bound", 8, 1e6, maxRateWindow},
		{"slots beyond the bound count", 1000, 1e6, 4000},
	} {
		if got := windowSize(c.slots, c.perSecond); got != c.want {
			t.Errorf("%s: windowSize(%d, %v) = %d, want %d", c.name, c.slots, c.perSecond, got, c.want)
		}
	}
}
