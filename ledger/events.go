package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// EventKind is what an event tells.
type EventKind string

// The kinds of event.
const (
	VerdictRecorded EventKind = "verdict"   // Service and Body
	BundleLacking   EventKind = "lacking"   // Service; Body is the attempt that lacked one
	RunSealed       EventKind = "sealed"    // all names are listed
	VerdictDropped  EventKind = "dropped"   // Service: it is decided again
	RunCancelled    EventKind = "cancelled" // no more verdicts are taken
	RunClosed       EventKind = "closed"    // the report was written
	RunReopened     EventKind = "reopened"  // verdicts are taken again
)

// Event is one entry of a run's history.
type Event struct {
	Kind    EventKind
	Service string
	Body    []byte
}

// Start is the position before a run's first event.
const Start = "0"

// MaxEvents bounds the memory of one Read: with fewer there are no more for now.
const MaxEvents = 512

// Read returns the events after a position and the position after them. If there
// are none it waits for one, up to block; without one it returns the position
// unchanged. Any number of readers may read the same run, each from where it
// likes. A position is read again after an error: no event is lost with a
// wake-up.
func (l *Ledger) Read(ctx context.Context, run, after string, block time.Duration) ([]Event, string, error) {
	streams, err := l.plain.XRead(ctx, &redis.XReadArgs{
		Streams: []string{keysOf(run).events, after},
		Count:   MaxEvents,
		Block:   block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, after, nil
	}
	if err != nil {
		return nil, after, fmt.Errorf("follow run %s: %w", run, err)
	}
	var events []Event
	for _, s := range streams {
		for _, m := range s.Messages {
			events = append(events, Event{EventKind(text(m, "e")), text(m, "s"), []byte(text(m, "b"))})
			after = m.ID
		}
	}
	return events, after, nil
}

func text(m redis.XMessage, field string) string {
	s, _ := m.Values[field].(string)
	return s
}

// Lacking tells the followers that a task could not be decided because a bundle
// is no longer in Redis: whoever has the bytes can upload them again.
func (l *Ledger) Lacking(ctx context.Context, run, service string, attempt int) error {
	k := keysOf(run)
	err := call(ctx, l.bulk, noteScript, []string{k.run, k.events}, string(BundleLacking), service, attempt, l.seconds()).Err()
	if err != nil {
		return fmt.Errorf("report the missing bundle of %q in run %s: %w", service, run, err)
	}
	return nil
}
