package run

import (
	"log/slog"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/reissue"
)

// TestAPushThatEndsAfterTheSwitchIsDecidedHere: nobody else may ever take the task.
func TestAPushThatEndsAfterTheSwitchIsDecidedHere(t *testing.T) {
	t.Parallel()
	b := newBacklog(8, 8)
	c := newConsumer(consumerOptions{fold: aggregator.New(aggregator.Options{Whole: true}), backlog: b, onUndecided: DecideLocal,
		toLocal: func(int) {}, allLocal: func(bool) {}, log: slog.New(slog.DiscardHandler), timing: DefaultTiming()})
	b.put([]id.Unit{"early", "late"}, nil, nil)
	listed{expected: []id.Unit{"early", "late"}, known: []id.Unit{"early", "late"}}.apply(c)
	for range 2 {
		b.take()
	}
	pushed{Attempt: reissue.Attempt{Unit: "early", Number: 1}}.apply(c)
	c.switchToLocal("nobody works")
	pushed{Attempt: reissue.Attempt{Unit: "late", Number: 1}}.apply(c)
	if len(b.lanes[0].waiting) != 2 || b.lanes[0].taken != 0 {
		t.Errorf("%+v wait for the feeders, %d are with them; want both units, and none", b.lanes[0].waiting, b.lanes[0].taken)
	}
	if c.tally.pushed != 2 {
		t.Errorf("%d units count as pushed, want 2", c.tally.pushed)
	}
}
