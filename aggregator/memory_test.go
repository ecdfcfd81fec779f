package aggregator

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// bytesPerService is what the design allows a service in memory.
const bytesPerService = 600

// TestMemoryPerService measures a fold of a large fleet of ordinary services. It
// is not parallel: it reads the heap of the whole process.
func TestMemoryPerService(t *testing.T) {
	const n = 100_000
	before := heap()
	f := New(Options{Joins: allJoins, Whole: true})
	for i := range n {
		addOrdinary(f, i)
	}
	folded := heap() - before
	s := f.Summary(nil)
	whole := heap() - before
	if s.OK != n {
		t.Fatalf("%d services are ok, want %d: %q", s.OK, n, findings(s)[:1])
	}
	t.Logf("%d bytes a service in the fold, %d with its summary", folded/n, whole/n)
	if whole/n > bytesPerService {
		t.Errorf("%d bytes a service with the summary, want at most %d", whole/n, bytesPerService)
	}
	runtime.KeepAlive(f)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// addOrdinary adds a service all of whose strings are its own, as they are when
// verdicts come from a queue.
func addOrdinary(f *Fold, i int) {
	name := fmt.Sprintf("service-%06d", i)
	needs := fmt.Sprintf("service-%06d", i/2)
	v := passed(name,
		claimed(known, verdict.Needs, needs, 30, "asia,eu,us"),
		stream("stream-of-"+name, 40, "eu,us"))
	v.Claims[0].Path, v.Claims[1].Path = "dependencies[0].name", "eventStreams[0].name"
	v.Digest = fmt.Sprintf("sha256:%064x", i)
	f.Unit(name)
	f.Expect(name)
	f.Add(v)
}

// BenchmarkAdd is the cost of one verdict.
func BenchmarkAdd(b *testing.B) {
	f := New(Options{Joins: allJoins})
	v := passed("a", stream("orders", 1, "eu,us"), claimed(known, verdict.Needs, "b", 2, "eu"))
	for b.Loop() {
		f.Add(v)
	}
}

// BenchmarkSummary judges a large fleet with every kind of join.
func BenchmarkSummary(b *testing.B) {
	f := New(Options{Joins: allJoins})
	for i := range 100_000 {
		name, needs := fmt.Sprintf("service-%06d", i), fmt.Sprintf("service-%06d", i/2)
		f.Unit(name)
		f.Expect(name)
		f.Add(passed(name, stream(name, 1, "asia,eu,us"), claimed(known, verdict.Needs, needs, 2, ""),
			claimed(deployed, verdict.Provides, name, 1, "asia,eu,us"), claimed(deployed, verdict.Needs, needs, 2, "asia,eu,us"),
			claimed(loops, verdict.Needs, needs, 2, "asia,eu,us")))
	}
	for b.Loop() {
		f.Summary(nil)
	}
}
