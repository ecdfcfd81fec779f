package check

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed306eabeb/muster/verdict"
)

// decide runs one check of a unit where time is virtual.
func decide(t *testing.T, do func(context.Context, Unit, []string) (verdict.Decision, error)) (v verdict.Verdict, err error) {
	t.Helper()
	var opened atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		o, openErr := OpenAll(Kinds{probe{opened: &opened, check: do}}, pack(t, "shared"))
		if openErr != nil {
			t.Fatal(openErr)
		}
		v, err = o.Decide(t.Context(), Request{Unit: "billing", Path: "services/billing", Files: pack(t, "unit"), Regions: []string{"north"}, Limit: time.Second})
		time.Sleep(2 * time.Hour) // for a check that is left behind to end
	})
	return v, err
}

func TestDecideMakesTheVerdict(t *testing.T) {
	t.Parallel()
	v, err := decide(t, func(_ context.Context, u Unit, regions []string) (verdict.Decision, error) {
		if _, err := fs.Stat(u.Files, "unit"); err != nil || u.Name != "billing" {
			t.Errorf("checked %q without its file: %v", u.Name, err)
		}
		time.Sleep(3 * time.Millisecond)
		return verdict.Decision{Regions: regions, Findings: []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}}, nil
	})
	about := verdict.Subject{Unit: "billing", Path: "services/billing", Digest: pack(t, "unit").Digest(), Shared: pack(t, "shared").Digest()}
	if err != nil || v.Subject != about || v.Kind != verdict.Invalid || v.Micros != 3000 || v.Parts[0].Check != "probe" || v.Parts[0].Engine != "probe-1" {
		t.Errorf("the verdict is %+v, %v", v, err)
	}
}

// TestWhatCannotBeDecided: an error comes with the failed verdict that says the same.
func TestWhatCannotBeDecided(t *testing.T) {
	t.Parallel()
	for want, do := range map[string]func(context.Context, Unit, []string) (verdict.Decision, error){
		"vault is away": func(context.Context, Unit, []string) (verdict.Decision, error) {
			return verdict.Decision{}, errors.New("vault is away")
		},
		"the checker panicked: oh no": func(context.Context, Unit, []string) (verdict.Decision, error) { panic("oh no") },
		"longer than 1s": func(ctx context.Context, _ Unit, _ []string) (verdict.Decision, error) {
			<-ctx.Done()
			return verdict.Decision{}, ctx.Err()
		},
	} {
		v, err := decide(t, do)
		if err == nil || !strings.Contains(err.Error(), want) || v.Kind != verdict.Failed || v.Cause != err.Error() || v.Unit != "billing" {
			t.Errorf("%s: error %v, verdict %+v", want, err, v)
		}
	}
}

// TestACheckThatIgnoresItsEndIsLeftBehind: the slot of the check is free again.
func TestACheckThatIgnoresItsEndIsLeftBehind(t *testing.T) {
	t.Parallel()
	v, err := decide(t, func(context.Context, Unit, []string) (verdict.Decision, error) {
		time.Sleep(time.Hour)
		return verdict.Decision{}, nil
	})
	if err == nil || v.Kind != verdict.Failed {
		t.Errorf("a check that took an hour came to %s, %v", v.Kind, err)
	}
}

// part is a kind of check of its own name, with regions or without.
type part struct {
	probe
	name     string
	findings []verdict.Finding
	err      error
	saw      *[]string // the regions
}

func (p part) Name() string                { return p.name }
func (p part) Engine() string              { return "engine of " + p.name }
func (p part) Rules() []verdict.Rule       { return []verdict.Rule{{Code: p.name}} }
func (p part) Joins() []verdict.Join       { return []verdict.Join{{Noun: p.name}} }
func (p part) Traits() Traits              { return Traits{Impure: p.name == "clock"} }
func (p part) Findings() []verdict.Finding { return nil }
func (p part) Open(fs.FS) (Session, error) { return plain{p}, nil }

// plain hides that a part has regions.
type plain struct{ Session }

// regional is a part that differs from region to region.
type regional struct{ part }

func (r regional) Open(fs.FS) (Session, error)     { return r, nil }
func (regional) Regions() []string                 { return []string{"south", "north"} }
func (regional) Region(name string) (string, bool) { return "north", name == "n" }

func (p part) Check(_ context.Context, _ Unit, regions []string) (verdict.Decision, error) {
	if p.saw != nil {
		*p.saw = slices.Clone(regions)
	}
	return verdict.Decision{Regions: regions, Findings: p.findings}, p.err
}

// TestSeveralChecksAreOne: each has its part of the verdict, and one that cannot decide hides
// nothing of what the others find.
func TestSeveralChecksAreOne(t *testing.T) {
	t.Parallel()
	bad := []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}
	var sawNone, sawSome []string
	a, err := OpenAll(Kinds{
		part{name: "schema", findings: bad, saw: &sawNone},
		regional{part{name: "manifest", saw: &sawSome}},
		part{name: "clock", err: errors.New("no time")},
	}, pack(t, "shared"))
	if err != nil {
		t.Fatal(err)
	}
	if one, err := OpenAll(Kinds{part{name: "schema"}}, pack(t, "shared")); err != nil || one.Impure() || !a.Impure() {
		t.Errorf("a check of bytes alone is impure: %v, %v; one of the time: %v", one.Impure(), err, a.Impure())
	}
	if got := strings.Join(a.Names(), " "); got != "clock manifest schema" || len(a.Joins()) != 3 || strings.Join(a.Regions(), " ") != "south north" {
		t.Errorf("checks %s, %d joins, regions %v", got, len(a.Joins()), a.Regions())
	}
	v, err := a.Decide(t.Context(), Request{Unit: "u", Files: pack(t, "unit"), Regions: []string{"north"}, Limit: time.Minute})
	if err == nil || err.Error() != "clock: no time" || v.Kind != verdict.Failed || len(v.Findings()) != 1 || !v.Impure() {
		t.Errorf("the verdict is %+v, %v", v, err)
	}
	for i, want := range []verdict.Part{{Check: "clock", Failure: "no time"}, {Check: "manifest"}, {Check: "schema"}} {
		if p := v.Parts[i]; p.Check != want.Check || p.Failure != want.Failure || p.Engine != "engine of "+want.Check || p.Impure != (p.Check == "clock") {
			t.Errorf("part %d is %+v, want %+v", i, p, want)
		}
	}
	if len(sawNone) != 0 || strings.Join(sawSome, " ") != "north" {
		t.Errorf("checked in %v and %v, want none and north", sawNone, sawSome)
	}
}

// counties is a part whose regions are others, one of which has the name of an alias.
type counties struct{ part }

func (c counties) Open(fs.FS) (Session, error)     { return c, nil }
func (counties) Regions() []string                 { return []string{"north", "n", "south"} }
func (counties) Region(name string) (string, bool) { return name, name == "n" }

// TestRegionsOfSeveralChecks: each check gets those that it has, in its own order, and what
// it calls as the user does is selected, whatever another one calls so.
func TestRegionsOfSeveralChecks(t *testing.T) {
	t.Parallel()
	var saw [2][]string
	a, err := OpenAll(Kinds{regional{part{name: "a", saw: &saw[0]}}, counties{part{name: "b", saw: &saw[1]}}}, pack(t, "shared"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(a.Regions(), " "); got != "south north n" {
		t.Errorf("regions %s", got)
	}
	if got := strings.Join(a.Named("n"), " "); got != "north n" || a.Named("x") != nil {
		t.Errorf("n stands for %q, and x for %q", got, a.Named("x"))
	}
	one, err := OpenAll(Kinds{regional{part{name: "a"}}}, pack(t, "shared"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []All{one, a} {
		selected := a.Regions()
		if _, err := a.Decide(t.Context(), Request{Unit: "u", Files: pack(t, "unit"), Regions: selected, Limit: time.Minute}); err != nil || !slices.Equal(selected, a.Regions()) {
			t.Errorf("%v; the selected regions became %q", err, selected)
		}
	}
	if got := strings.Join(saw[0], " ") + ", " + strings.Join(saw[1], " "); got != "south north, north n south" {
		t.Errorf("checked in %s", got)
	}
}

// TestEachFailureIsTold with the check that it is of.
func TestEachFailureIsTold(t *testing.T) {
	t.Parallel()
	timeout := errors.New("too slow")
	a, err := OpenAll(Kinds{part{name: "b", err: timeout}, part{name: "a", err: errors.New("no disk")}}, pack(t, "shared"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Decide(t.Context(), Request{Unit: "u", Files: pack(t, "unit"), Limit: time.Minute})
	if err == nil || err.Error() != v.Cause || !errors.Is(err, timeout) || !strings.Contains(v.Cause, "a: no disk") || !strings.Contains(v.Cause, "b: too slow") {
		t.Errorf("cause %q, error %v", v.Cause, err)
	}
	if none := (All{}); none.About("u", "u", "").Of(none.Refused(nil)...).Kind != verdict.Failed {
		t.Error("a unit without a check has not failed")
	}
	refused := a.About("u", "u", "").Of(a.Refused([]verdict.Finding{{Rule: "F1", Severity: verdict.Error}})...)
	if refused.Kind != verdict.Invalid || len(refused.Findings()) != 1 || len(refused.Parts) != 2 {
		t.Errorf("a unit that is not looked at: %+v", refused)
	}
}

// deep is a kind of check that panics where it is told to.
type deep struct {
	part
	open bool
}

func (d deep) Open(fs.FS) (Session, error) {
	if d.open {
		panic("cannot open")
	}
	return plain{d}, nil
}

func (d deep) Check(context.Context, Unit, []string) (verdict.Decision, error) { panic("oh no") }

// nested panics in a function whose arguments begin with no number.
//
//go:noinline
func nested(_ struct{}, u struct{ name [2]string }, err error) {
	if u.name[0] != "" {
		panic(err)
	}
}

// TestAStackSaysNothingOfTheProcess, whatever the arguments are.
func TestAStackSaysNothingOfTheProcess(t *testing.T) {
	t.Parallel()
	defer func() {
		recover()
		got := string(stack())
		if strings.Contains(got, "0x") || strings.Contains(got, "goroutine") || !strings.Contains(got, "check.nested\n") || !strings.Contains(got, "all_test.go:") {
			t.Errorf("the stack is\n%s", got)
		}
	}()
	nested(struct{}{}, struct{ name [2]string }{[2]string{t.Name(), t.Name()}}, errors.New("no"))
}

// TestAPanicIsTheSameEachTime: what stands in a verdict is that of the code, and not of the
// process. One while a check is opened ends nothing either.
func TestAPanicIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	var causes []string
	for range 2 {
		a, err := OpenAll(Kinds{deep{part: part{name: "deep"}}}, pack(t, "shared"))
		if err != nil {
			t.Fatal(err)
		}
		v, _ := a.Decide(t.Context(), Request{Unit: "u", Files: pack(t, "unit"), Limit: time.Minute})
		causes = append(causes, v.Cause)
	}
	if causes[0] != causes[1] || !strings.Contains(causes[0], "oh no") || !strings.Contains(causes[0], "all_test.go:") || strings.Contains(causes[0], "0x") {
		t.Errorf("two panics of one check:\n%s\n%s", causes[0], causes[1])
	}
	if _, err := OpenAll(Kinds{deep{part{name: "deep"}, true}, part{name: "a"}}, pack(t, "shared")); err == nil || !strings.Contains(err.Error(), `"deep" panicked: cannot open`) {
		t.Errorf("a check that panics while it is opened: %v", err)
	}
}

// TestAMissingCheckHidesNoOther: a program that lacks one of the checks makes the others.
func TestAMissingCheckHidesNoOther(t *testing.T) {
	t.Parallel()
	bad := []verdict.Finding{{Rule: "X1", Severity: verdict.Error}}
	shared := pack(t, "shared")
	s := NewSessions(Kinds{part{name: "schema", findings: bad}})
	a, err := s.Open([]string{"new", "schema"}, shared.Digest(), shared.Pack())
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Decide(t.Context(), Request{Unit: "u", Files: pack(t, "unit"), Limit: time.Minute})
	if err == nil || v.Kind != verdict.Failed || len(v.Findings()) != 1 || !strings.Contains(v.Cause, `new: this program has no check "new"`) {
		t.Errorf("decided %+v, %v", v, err)
	}
	if _, err := s.Open([]string{"new", "newer"}, shared.Digest(), shared.Pack()); err == nil {
		t.Error("checks that nobody has were opened")
	}
}
