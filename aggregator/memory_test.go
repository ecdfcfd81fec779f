package aggregator

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// bytesPerUnit is what the design allows a unit in memory, and foldBytesPerUnit what of it the fold
// may have while a run goes on.
const (
	bytesPerUnit     = 600
	foldBytesPerUnit = 250
)

// TestMemoryPerService measures a fold of a large fleet of ordinary units. It is not
// parallel, because it reads the heap of the whole process.
func TestMemoryPerService(t *testing.T) {
	const n = 20_000
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
	if whole/n > bytesPerUnit || folded/n > foldBytesPerUnit {
		t.Errorf("%d bytes a service in the fold and %d with the summary, want at most %d and %d", folded/n, whole/n, foldBytesPerUnit, bytesPerUnit)
	}
	runtime.KeepAlive(f)
}

// TestACollectionLooksAtNoUnit: what there is one of for each has no pointer.
func TestACollectionLooksAtNoUnit(t *testing.T) {
	t.Parallel()
	for _, one := range []reflect.Type{reflect.TypeFor[unitState](), reflect.TypeFor[kept](), reflect.TypeFor[slot]()} {
		if at := pointerIn(one); at != "" {
			t.Errorf("%s has a pointer: %s", one, at)
		}
	}
}

// pointerIn names a part of a type that is not made of numbers alone, "" where there is none.
func pointerIn(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			if at := pointerIn(f.Type); at != "" {
				return f.Name + " " + at
			}
		}
	case reflect.Array:
		return pointerIn(t.Elem())
	default:
		if t.Kind() > reflect.Complex128 {
			return t.String()
		}
	}
	return ""
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// addOrdinary adds a unit that shares no string with another one, as when verdicts come
// from a queue. Its claims are those of an average manifest.
func addOrdinary(f *Fold, i int) {
	v := ordinary(i)
	f.AddKnown(v.Unit)
	f.Expect(v.Unit)
	f.Add(v)
}

func ordinary(i int) verdict.Verdict {
	name := fmt.Sprintf("service-number-%06d", i)
	claims := []verdict.Claim{
		claimed(deployed, verdict.Provides, name, 0, "asia,eu,us"),
		stream(name+".stream-1", 71, "asia,eu,us"), claimed(routes, verdict.Unique, name, 62, "asia,eu,us"),
	}
	for k := range min(3, i) {
		needs := fmt.Sprintf("service-number-%06d", (i*(k+7))%i)
		for _, j := range []verdict.Join{known, deployed, loops} {
			c := claimed(j, verdict.Needs, needs, 58+k, "asia,eu,us")
			c.Path = fmt.Sprintf("dependencies[%d].name", k)
			claims = append(claims, c)
		}
	}
	v := passed(name, claims...)
	v.Digest = id.Digest(fmt.Sprintf("%064x", i))
	return v
}

// BenchmarkFold is a large fleet from the first name to the summary.
func BenchmarkFold(b *testing.B) {
	fleet := make([]verdict.Verdict, 20_000)
	for i := range fleet {
		fleet[i] = ordinary(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		f := New(Options{Joins: allJoins, Whole: true})
		for _, v := range fleet {
			f.AddKnown(v.Unit)
			f.Expect(v.Unit)
			f.Add(v)
		}
		f.Summary(nil)
	}
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
		f.AddKnown(id.Unit(name))
		f.Expect(id.Unit(name))
		f.Add(passed(name, stream(name, 1, "asia,eu,us"), claimed(known, verdict.Needs, needs, 2, ""),
			claimed(deployed, verdict.Provides, name, 1, "asia,eu,us"), claimed(deployed, verdict.Needs, needs, 2, "asia,eu,us"),
			claimed(loops, verdict.Needs, needs, 2, "asia,eu,us")))
	}
	for b.Loop() {
		f.Summary(nil)
	}
}
