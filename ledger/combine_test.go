package ledger

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// doubled answers with twice the question after a while, and notes how many came.
type doubled struct {
	mu    sync.Mutex
	sizes []int
	err   error
}

func (d *doubled) call(_ context.Context, questions []int) ([]int, error) {
	time.Sleep(time.Second)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sizes = append(d.sizes, len(questions))
	answers := make([]int, len(questions))
	for i, q := range questions {
		answers[i] = 2 * q
	}
	return answers, d.err
}

func TestACombinerJoinsWhatComesDuringACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d doubled
		c := combiner[int, int]{call: d.call, most: 60}
		var wg sync.WaitGroup
		for i := range 101 {
			wg.Go(func() {
				if got, err := c.ask(t.Context(), i); got != 2*i || err != nil {
					t.Errorf("ask(%d) = %d, %v", i, got, err)
				}
			})
			if i == 0 {
				synctest.Wait() // the first is on its way, alone
			}
		}
		wg.Wait()
		if len(d.sizes) != 3 || d.sizes[0] != 1 || d.sizes[1] != 60 || d.sizes[2] != 40 {
			t.Errorf("calls of %v questions, want 1, 60 and 40", d.sizes)
		}
	})
}

func TestACombinerTellsEverybodyOfAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := doubled{err: errors.New("away")}
		c := combiner[int, int]{call: d.call, most: 10}
		var failed atomic.Int64
		var wg sync.WaitGroup
		for i := range 25 {
			wg.Go(func() {
				if _, err := c.ask(t.Context(), i); errors.Is(err, d.err) {
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 25 {
			t.Errorf("%d of 25 got the error", failed.Load())
		}
	})
}

// TestACombinerGoesOnWithoutThoseWhoLeave: also without the one whose turn it is.
func TestACombinerGoesOnWithoutThoseWhoLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d doubled
		c := combiner[int, int]{call: d.call, most: 1}
		impatient, cancel := context.WithCancel(t.Context())
		var left, answered atomic.Int64
		var wg sync.WaitGroup
		for i := range 10 {
			ctx := t.Context()
			if i%2 == 1 {
				ctx = impatient
			}
			wg.Go(func() {
				switch got, err := c.ask(ctx, i); {
				case err == nil && got == 2*i:
					answered.Add(1)
				case errors.Is(err, context.Canceled):
					left.Add(1)
				}
			})
			synctest.Wait()
		}
		cancel()
		wg.Wait()
		if answered.Load() != 5 || left.Load() != 5 || len(d.sizes) != 5 {
			t.Errorf("%d answered, %d left, %d calls; want 5 each", answered.Load(), left.Load(), len(d.sizes))
		}
		if got, err := c.ask(t.Context(), 21); got != 42 || err != nil {
			t.Errorf("afterwards: ask(21) = %d, %v", got, err)
		}
	})
}
