package check

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Opened is a session, with what the verdicts of its checks say about their origin.
type Opened struct {
	Session
	checker, engine string
	shared          id.Digest
}

// Open opens a checker on the files that all units share.
func Open(c Checker, shared bundle.Bundle) (Opened, error) {
	s, err := c.Open(shared.FS())
	return Opened{Session: s, checker: c.Name(), engine: c.Engine(), shared: shared.Digest()}, err
}

// Invalid says whether the shared files have errors. Nothing is checked then.
func (o Opened) Invalid() bool { return verdict.HasError(o.Findings()) }

// About is the subject of a verdict about a unit. digest names the unit's bytes, and is
// "" if they could not be read.
func (o Opened) About(unit id.Unit, digest id.Digest) verdict.Subject {
	return verdict.Subject{Unit: unit, Digest: digest, Shared: o.shared}
}

// Engines are those of the parts of its verdicts, as verdict.Verdict.Engines lists them.
func (o Opened) Engines() []string { return []string{o.engine} }

// Failed is the part of the check that could not decide about a unit.
func (o Opened) Failed(cause string) verdict.Part {
	return verdict.Part{Check: o.checker, Engine: o.engine, Failure: cause}
}

// Decide checks one unit for at most limit and makes the verdict. An error means that the
// unit could not be decided. The verdict is then the failed one with the same cause, for
// a caller that does not try again. A panic of the checker is such an error.
func (o Opened) Decide(ctx context.Context, unit id.Unit, files bundle.Bundle, regions []string, limit time.Duration) (verdict.Verdict, error) {
	about := o.About(unit, files.Digest())
	start := time.Now()
	d, err := o.run(ctx, Unit{Name: unit, Files: files.FS()}, regions, limit)
	part := verdict.Part{Check: o.checker, Engine: o.engine, Decision: d}
	if err != nil {
		part = o.Failed(err.Error())
	}
	v := about.Of(part)
	v.Micros = time.Since(start).Microseconds()
	return v, err
}

// timeoutError is the cause with which a check is given up. Its text is made when it is
// asked for, because most checks end in time.
type timeoutError struct{ after time.Duration }

func (e timeoutError) Error() string {
	return fmt.Sprintf("the check took longer than %s: raise --service-timeout or see what it waits for", e.after)
}

// outcome is what a check returned.
type outcome struct {
	decision verdict.Decision
	err      error
}

// run runs one check for at most limit and turns a panic into an error. A checker that
// ignores its context is left behind, so that its slot is free again. Its goroutine ends
// when the checker returns.
func (o Opened) run(ctx context.Context, u Unit, regions []string, limit time.Duration) (verdict.Decision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, timeoutError{limit})
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{err: fmt.Errorf("the checker panicked: %v\n%s", p, debug.Stack())}
			}
		}()
		d, err := o.Session.Check(ctx, u, regions)
		done <- outcome{d, err}
	}()
	select {
	case out := <-done:
		if out.err != nil && ctx.Err() != nil {
			return verdict.Decision{}, context.Cause(ctx)
		}
		return out.decision, out.err
	case <-ctx.Done():
		return verdict.Decision{}, context.Cause(ctx)
	}
}
