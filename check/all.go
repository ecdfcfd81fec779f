package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// All are the checks that a unit gets, opened on one shared tree: what they find, claim and
// cannot decide is one verdict. The zero value checks nothing.
type All struct {
	checks  []opened
	shared  id.Digest
	opening int64
}

// openings counts those of this process.
var openings atomic.Int64

// opened is one of the checks.
type opened struct {
	kind    string
	session Session
	engine  string
	impure  bool
	regions []string               // all that it has
	narrow  Narrow                 // nil for one that reads all that it is given
	reads   func(file string) bool // of a unit; nil for all
}

// OpenAll opens the checks of a unit on the files that all units share.
func OpenAll(kinds Kinds, shared bundle.Bundle) (All, error) {
	a := All{shared: shared.Digest(), opening: openings.Add(1)}
	for _, k := range kinds {
		s, err := open(k, shared, len(kinds) > 1)
		if err != nil {
			return All{}, err
		}
		c := opened{kind: k.Name(), engine: k.Engine(), session: s, impure: s.Traits().Impure}
		if r, ok := s.(Regional); ok {
			c.regions = r.Regions()
		}
		if c.narrow, _ = s.(Narrow); c.narrow != nil {
			c.reads = c.narrow.Reads()
		}
		a.checks = append(a.checks, c)
	}
	slices.SortStableFunc(a.checks, func(x, y opened) int { return strings.Compare(x.kind, y.kind) })
	return a, nil
}

// Opening is a number that no other opening in this process has: what the checks of the same one say of themselves
// does not change.
func (a All) Opening() int64 { return a.opening }

// open opens one check, and turns a panic into an error. An error names the check where it is
// one of several.
func open(k Kind, shared bundle.Bundle, several bool) (s Session, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check %q panicked: %v\n%s", k.Name(), p, stack())
		}
	}()
	if s, err = k.Open(shared.FS()); err != nil && several {
		err = fmt.Errorf("the check %q: %w", k.Name(), err)
	}
	return s, err
}

// Names are the names of the checks, sorted.
func (a All) Names() []string {
	all := make([]string, len(a.checks))
	for i, c := range a.checks {
		all[i] = c.kind
	}
	return all
}

// Engines are the engines of the checks, by the checks' names.
func (a All) Engines() map[string]string {
	all := make(map[string]string, len(a.checks))
	for _, c := range a.checks {
		all[c.kind] = c.engine
	}
	return all
}

// Lacking are the checks of which this process has the name alone: it can decide nothing about them. A
// kind that it can decide by has an engine.
func (a All) Lacking() (names []string) {
	for _, c := range a.checks {
		if c.engine == "" {
			names = append(names, c.kind)
		}
	}
	return names
}

// Impure says whether any check's decisions depend on more than bytes and engine. Of a check that
// is Lacking only its decisions tell.
func (a All) Impure() bool {
	return slices.ContainsFunc(a.checks, func(c opened) bool { return c.impure && c.engine != "" })
}

// Findings are the mistakes in the shared files, sorted.
func (a All) Findings() (all []verdict.Finding) {
	for _, c := range a.checks {
		all = append(all, c.session.Findings()...)
	}
	return verdict.SortFindings(all)
}

// Invalid says whether the shared files have errors. Nothing is checked then.
func (a All) Invalid() bool { return verdict.HasError(a.Findings()) }

// Rules are those that the shared files make, in the order of the checks.
func (a All) Rules() (all []verdict.Rule) {
	for _, c := range a.checks {
		if r, ok := c.session.(Ruled); ok {
			all = append(all, r.Rules()...)
		}
	}
	return all
}

// Joins are the fleet rules of all checks.
func (a All) Joins() (all []verdict.Join) {
	for _, c := range a.checks {
		all = append(all, c.session.Joins()...)
	}
	return all
}

// Selections are those of all checks that have some.
func (a All) Selections() (all []verdict.Selection) {
	for _, c := range a.checks {
		if s, ok := c.session.(Selective); ok {
			all = append(all, s.Selections()...)
		}
	}
	return all
}

// Regions are the regions of all checks that have some, each once, in the order of the
// shared files.
func (a All) Regions() (all []string) {
	for _, c := range a.checks {
		for _, r := range c.regions {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

// Named are the regions that a name or an alias stands for: checks may each call another one
// so. There is none for what no check knows.
func (a All) Named(nameOrAlias string) (all []string) {
	for _, c := range a.checks {
		if r, is := c.session.(Regional); is {
			if region, ok := r.Region(nameOrAlias); ok && !slices.Contains(all, region) {
				all = append(all, region)
			}
		}
	}
	return all
}

// of are the selected regions that the check has, in its order. They are a list of their
// own: a decision may hold it, and its lists are sorted.
func (c opened) of(selected []string) []string {
	return slices.DeleteFunc(slices.Clone(c.regions), func(r string) bool { return !slices.Contains(selected, r) })
}

// Request asks for one unit to be checked.
type Request struct {
	Unit    id.Unit
	Path    string // in the repository; "" where it is not known
	Files   bundle.Bundle
	Regions []string      // selected
	Limit   time.Duration // of each check
	Ended   func(Ended)   // is told of each check; nil for nobody
	// Known are parts that other verdicts have of the same checks, by the checks' names: what these
	// checks say is known, and they are not made. Nothing that is Known may be changed.
	Known map[string]verdict.Part
}

// About is the subject of a verdict about a unit. digest names the unit's bytes, and is
// "" if they could not be read.
func (a All) About(unit id.Unit, path string, digest id.Digest) verdict.Subject {
	return verdict.Subject{Unit: unit, Path: path, Digest: digest, Shared: a.shared}
}

// unitOf is what the check sees of a request.
func (c opened) unitOf(r Request) Unit {
	u := Unit{Name: r.Unit, Path: r.Path, Dir: r.Path}
	if r.Files.Only(r.Path) {
		u.Dir = ""
	}
	if c.reads != nil {
		r.Files = r.Files.Select(c.reads)
	}
	u.Files = r.Files.FS()
	return u
}

// Failed are the parts of all checks about a unit that none of them could look at.
func (a All) Failed(cause string) []verdict.Part {
	all := make([]verdict.Part, len(a.checks))
	for i, c := range a.checks {
		all[i] = verdict.Part{Check: c.kind, Engine: c.engine, Failure: cause}
	}
	return all
}

// Refused are the parts of all checks about a unit that is not looked at for what is found in
// its folder as a whole: the first of them says so.
func (a All) Refused(findings []verdict.Finding) []verdict.Part {
	all := a.Failed("")
	for i := range all {
		all[i].Regions = []string{}
		if i == 0 {
			all[i].Findings = findings
		}
	}
	return all
}

// Decide makes all checks of one unit, one after the other and each for at most the limit,
// and the verdict. An error means that one of them could not be decided. The verdict is then the
// failed one with the same cause, for a caller that does not try again, and has what the
// others say. A panic of a check is such an error.
func (a All) Decide(ctx context.Context, r Request) (verdict.Verdict, error) {
	start := time.Now()
	parts := make([]verdict.Part, len(a.checks))
	var errs []error
	for i, c := range a.checks {
		if known, ok := r.Known[c.kind]; ok {
			parts[i] = known
			continue
		}
		begun := time.Now()
		d, err := c.run(ctx, c.unitOf(r), c.of(r.Regions), r.Limit)
		if r.Ended != nil {
			r.Ended(Ended{Check: c.kind, Took: time.Since(begun), Decision: d, Err: err})
		}
		d.Impure = d.Impure || c.impure
		parts[i] = verdict.Part{Check: c.kind, Engine: c.engine, Decision: d}
		if err != nil {
			parts[i].Failure = err.Error()
			errs = append(errs, err)
		}
	}
	v := a.About(r.Unit, r.Path, r.Files.Digest()).Of(parts...)
	v.Micros = time.Since(start).Microseconds()
	switch {
	case len(errs) == 0:
		return v, nil
	case len(a.checks) == 1:
		return v, errs[0]
	}
	return v, undecidedError{v.Cause, errs}
}

// undecidedError says of several checks why they could not decide.
type undecidedError struct {
	cause string // the verdict's
	errs  []error
}

func (e undecidedError) Error() string   { return e.cause }
func (e undecidedError) Unwrap() []error { return e.errs }

// timeoutError is the cause with which a check is given up. Its text is made when it is
// asked for, because most checks end in time.
type timeoutError struct{ after time.Duration }

func (e timeoutError) Error() string {
	return fmt.Sprintf("the check took longer than %s: raise --unit-timeout or see what it waits for", e.after)
}

// Outcome is what such a check is counted as.
func (timeoutError) Outcome() string { return "timeout" }

// outcome is what a check returned.
type outcome struct {
	decision verdict.Decision
	err      error
}

// run runs one check for at most limit and turns a panic into an error. A session that
// ignores its context is left behind, so that its slot is free again. Its goroutine ends
// when the session returns.
func (c opened) run(ctx context.Context, u Unit, regions []string, limit time.Duration) (verdict.Decision, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, timeoutError{limit})
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{err: fmt.Errorf("the checker panicked: %v\n%s", p, stack())}
			}
		}()
		makeRoom(false)
		d, err := c.session.Check(ctx, u, regions)
		done <- outcome{d, err}
	}()
	select {
	case out := <-done:
		if out.err != nil && ctx.Err() != nil {
			return verdict.Decision{}, context.Cause(ctx)
		}
		return out.decision, out.err
	case <-ctx.Done():
		c.awaitEnd(done)
		return verdict.Decision{}, context.Cause(ctx)
	}
}

// awaitEnd waits for a check whose context has ended, if it is one that has something to end.
func (c opened) awaitEnd(done <-chan outcome) {
	slow, ok := c.session.(Slow)
	if !ok {
		return
	}
	late := time.NewTimer(slow.Ending())
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
}
