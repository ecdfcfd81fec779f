package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// EventKind is what an event tells.
type EventKind string

// The kinds of event.
const (
	VerdictRecorded EventKind = "verdict"   // Unit and Body, the verdict
	VerdictsKept    EventKind = "kept"      // Body has Pointers
	BundleMissing   EventKind = "lacking"   // Unit; Body is the number of the attempt
	RunSealed       EventKind = "sealed"    // all names are listed
	RunCancelled    EventKind = "cancelled" // no more verdicts are taken
	RunClosed       EventKind = "closed"    // the report is written
	RunOpened       EventKind = "opened"    // continued under a new epoch; Unit is the generation
)

// Event is one fact of a run's history.
type Event struct {
	Kind EventKind
	Unit id.Unit
	Body []byte
}

// Start is the position before a run's first event.
const Start = "0"

// readCount bounds the memory of one Read: an entry of the stream holds up to MaxRecorded
// verdicts.
const readCount = 128

// History is what one Read has found.
type History struct {
	Events []Event
	Next   string // the position after Events
	More   bool   // there may be more events after Next already
}

// Read returns the events after a position. If there are none it waits for one, for up to
// block. Any number of readers may read the same run, each from a position of its own.
// After an error the same position can be read again: no event is lost with a wake-up.
func (l *Ledger) Read(ctx context.Context, run id.Run, after string, block time.Duration) (History, error) {
	h := History{Next: after}
	streams, err := l.plain.XRead(ctx, &redis.XReadArgs{
		Streams: []string{keysOf(run).events, after},
		Count:   readCount,
		Block:   block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("follow run %s: %w", run, err)
	}
	for _, s := range streams {
		h.More = len(s.Messages) == readCount
		for _, m := range s.Messages {
			h.Events = appendEvents(h.Events, m)
			h.Next = m.ID
		}
	}
	return h, nil
}

// appendEvents appends the events of one stream entry: a change of state, or the verdicts
// that were recorded together. The fields of the first verdict are s and b, those of the
// second s2 and b2.
func appendEvents(events []Event, m redis.XMessage) []Event {
	kind, suffix := EventKind(text(m, "e")), ""
	for n := 2; ; n++ {
		events = append(events, Event{kind, id.Unit(text(m, "s"+suffix)), []byte(text(m, "b"+suffix))})
		suffix = strconv.Itoa(n)
		if _, ok := m.Values["s"+suffix]; !ok {
			return events
		}
	}
}

func text(m redis.XMessage, field string) string {
	s, _ := m.Values[field].(string)
	return s
}

// BundleMissing tells the followers that a task could not be decided because a bundle is
// missing: a follower that has the bytes can upload them again.
func (l *Ledger) BundleMissing(ctx context.Context, run id.Run, unit id.Unit, attempt int) error {
	k := keysOf(run)
	err := noteScript.Run(ctx, l.bulk, []string{k.run, k.events}, string(BundleMissing), string(unit), attempt, l.seconds()).Err()
	if err != nil {
		return fmt.Errorf("report the missing bundle of %q in run %s: %w", unit, run, err)
	}
	return nil
}
