package run

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

func TestBacklogGivesJobsInOrderAndRepeatsFirst(t *testing.T) {
	t.Parallel()
	b := newBacklog(10, 0)
	if err := b.put(t.Context(), []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	b.again(job{"z", 2})
	for _, want := range []job{{"z", 2}, {"a", 1}, {"b", 1}} {
		got, err := b.take(t.Context())
		if err != nil || got != want {
			t.Errorf("take() = %v, %v; want %v", got, err, want)
		}
	}
}

func TestBacklogWindowWaitsForReleases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog(10, 2)
		if err := b.put(t.Context(), []string{"a", "b", "c", "d"}); err != nil {
			t.Fatal(err)
		}
		taken := 0
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				if _, err := b.take(ctx); err != nil {
					return
				}
				taken++
			}
		})
		for _, step := range []struct {
			does string
			do   func()
			want int
		}{
			{"nothing", func() {}, 2},
			{"one release", b.release, 3},
			{"a larger window", func() { b.resize(3) }, 4},
		} {
			step.do()
			synctest.Wait()
			if taken != step.want {
				t.Errorf("after %s: %d jobs taken, want %d", step.does, taken, step.want)
			}
		}
		cancel()
		wg.Wait()
	})
}

func TestBacklogBoundHoldsBackTheLister(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog(2, 0)
		var wg sync.WaitGroup
		puts := 0
		wg.Go(func() {
			for range 2 {
				if err := b.put(t.Context(), []string{"a", "b"}); err != nil {
					t.Error(err)
				}
				puts++
			}
		})
		synctest.Wait()
		if puts != 1 {
			t.Fatalf("%d batches were put into a full backlog, want 1", puts)
		}
		if _, err := b.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if puts != 2 {
			t.Errorf("%d batches put after a take, want 2", puts)
		}
	})
}

func TestBacklogEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog(1, 0)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := b.take(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("take() on an ended context: %v, want %v", err, context.Canceled)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}
