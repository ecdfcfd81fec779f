package tasks

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlotsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(2)
		for range 2 {
			if err := s.take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := make(chan error, 1)
		go func() { got <- s.take(t.Context()) }()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("a third of two slots was taken")
		}
		s.free(0)
		if err := <-got; err != nil {
			t.Errorf("with a free slot: %v", err)
		}
		cause := errors.New("the worker stops")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := s.take(ctx); !errors.Is(err, cause) {
			t.Errorf("waiting ended with %v, want its cause", err)
		}
	})
}

func TestWhenChecksAreQuick(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	type check struct{ took, then time.Duration } // and how long after it the next one is noted
	for _, tt := range []struct {
		name   string
		checks []check
		quick  bool
	}{
		{"none yet", nil, false},
		{"a quick one", []check{{250 * ms, 0}}, true},
		{"a slow one", []check{{251 * ms, 0}}, false},
		{"a quick one some time ago", []check{{ms, 5 * time.Second}}, true},
		{"a quick one long ago", []check{{ms, 5*time.Second + 1}}, false},
		{"a slow one after a quick one", []check{{0, ms}, {2 * time.Second, ms}}, true},
		{"a very slow one after a quick one", []check{{0, ms}, {2*time.Second + 8*ms, ms}}, false},
		{"quick ones after a very slow one", []check{{0, ms}, {3 * time.Second, ms}, {0, ms}, {0, ms}, {0, ms}}, false},
		{"more of them", []check{{0, ms}, {3 * time.Second, ms}, {0, ms}, {0, ms}, {0, ms}, {0, ms}}, true},
		{"a quick one long after a slow one", []check{{time.Hour, 5*time.Second + 1}, {ms, 0}}, true},
		{"a quick one soon after a slow one", []check{{time.Hour, 5 * time.Second}, {ms, 0}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSlots(1)
				for _, c := range tt.checks {
					s.note(c.took)
					time.Sleep(c.then) // of virtual time
				}
				if s.quick() != tt.quick {
					t.Errorf("quick is %t with a mean of %s, want %t", s.quick(), s.mean, tt.quick)
				}
			})
		})
	}
}
