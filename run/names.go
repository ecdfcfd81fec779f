package run

import (
	"context"
	"iter"
	"runtime"
	"sync"

	"github.com/seed306eabeb/muster/verdict"
)

// List gives the names of the services in scope as they are found. With regions
// it gives those that are deployed in one of them, and those of which that cannot
// be told: their folders or manifests cannot be read.
func List(ctx context.Context, scope Scope) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if len(scope.Regions) == 0 {
			scope.Fleet.Names(ctx)(yield)
			return
		}
		s, err := scope.open(ctx)
		if err == nil && s.broken() {
			err = usagef("the configuration has errors: %s: %s", s.session.Findings()[0].Place, s.session.Findings()[0].Message)
		}
		if err != nil {
			yield("", err)
			return
		}
		s.deployed(ctx, yield)
	}
}

type listedName struct {
	name string
	err  error
}

// deployed yields the names of services that may be deployed, in no order. It owns
// the goroutines that find out.
func (o opened) deployed(ctx context.Context, yield func(string, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	names, found := make(chan string), make(chan listedName)
	var wg sync.WaitGroup
	send := func(n listedName) {
		select {
		case found <- n:
		case <-ctx.Done():
		}
	}
	wg.Go(func() {
		defer close(names)
		for name, err := range o.Fleet.Names(ctx) {
			if err != nil {
				send(listedName{err: err})
				return
			}
			select {
			case names <- name:
			case <-ctx.Done():
				return
			}
		}
	})
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for name := range names {
				if o.mayBeDeployed(ctx, name) {
					send(listedName{name: name})
				}
			}
		})
	}
	go func() { wg.Wait(); close(found) }()
	defer func() {
		cancel()
		for range found {
		}
	}()
	for n := range found {
		if !yield(n.name, n.err) || n.err != nil {
			return
		}
	}
}

// mayBeDeployed is false only for a service that says that it is not.
func (o opened) mayBeDeployed(ctx context.Context, name string) bool {
	files, err := o.Fleet.Pack(ctx, name)
	if err != nil {
		return true
	}
	d, err := o.session.Check(ctx, verdict.Unit{Name: name, Files: files.FS()}, o.regions)
	return err != nil || d.Skipped == ""
}
