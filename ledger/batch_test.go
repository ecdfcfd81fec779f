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

// doubled replies with twice the request after a while, and notes when it was called
// and how many requests came.
type doubled struct {
	mu    sync.Mutex
	sizes []int
	at    []time.Duration
	begun time.Time
	err   error
}

func (d *doubled) call(ctx context.Context, requests []int) ([]int, error) {
	d.mu.Lock()
	d.sizes = append(d.sizes, len(requests))
	d.at = append(d.at, time.Since(d.begun))
	d.mu.Unlock()
	time.Sleep(time.Second)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	replies := make([]int, len(requests))
	for i, r := range requests {
		replies[i] = 2 * r
	}
	return replies, d.err
}

func TestABatcherJoinsWhatComesWithinItsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := doubled{begun: time.Now()}
		b := batcher[int, int]{call: d.call}
		var wg sync.WaitGroup
		request := func(i int) {
			wg.Go(func() {
				if got, err := b.do(t.Context(), i); got != 2*i || err != nil {
					t.Errorf("do(%d) = %d, %v", i, got, err)
				}
			})
		}
		request(0)
		synctest.Wait() // the first is on its way at once, alone
		for i := range batchMax + 40 {
			request(i + 1)
		}
		wg.Wait()
		request(-1) // after a quiet time nobody waits
		wg.Wait()
		// The calls do not wait for each other's replies.
		want := []time.Duration{0, batchPace, 2 * batchPace, time.Second + 2*batchPace}
		for i, size := range []int{1, batchMax, 40, 1} {
			if len(d.sizes) != len(want) || d.sizes[i] != size || d.at[i] != want[i] {
				t.Fatalf("calls of %v requests at %v, want 1, %d, 40 and 1 at %v", d.sizes, d.at, batchMax, want)
			}
		}
	})
}

func TestABatcherTellsEverybodyOfAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := doubled{err: errors.New("away")}
		b := batcher[int, int]{call: d.call}
		var failed atomic.Int64
		var wg sync.WaitGroup
		for i := range 25 {
			wg.Go(func() {
				if _, err := b.do(t.Context(), i); errors.Is(err, d.err) {
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

// TestABatcherGoesOnWithoutThoseWhoLeave: also without the one whose turn it is, and
// a call that the leaving one has begun is still made for the others.
func TestABatcherGoesOnWithoutThoseWhoLeave(t *testing.T) {
	t.Parallel()
	for _, impatient := range []struct {
		name string
		who  map[int]bool
		when time.Duration // from the second request on
	}{
		{"who has the turn", map[int]bool{1: true}, batchPace / 2},
		{"who waits", map[int]bool{2: true, 3: true}, batchPace / 2},
		{"everybody", map[int]bool{1: true, 2: true, 3: true}, batchPace / 2},
		{"who has called", map[int]bool{1: true}, 2 * batchPace},
	} {
		t.Run(impatient.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var d doubled
				b := batcher[int, int]{call: d.call}
				short, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				for i := range 4 {
					ctx := t.Context()
					if impatient.who[i] {
						ctx = short
					}
					early := impatient.who[i] && impatient.when < batchPace
					wg.Go(func() {
						switch got, err := b.do(ctx, i); {
						case early && errors.Is(err, context.Canceled):
						case !early && got == 2*i && err == nil:
						default:
							t.Errorf("do(%d) = %d, %v", i, got, err)
						}
					})
					synctest.Wait()
				}
				time.Sleep(impatient.when)
				cancel()
				wg.Wait()
				if got, err := b.do(t.Context(), 21); got != 42 || err != nil {
					t.Errorf("afterwards: do(21) = %d, %v", got, err)
				}
			})
		})
	}
}
