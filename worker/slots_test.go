package worker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// waiting runs f while a task waits for the one slot, which is taken. The result of the
// wait goes to the channel.
func waiting(t *testing.T, f func(s *slots, cancel context.CancelCauseFunc, got <-chan error)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, got := newSlots(1, slotWait), make(chan error, 1)
		if err := s.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		go func() { got <- s.take(ctx) }()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatalf("the taken slot was taken again, with %v", <-got)
		}
		f(s, cancel, got)
	})
}

var errCause = errors.New("the cause")

func TestAFreeSlotEndsTheWait(t *testing.T) {
	waiting(t, func(s *slots, _ context.CancelCauseFunc, got <-chan error) {
		s.free()
		if err := <-got; err != nil || len(s.taken) != 1 {
			t.Errorf("the wait ended with %v and %d slots taken", err, len(s.taken))
		}
	})
}

func TestACancelledTaskEndsTheWait(t *testing.T) {
	waiting(t, func(s *slots, cancel context.CancelCauseFunc, got <-chan error) {
		cancel(errCause)
		if err := <-got; !errors.Is(err, errCause) {
			t.Errorf("the wait ended with %v, want its cause", err)
		}
	})
}

func TestACancelledTaskTakesNoFreeSlot(t *testing.T) {
	t.Parallel()
	s := newSlots(1, slotWait)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	for range 20 {
		if err := s.take(ctx); !errors.Is(err, errCause) || len(s.taken) != 0 {
			t.Fatalf("got %v with %d slots taken, want the cause and none", err, len(s.taken))
		}
	}
}

func TestTheWaitForASlotIsShort(t *testing.T) {
	waiting(t, func(s *slots, _ context.CancelCauseFunc, got <-chan error) {
		s.record(time.Millisecond)
		start := time.Now()
		if err := <-got; !errors.Is(err, errNoSlot) || time.Since(start) != slotWait {
			t.Errorf("the wait ended with %v after %s", err, time.Since(start))
		}
		if s.areShort() {
			t.Error("checks count as quick after a wait in vain")
		}
	})
}

func TestWhenChecksAreQuick(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	type check struct {
		took, then time.Duration // and how long after it the next one is noted
		beside     int           // slots that others have
	}
	for _, tt := range []struct {
		name   string
		checks []check
		quick  bool
	}{
		{"none yet", nil, false},
		{"a quick one", []check{{250 * ms, 0, 0}}, true},
		{"a slow one", []check{{251 * ms, 0, 0}}, false},
		{"a quick one some time ago", []check{{ms, 5 * time.Second, 0}}, true},
		{"a quick one long ago", []check{{ms, 5*time.Second + 1, 0}}, false},
		{"a slow one after a quick one", []check{{0, ms, 0}, {2 * time.Second, ms, 0}}, true},
		{"a very slow one after a quick one", []check{{0, ms, 0}, {2*time.Second + 8*ms, ms, 0}}, false},
		{"quick ones after a very slow one", []check{{0, ms, 0}, {3 * time.Second, ms, 0}, {0, ms, 0}, {0, ms, 0}, {0, ms, 0}}, false},
		{"more of them", []check{{0, ms, 0}, {3 * time.Second, ms, 0}, {0, ms, 0}, {0, ms, 0}, {0, ms, 0}, {0, ms, 0}}, true},
		{"a quick one long after a slow one", []check{{time.Hour, 5*time.Second + 1, 0}, {ms, 0, 0}}, true},
		{"a quick one soon after a slow one", []check{{time.Hour, 5 * time.Second, 0}, {ms, 0, 0}}, false},
		{"a quick one beside others, long after a slow one", []check{{time.Hour, 5*time.Second + 1, 0}, {ms, 0, 1}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSlots(3, slotWait)
				for _, c := range tt.checks {
					for range 1 + c.beside {
						s.taken <- struct{}{}
					}
					s.record(c.took)
					for range 1 + c.beside {
						s.free()
					}
					time.Sleep(c.then) // of virtual time
				}
				if s.areShort() != tt.quick {
					t.Errorf("quick is %t with a mean of %s, want %t", s.areShort(), s.mean, tt.quick)
				}
			})
		})
	}
}
