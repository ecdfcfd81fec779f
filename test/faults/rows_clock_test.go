//go:build linux

package faults

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/tasks"
)

// wrongClock keeps the leases as a worker with a wrong clock writes them, and
// starts a worker, which looks for expired leases at once. Then it lets a worker
// see a Redis of another time.
func wrongClock(t *testing.T, f *figures) {
	for _, by := range []time.Duration{-10 * time.Minute, -time.Minute, time.Minute, 10 * time.Minute} {
		wrongLeases(t, f, by)
	}
	for _, by := range []time.Duration{-10 * time.Minute, -time.Minute, time.Minute, 10 * time.Minute} {
		w := newWorld(t)
		w.via().Rewrite(shiftTime(by))
		p := w.workerUnheard(nil)
		if code := p.exit(long); code != 2 || p.Count("clock") == 0 {
			t.Errorf("a worker %s off ended with %d and %q, want 2 and a word about its clock", by, code, p.Said())
		}
	}
}

func wrongLeases(t *testing.T, f *figures, by time.Duration) {
	const held = 4
	w := newWorld(t)
	for i := range held {
		w.unit(unitName(i), "wait gate")
	}
	w.unit("z", "wait z") // keeps the run open
	first := w.worker("--concurrency", "5")
	e := w.enqueue()
	w.begun(first, held+1)
	w.shiftLeases(by)
	second := w.worker("--concurrency", "5")
	want := 0
	if by < 0 {
		want = held + 1
		await(t, long, "the second worker's deliveries", func() bool {
			w.shiftLeases(by)
			return len(w.begunBy(second)) == want
		})
	}
	w.open("gate")
	w.open("z")
	w.truth(e.outcome(long), nil)
	h := w.header()
	await(t, long, "the verdicts of the second deliveries", func() bool {
		h = w.header()
		return h.Duplicates+h.Late == want
	})
	f.note(fmt.Sprintf("delivered again with leases %.0f s off", by.Seconds()), float64(h.Duplicates+h.Late), "")
	if h.Contradictions != 0 || h.Decided != held+1 {
		t.Errorf("leases %s off: %d contradictions, %d decided", by, h.Contradictions, h.Decided)
	}
	if n := e.Count("an attempt is lost"); n != 0 {
		t.Errorf("leases %s off: the run issued %d services again", by, n)
	}
}

// shiftLeases writes the leases as a clock that is off writes them.
func (w *world) shiftLeases(by time.Duration) {
	const lease = 30 * time.Second // asynq's
	ctx, key := w.t.Context(), "asynq:{"+tasks.QueueCI+"}:lease"
	for _, id := range w.plain().ZRange(ctx, key, 0, -1).Val() {
		w.plain().ZAddXX(ctx, key, redis.Z{Score: float64(time.Now().Add(lease + by).Unix()), Member: id})
	}
}

// shiftTime changes the replies to TIME.
func shiftTime(by time.Duration) func([]byte) []byte {
	const head, digits = "*2\r\n$10\r\n", 10
	return func(reply []byte) []byte {
		i := bytes.Index(reply, []byte(head)) + len(head)
		if i < len(head) || len(reply) < i+digits {
			return reply
		}
		var at int64
		if _, err := fmt.Sscan(string(reply[i:i+digits]), &at); err != nil {
			return reply
		}
		changed := slices.Clone(reply)
		copy(changed[i:], fmt.Sprint(at+int64(by.Seconds())))
		return changed
	}
}
