package run

import (
	"math/rand/v2"
	"slices"
	"strconv"
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

func TestBacklogBoundsWhatIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog(10, 0, "ci", "ci+lint")
		b.read = 2
		unread, read, slow := job{unit: "a"}, job{unit: "b", packed: &packedUnit{}}, job{unit: "c", lane: 1, packed: &packedUnit{}}
		puts := 0
		var wg sync.WaitGroup
		wg.Go(func() {
			for _, jobs := range [][]job{{unread, unread, unread}, {slow, slow, slow}, {read}, {read}, {read}, {unread}} {
				b.putJobs(jobs)
				puts++
			}
		})
		for i, step := range []struct {
			take string
			puts int // before it is taken
		}{{"a", 4}, {"a", 4}, {"a", 4}, {"b", 4}, {"b", 5}, {"b", 6}, {"a", 6}, {"c", 6}} {
			synctest.Wait()
			if puts != step.puts {
				t.Errorf("before take %d, %d batches were put, want %d", i, puts, step.puts)
			}
			if j, _ := b.take(); string(j.unit) != step.take {
				t.Errorf("take %d: %s, want %s", i, j.unit, step.take)
			}
		}
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

// TestBacklogGoesLaneByLane: whatever is put, taken, released and resized, a job comes from the first lane
// that has one and room for it, in the order of that lane.
func TestBacklogGoesLaneByLane(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		chance := rand.New(rand.NewPCG(seed, 0))
		b := newBacklog(1<<20, 1, "ci", "ci+lint", "ci+test")
		var waiting [3][]id.Unit
		taken, windows := [3]int{}, [3]int{1, 1, 1}
		ready := func() int {
			return slices.IndexFunc([]int{0, 1, 2}, func(i int) bool {
				return len(waiting[i]) > 0 && (windows[i] == 0 || taken[i] < windows[i])
			})
		}
		for step := range 200 {
			lane, unit := chance.IntN(3), id.Unit(strconv.Itoa(step))
			switch chance.IntN(6) {
			case 0, 1:
				b.put([]id.Unit{unit}, func(id.Unit) int { return lane })
				waiting[lane] = append(waiting[lane], unit)
			case 2:
				b.again(job{unit: unit, lane: lane})
				waiting[lane] = append([]id.Unit{unit}, waiting[lane]...)
			case 3:
				windows[lane] = chance.IntN(4)
				b.resize(lane, windows[lane])
			case 4:
				if taken[lane] > 0 {
					b.release(lane)
					taken[lane]--
				}
			case 5:
				at := ready()
				if at < 0 {
					if b.ready() != nil {
						t.Fatalf("seed %d, step %d: a job is given of %v, with %v taken and windows of %v", seed, step, waiting, taken, windows)
					}
					continue
				}
				if j, ok := b.take(); !ok || j.lane != at || j.unit != waiting[at][0] {
					t.Fatalf("seed %d, step %d: %+v is taken, want %s of lane %d", seed, step, j, waiting[at][0], at)
				}
				waiting[at] = waiting[at][1:]
				taken[at]++
			}
		}
	}
}

// TestASlowLaneDoesNotFillTheBacklog: what waits for commands stops no listing, and what needs none
// does.
func TestASlowLaneDoesNotFillTheBacklog(t *testing.T) {
	t.Parallel()
	b := newBacklog(2, 1, "ci", "ci+lint")
	slow := func(id.Unit) int { return 1 }
	if !b.put([]id.Unit{"a", "b", "c"}, slow) || !b.put([]id.Unit{"d"}, slow) || b.full() {
		t.Error("units that need a command have filled the backlog")
	}
	if b.put([]id.Unit{"e", "f"}, nil); !b.full() {
		t.Error("units that need nothing have not filled it")
	}
}
