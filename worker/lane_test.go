package worker

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestSlotsOfCommands: claims are granted in their order, all slots of one or none.
func TestSlotsOfCommands(t *testing.T) {
	t.Parallel()
	s := newCommandSlots(2)
	s.limit(map[string]int{"a": 1, "b": 1, "c": 2})
	ask := func(needs ...string) *claim { return s.ask(needs) }
	has := func(want string, claims ...*claim) {
		t.Helper()
		var got []byte
		for _, c := range claims {
			got = append(got, map[bool]byte{true: 'x', false: '.'}[c.has()])
		}
		if string(got) != want {
			t.Fatalf("granted are %s, want %s", got, want)
		}
	}
	a, both := ask("a"), ask("a", "b")
	b, c := ask("b"), ask("c")
	has("x..x", a, both, b, c) // who waits for both keeps b free
	d := ask("c")
	s.free(c)
	has("x..x", a, both, b, d)
	s.free(a)
	has("x.x", both, b, d)
	s.free(both)
	has("xx", b, d)
	e, f := ask("c"), ask("c")
	s.free(e) // which waited
	s.free(b)
	has("xx", d, f)
	s.free(d)
	s.free(f)
	s.limit(map[string]int{"c": 1})
	if s.offers([]string{"a"}) || !s.offers([]string{"c"}) || s.offers([]string{"c", "a"}) {
		t.Error("what is offered is not what has a limit")
	}
	gone := ask("a")
	has(".", gone)
	s.free(gone)
	if taken, running := s.now(); taken != 0 || running["a"]+running["b"]+running["c"] != 0 {
		t.Errorf("%d slots stay taken, of %v", taken, running)
	}
}

// track is a lane of one slot, of whose fetches a test decides.
type track struct {
	*lane
	found   bool // there is a task
	asked   []time.Duration
	started time.Time
}

func onTrack(t *testing.T, f func(t *testing.T, tr *track)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := NewHandler(HandlerOptions{Concurrency: 1, CommandSlots: 1, SlotWait: time.Second, Log: slog.New(slog.DiscardHandler)})
		h.offer(nil, map[string]int{"a": 1})
		f(t, &track{lane: newLane("q+a", []string{"a"}, h, func() int { return 1 }), started: time.Now()})
	})
}

// fetches says whether a fetch finds a task.
func (tr *track) fetches(t *testing.T) bool {
	cmd := tr.fetch(t.Context(), func() *redis.Cmd {
		tr.asked = append(tr.asked, time.Since(tr.started))
		if !tr.found {
			return answer(t.Context(), redis.Nil)
		}
		return answer(t.Context(), nil)
	})
	return cmd.Err() == nil
}

// takes makes the next task take its slot.
func (tr *track) takes(t *testing.T) *commandSeat {
	t.Helper()
	s := tr.seat()
	if err := s.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// asks fails unless Redis was asked at the times given.
func (tr *track) asks(t *testing.T, want ...time.Duration) {
	t.Helper()
	if !slices.Equal(tr.asked, want) {
		t.Errorf("Redis was asked at %v, want %v", tr.asked, want)
	}
}

func TestALaneIsAskedWhenASlotIsFree(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		tr.found = true
		if !tr.fetches(t) {
			t.Fatal("no task was fetched")
		}
		s := tr.takes(t)
		time.AfterFunc(3*time.Second, func() { s.leave(3 * time.Second) })
		if !tr.fetches(t) {
			t.Error("no task was fetched when the slot was free")
		}
		tr.asks(t, 0, 3*time.Second)
		second := tr.takes(t)
		if tr.fetches(t) {
			t.Error("a task was fetched without a slot")
		}
		if waited := time.Since(tr.started); waited != 3*time.Second+laneWait {
			t.Errorf("a fetch without a slot took until %s", waited)
		}
		second.leave(unmeasured)
	})
}

// TestATaskIsFetchedShortlyBeforeItsSlot where commands are short: one task, not more.
func TestATaskIsFetchedShortlyBeforeItsSlot(t *testing.T) {
	for name, c := range map[string]struct{ mean, asked time.Duration }{
		"short commands": {400 * time.Millisecond, 350 * time.Millisecond},
		"quick commands": {20 * time.Millisecond, 0},
		"long commands":  {2 * time.Second, 4 * time.Second},
		"none yet":       {0, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			onTrack(t, func(t *testing.T, tr *track) {
				tr.found = true
				tr.mean = c.mean
				tr.fetches(t)
				first := tr.takes(t)
				time.AfterFunc(4*time.Second, func() { first.leave(unmeasured) })
				tr.fetches(t)
				tr.asks(t, 0, c.asked)
				second := tr.seat()
				if n := tr.waiting(); (n == 1) != (c.asked < 4*time.Second) {
					t.Errorf("%d tasks wait for a slot", n)
				}
				if tr.fetches(t) && c.asked < 4*time.Second {
					t.Error("a second task was fetched ahead")
				}
				second.drop()
			})
		})
	}
}

// TestEachSlotHasATaskAhead that will soon be free, and no other.
func TestEachSlotHasATaskAhead(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		tr.handler.commands = newCommandSlots(2)
		tr.handler.offer(nil, map[string]int{"a": 2})
		tr.found = true
		tr.fetches(t)
		first := tr.takes(t)
		time.Sleep(100 * time.Millisecond)
		tr.fetches(t)
		second := tr.takes(t)
		tr.mean = 200 * time.Millisecond
		tr.fetches(t)
		third := tr.seat()
		tr.fetches(t)
		fourth := tr.seat()
		tr.asks(t, 0, 100*time.Millisecond, 150*time.Millisecond, 250*time.Millisecond)
		if tr.fetches(t) {
			t.Error("a task was fetched ahead of no slot")
		}
		for _, s := range []*commandSeat{fourth, third, second, first} {
			s.drop()
		}
	})
}

// TestATaskAheadGoesBackInTime.
func TestATaskAheadGoesBackInTime(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		tr.found, tr.mean = true, time.Millisecond
		tr.fetches(t)
		first := tr.takes(t)
		tr.fetches(t)
		if err := tr.seat().take(t.Context()); !errors.Is(err, errNoSlot) || time.Since(tr.started) != time.Second {
			t.Errorf("after %s the task ahead got %v", time.Since(tr.started), err)
		}
		if n := tr.waiting(); n != 0 {
			t.Errorf("%d tasks wait after it", n)
		}
		first.leave(time.Millisecond)
		if taken, _ := tr.handler.commands.now(); taken != 0 {
			t.Errorf("%d slots stay taken", taken)
		}
	})
}

// TestANewLaneIsAskedAtOnce, as its first task comes a moment after it is announced.
func TestANewLaneIsAskedAtOnce(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		tr.fetches(t)
		for i, at := range tr.asked[1:] {
			if gap := at - tr.asked[i]; at <= busyFor && gap > quickPoll {
				t.Errorf("nobody asked for %s", gap)
			}
		}
	})
}

// TestAnEmptyLaneIsAskedOften enough that a task begins soon, and more often where others have just
// come. Nobody holds a slot meanwhile.
func TestAnEmptyLaneIsAskedOften(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		time.Sleep(busyFor) // it is not new
		if tr.fetches(t) {
			t.Fatal("a task was fetched from an empty lane")
		}
		if n := len(tr.asked); n < int(laneWait/idlePoll) || n > 2*int(laneWait/idlePoll) {
			t.Errorf("the lane was asked %d times in %s", n, laneWait)
		}
		for i, at := range tr.asked[1:] {
			if gap := at - tr.asked[i]; gap > idlePoll {
				t.Errorf("nobody asked for %s", gap)
			}
		}
		tr.found = true
		tr.fetches(t)
		tr.takes(t).leave(time.Millisecond)
		tr.found, tr.asked, tr.mean = false, nil, 0
		tr.fetches(t)
		if n := len(tr.asked); n < int(busyFor/quickPoll) {
			t.Errorf("the lane was asked %d times in %s after a task", n, laneWait)
		}
		if taken, _ := tr.handler.commands.now(); taken != 0 {
			t.Errorf("%d slots stay taken", taken)
		}
	})
}

// TestALaneThatIsHeldOrStopsAsksNothing, and keeps no slot from others.
func TestALaneThatIsHeldOrStopsAsksNothing(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		tr.found = true
		tr.hold(true)
		time.AfterFunc(time.Second, func() { tr.hold(false) })
		time.AfterFunc(500*time.Millisecond, func() {
			if taken, _ := tr.handler.commands.now(); taken != 0 {
				t.Error("a held lane has a slot")
			}
		})
		tr.fetches(t)
		tr.asks(t, time.Second)
		tr.hold(true)
		if err := tr.seat().take(t.Context()); !errors.Is(err, errLost) {
			t.Errorf("a task that was fetched before got %v", err)
		}
		tr.hold(false)
		tr.fetches(t)
		s := tr.takes(t)
		time.AfterFunc(time.Second, tr.stop)
		if tr.fetches(t) || time.Since(tr.started) != 2*time.Second {
			t.Errorf("a lane that stops answered after %s", time.Since(tr.started))
		}
		s.drop()
	})
}

// TestATaskThatDoesNotComeKeepsNoSlot: asynq fetches what it then cannot read.
func TestATaskThatDoesNotComeKeepsNoSlot(t *testing.T) {
	onTrack(t, func(t *testing.T, tr *track) {
		tr.found = true
		tr.fetches(t)
		time.Sleep(arrivesWithin + time.Millisecond)
		tr.mu.Lock()
		here := len(tr.fetched)
		tr.mu.Unlock()
		if taken, _ := tr.handler.commands.now(); taken != 0 || here != 0 {
			t.Errorf("%d slots stay taken for %d tasks", taken, here)
		}
		s := tr.takes(t) // it comes after all
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := tr.seat().take(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("a task that is given up takes a slot: %v", err)
		}
		s.leave(time.Second)
		if taken, _ := tr.handler.commands.now(); taken != 0 {
			t.Errorf("%d slots stay taken", taken)
		}
	})
}
