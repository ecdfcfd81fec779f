package commands

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/sink"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
)

// following is a report that is written while the run goes on. Whoever observes the run leaves
// what is to be told, and waits for no reader.
type following struct {
	place   destination
	about   report.Run
	done    chan error         // how the writing ended
	giveUp  context.CancelFunc // ends the wait for a reader
	arrived chan struct{}      // something is waiting, or it is over

	mu      sync.Mutex // of what follows
	waiting []func(*report.Events) error
	begun   bool
	over    bool // nothing more comes
	closed  bool // nothing more is written
	next    time.Time
}

// progressEvery is how often a report that follows a run tells how far it is.
const progressEvery = time.Second

// errNoReport ends a report of a run that has none.
var errNoReport = errors.New("the run has no report")

// follow begins the reports that are written while the run goes on; those that have begun go
// on. about is what is known of the run.
func (f *outputFlags) follow(cmd *cobra.Command, about report.Run) error {
	if f.following != nil {
		return nil
	}
	all, err := f.destinations()
	if err != nil {
		return err
	}
	about.Started = time.Now().UTC()
	f.following = []*following{}
	for _, d := range all {
		if d.format.Follow == nil {
			continue
		}
		target, err := sink.Find(d.file)
		if err != nil {
			return err
		}
		ignoreBrokenPipes()
		// A run that is interrupted still has a report.
		ctx, giveUp := context.WithCancel(context.WithoutCancel(cmd.Context()))
		one := &following{place: d, about: about, done: make(chan error, 1), giveUp: giveUp, arrived: make(chan struct{}, 1)}
		f.following = append(f.following, one)
		o := f.options()
		go func() {
			if target.IsStdout() {
				one.done <- one.write(cmd.OutOrStdout(), o)
				return
			}
			one.done <- target.Write(ctx, func(w io.Writer) error { return one.write(w, o) })
		}()
	}
	return nil
}

// observe leaves what an event tells.
func (one *following) observe(e run.Event) {
	now := time.Now()
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.closed {
		return
	}
	before := len(one.waiting)
	if !one.begun {
		one.begun = true
		about := one.about
		about.ID = string(e.Run)
		one.waiting = append(one.waiting, func(to *report.Events) error { return to.Run(about) })
	}
	if e.Kind == run.Decided {
		one.waiting = append(one.waiting, func(to *report.Events) error { return to.Unit(e.Verdict) })
	}
	if now.After(one.next) {
		one.next = now.Add(progressEvery)
		p := report.Progress{At: now.UTC(), Listed: e.Progress.Listed, Decided: e.Progress.Decided, Errs: e.Progress.Errs}
		if e.Progress.Total >= 0 {
			p.Total = &e.Progress.Total
		}
		one.waiting = append(one.waiting, func(to *report.Events) error { return to.Progress(p) })
	}
	if len(one.waiting) > before {
		one.call()
	}
}

// call wakes the writer. mu must be held.
func (one *following) call() {
	select {
	case one.arrived <- struct{}{}:
	default:
	}
}

// take waits for what is to be told.
func (one *following) take() (some []func(*report.Events) error, over bool) {
	<-one.arrived
	one.mu.Lock()
	defer one.mu.Unlock()
	some, one.waiting = one.waiting, nil
	return some, one.over
}

// write tells until it is over, or nobody reads any more. What was waiting is written together, and
// at once.
func (one *following) write(w io.Writer, o report.Options) error {
	b := bufio.NewWriterSize(w, 64<<10)
	events := one.place.format.Follow(b, o)
	for {
		some, over := one.take()
		var err error
		for _, tell := range some {
			if err == nil {
				err = tell(events)
			}
		}
		if err == nil {
			err = b.Flush()
		}
		if err != nil || over {
			one.close()
			return err
		}
	}
}

// close lets go of what comes too late.
func (one *following) close() {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.closed, one.waiting = true, nil
}

// end tells the end, and waits until it is written. An interrupt ends the wait, as it does for the
// other reports; after one there is some time for a reader that is there.
func (one *following) end(ctx context.Context, last func(*report.Events) error) error {
	defer one.giveUp()
	if ctx.Err() != nil {
		defer time.AfterFunc(lastPatience, one.giveUp).Stop()
	} else {
		defer context.AfterFunc(ctx, one.giveUp)()
	}
	one.mu.Lock()
	one.waiting, one.over = append(one.waiting, last), true
	one.call()
	one.mu.Unlock()
	return <-one.done
}

// lastPatience is how long an interrupted run waits for the reader of what it has to say.
const lastPatience = 2 * time.Second

// stopFollowing ends the reports of a run that has come to no result: a file stays what it was
// before.
func (f *outputFlags) stopFollowing() {
	for _, one := range f.following {
		one.giveUp()
		one.mu.Lock()
		over := one.over
		one.mu.Unlock()
		if !over {
			one.end(context.Background(), func(*report.Events) error { return errNoReport })
		}
	}
}

// observed calls all observers that are there.
func (f *outputFlags) observed(others ...func(run.Event)) func(run.Event) {
	return func(e run.Event) {
		for _, other := range others {
			other(e)
		}
		if e.Kind == run.Decided && f.change.leavesOut(e.Unit) {
			e.Kind = run.Waiting // it is told at the end, if at all
		}
		for _, one := range f.following {
			one.observe(e)
		}
	}
}

// followedAt is the report that is being written to a place, nil where none is.
func (f *outputFlags) followedAt(d destination) *following {
	for _, one := range f.following {
		if one.place.String() == d.String() {
			return one
		}
	}
	return nil
}

// followsOnStdout says whether a report is written to standard output while the run goes on.
func (f *outputFlags) followsOnStdout() bool {
	all, _ := f.destinations() // check has looked at them
	for _, d := range all {
		if d.format.Follow == nil {
			continue
		}
		if target, err := sink.Find(d.file); err == nil && target.IsStdout() {
			return true
		}
	}
	return false
}
