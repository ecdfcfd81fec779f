package run

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

func TestBacklogGivesJobsInOrderAndRepeatsFirst(t *testing.T) {
	t.Parallel()
	b := newBacklog(10, 0)
	b.put([]id.Unit{"a", "b"}, nil, nil)
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
		b.put([]id.Unit{"a", "b", "c", "d"}, nil, nil)
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
				b.put([]id.Unit{"a", "b"}, nil, nil)
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
		full.put([]id.Unit{"a"}, nil, nil)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, ok := empty.take(); ok {
					t.Error("took a job out of an empty backlog")
				}
			})
			wg.Go(func() {
				if full.put([]id.Unit{"b"}, nil, nil) {
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
				b.put([]id.Unit{unit}, func(id.Unit) int { return lane }, nil)
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
	if !b.put([]id.Unit{"a", "b", "c"}, slow, nil) || !b.put([]id.Unit{"d"}, slow, nil) || b.full() {
		t.Error("units that need a command have filled the backlog")
	}
	if b.put([]id.Unit{"e", "f"}, nil, nil); !b.full() {
		t.Error("units that need nothing have not filled it")
	}
}

// TestBacklogGivesTheMostUrgentFirst of what waits, and equals as they came. What is repeated goes before all.
func TestBacklogGivesTheMostUrgentFirst(t *testing.T) {
	t.Parallel()
	b := newBacklog(10, 0)
	urgencies := map[id.Unit]uint64{"a": 0, "b": 5, "c": altered, "d": bad + 5, "e": bad + 7, "f": 5, "g": awaited, "h": altered | bad}
	var jobs []job
	for _, u := range []id.Unit{"a", "b", "c", "d", "e", "f", "g", "h"} {
		jobs = append(jobs, job{unit: u, urgency: urgencies[u]})
	}
	b.putJobs(jobs)
	b.again(job{unit: "z"})
	var got []id.Unit
	for range len(jobs) + 1 {
		j, _ := b.take()
		got = append(got, j.unit)
	}
	if want := []id.Unit{"z", "g", "h", "c", "e", "d", "b", "f", "a"}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

// TestTheLongestUnitFirst: as the last one it would end when all others have long ended. Workers
// take units in the order of the backlog, in time that a count stands for.
func TestTheLongestUnitFirst(t *testing.T) {
	t.Parallel()
	const workers, short, long = 4, 200, 100
	makespan := func(told bool) int {
		b := newBacklog(short+1, 0)
		costs := map[id.Unit]int{}
		var jobs []job
		for i := range short + 1 {
			unit, cost := id.Unit(strconv.Itoa(i)), 1
			if i == short {
				cost = long
			}
			costs[unit] = cost
			j := job{unit: unit}
			if told {
				last := cache.NewLast(verdict.OK, int64(cost), "0a")
				j.urgency = urgencyOf(false, &last, "0a")
			}
			jobs = append(jobs, j)
		}
		b.putJobs(jobs)
		var busy [workers]int // until then
		for range jobs {
			j, _ := b.take()
			free := 0
			for w := range busy {
				if busy[w] < busy[free] {
					free = w
				}
			}
			busy[free] += costs[j.unit]
		}
		return slices.Max(busy[:])
	}
	if listed, ordered := makespan(false), makespan(true); listed != short/workers+long || ordered != long {
		t.Errorf("it takes %d as listed, and %d the longest first; want %d and %d", listed, ordered, short/workers+long, long)
	}
}

// TestUrgency: the changed ones, then those that were no ok, then the longest.
func TestUrgency(t *testing.T) {
	t.Parallel()
	last := func(k verdict.Kind, micros int64) *cache.Last {
		l := cache.NewLast(k, micros, "0a")
		return &l
	}
	order := []uint64{
		urgencyOf(true, last(verdict.Failed, 1), "0a"),
		urgencyOf(false, last(verdict.Invalid, 1), "0b"),
		urgencyOf(true, last(verdict.OK, 7), "0a"),
		urgencyOf(false, last(verdict.OK, 5), ""),
		urgencyOf(true, nil, "0a"),
		urgencyOf(false, last(verdict.Invalid, 9), "0a"),
		urgencyOf(false, last(verdict.Failed, 2), "0a"),
		urgencyOf(false, last(verdict.OK, 1<<62), "0a"),
		urgencyOf(false, last(verdict.OK, 3), "0a"),
		urgencyOf(false, last(verdict.OK, -3), "0a"),
	}
	for i := 1; i < len(order); i++ {
		if order[i] > order[i-1] {
			t.Errorf("number %d is more urgent than the one before it", i)
		}
	}
	if got := urgencyOf(false, nil, "0a"); got != 0 {
		t.Errorf("without anything known it is %d", got)
	}
}
