package run

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/seed306eabeb/muster/id"
)

func TestBacklogGivesJobsInOrderAndRepeatsFirst(t *testing.T) {
	t.Parallel()
	b := newBacklog(10, 0)
	b.put([]id.Unit{"a", "b"}, nil)
	b.again(job{unit: "z", lost: 1})
	for _, want := range []job{{unit: "z", lost: 1, again: true}, {unit: "a"}, {unit: "b"}} {
		if got, ok := b.take(); !ok || got != want {
			t.Errorf("take() = %v, %v; want %v", got, ok, want)
		}
	}
}

func TestBacklogWindowWaitsForReleases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog(10, 2)
		b.put([]id.Unit{"a", "b", "c", "d"}, nil)
		taken := 0
		var wg sync.WaitGroup
		wg.Go(func() {
			for _, ok := b.take(); ok; _, ok = b.take() {
				taken++
			}
		})
		for _, step := range []struct {
			does string
			do   func()
			want int
		}{
			{"nothing", func() {}, 2},
			{"one release", func() { b.release(0) }, 3},
			{"a pause and a larger window", func() { b.pause(true); b.resize(0, 3) }, 3},
			{"the end of the pause", func() { b.pause(false) }, 4},
		} {
			step.do()
			synctest.Wait()
			if taken != step.want {
				t.Errorf("after %s: %d jobs taken, want %d", step.does, taken, step.want)
			}
		}
		b.close()
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
				b.put([]id.Unit{"a", "b"}, nil)
				puts++
			}
		})
		synctest.Wait()
		if puts != 1 {
			t.Fatalf("%d batches were put into a full backlog, want 1", puts)
		}
		b.take()
		wg.Wait()
		if puts != 2 {
			t.Errorf("%d batches put after a take, want 2", puts)
		}
	})
}

func TestBacklogWakesEverybodyWhenItCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		empty, full := newBacklog(1, 0), newBacklog(1, 0)
		full.put([]id.Unit{"a"}, nil)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, ok := empty.take(); ok {
					t.Error("took a job out of an empty backlog")
				}
			})
			wg.Go(func() {
				if full.put([]id.Unit{"b"}, nil) {
					t.Error("put into a closed backlog")
				}
			})
		}
		synctest.Wait()
		empty.close()
		full.close()
		wg.Wait()
	})
}
