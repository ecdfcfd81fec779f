package scope

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// List gives the names of the units in scope as they are found. With regions it gives
// those that are deployed in one of them, and those of which that cannot be told: their
// folders or manifests cannot be read.
func (s Scope) List(ctx context.Context) iter.Seq2[id.Unit, error] {
	return func(yield func(id.Unit, error) bool) {
		if len(s.Regions) == 0 && !verdict.HasError(s.Mistakes) {
			s.names(ctx)(yield)
			return
		}
		r, err := s.Resolve(ctx)
		if err == nil && r.Invalid() {
			first := r.Findings()[0]
			err = Usagef("the configuration has errors: %s: %s", first.Place, first.Message)
		}
		if err != nil {
			yield("", err)
			return
		}
		deployed := deployedFilter{Resolved: r, names: make(chan id.Unit), found: make(chan listed)}
		deployed.each(ctx, yield)
	}
}

// names are those of the fleet, or those selected of it.
func (s Scope) names(ctx context.Context) iter.Seq2[id.Unit, error] {
	if s.Selection.Whole() {
		return s.Fleet.Units(ctx)
	}
	return func(yield func(id.Unit, error) bool) {
		for _, name := range s.Selection.Units() {
			if !yield(name, nil) {
				return
			}
		}
	}
}

// listed is a name, or why there is none.
type listed struct {
	name id.Unit
	err  error
}

// deployedFilter looks in parallel which units of a listing may be deployed.
type deployedFilter struct {
	Resolved
	names chan id.Unit
	found chan listed
}

// each yields the units that may be deployed, in no order. It owns the goroutines that
// find out.
func (f deployedFilter) each(ctx context.Context, yield func(id.Unit, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { f.list(ctx) })
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() { f.look(ctx) })
	}
	go func() { wg.Wait(); close(f.found) }()
	defer func() {
		cancel()
		for range f.found {
		}
	}()
	for n := range f.found {
		if !yield(n.name, n.err) || n.err != nil {
			return
		}
	}
}

// list hands on the names in scope.
func (f deployedFilter) list(ctx context.Context) {
	defer close(f.names)
	for name, err := range f.Scope.names(ctx) {
		if err != nil {
			f.send(ctx, listed{err: err})
			return
		}
		select {
		case f.names <- name:
		case <-ctx.Done():
			return
		}
	}
}

// look passes on the units that may be deployed.
func (f deployedFilter) look(ctx context.Context) {
	for name := range f.names {
		if f.mayBeDeployed(ctx, name) {
			f.send(ctx, listed{name: name})
		}
	}
}

func (f deployedFilter) send(ctx context.Context, n listed) {
	select {
	case f.found <- n:
	case <-ctx.Done():
	}
}

// lookLimit bounds the look at one unit.
const lookLimit = 30 * time.Second

// mayBeDeployed is false only for a unit that says that it is not.
func (f deployedFilter) mayBeDeployed(ctx context.Context, name id.Unit) bool {
	files, kind, err := f.Fleet.Unit(ctx, name)
	if err != nil {
		return true
	}
	v, err := f.Of(kind).Session.Decide(ctx, f.request(name, files, lookLimit))
	return err != nil || v.Skipped() == ""
}
