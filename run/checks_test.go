package run_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

// lengths is a check beside words: no file is too long, and no two units begin alike. It has
// no regions, and cannot decide about some units.
type lengths struct{ cannot []id.Unit }

var tooLong = verdict.Rule{Code: "B1", Name: "too-long", Severity: verdict.Error, Summary: "no file has more than 20 bytes"}

var sameStart = verdict.Join{Kind: verdict.JoinUnique, Noun: "start", Rule: verdict.Rule{Code: "B2", Name: "same-start", Severity: verdict.Warning, Summary: "no two units begin alike"}}

func (lengths) Name() string                        { return "lengths" }
func (lengths) Engine() string                      { return "lengths-1" }
func (lengths) Rules() []verdict.Rule               { return []verdict.Rule{tooLong, sameStart.Rule} }
func (l lengths) Open(fs.FS) (check.Session, error) { return l, nil }
func (lengths) Findings() []verdict.Finding         { return nil }
func (lengths) Joins() []verdict.Join               { return []verdict.Join{sameStart} }
func (lengths) Traits() check.Traits                { return check.Traits{} }

func (l lengths) Check(_ context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	for _, name := range l.cannot {
		if u.Name == name {
			return verdict.Decision{}, errors.New("no ruler")
		}
	}
	if len(regions) > 0 {
		return verdict.Decision{}, errors.New("regions of another check")
	}
	text, err := fs.ReadFile(u.Files, "a.txt")
	if err != nil {
		return verdict.Decision{}, err
	}
	at := verdict.Place{File: u.At("a.txt"), Line: 1, Column: 1}
	d := verdict.Decision{Regions: []string{}}
	if len(text) > 20 {
		d.Findings = append(d.Findings, tooLong.At(at, "the file is too long", ""))
	}
	if first, _, _ := strings.Cut(string(text), " "); first == "good\n" {
		d.Claims = append(d.Claims, verdict.Claim{Joins: []string{"B2"}, Role: verdict.Unique, Key: first, Place: at})
	}
	return d, nil
}

// TestSeveralChecksOfAUnit: each unit is one task, and has one verdict with a part for each
// check. What one of them cannot decide hides nothing that the other finds, wherever it is
// decided.
func TestSeveralChecksOfAUnit(t *testing.T) {
	t.Parallel()
	dir := texts(t, 12)
	kinds := check.Kinds{words{}, lengths{cannot: []id.Unit{unit(10)}}}
	s := scopeOf(t, dir, words{})
	s.Checks = kinds
	want, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	found := map[id.Unit]aggregator.Unit{}
	for _, u := range want.Summary.Errs {
		found[u.Name] = u
	}
	rules := func(u aggregator.Unit) (all []string) {
		for _, f := range u.Findings {
			all = append(all, f.Rule)
		}
		return all
	}
	half := found[unit(10)]
	if half.Kind != verdict.Failed || half.Cause != "lengths: no ruler" && half.Cause != "no ruler" || len(half.Failures) != 1 || half.Failures[0].Check != "lengths" ||
		strings.Join(rules(half), " ") != "W1 W2" {
		t.Errorf("the unit that one check cannot decide: %+v", half)
	}
	if got := strings.Join(rules(found[unit(11)]), " "); found[unit(11)].Kind != verdict.Invalid || got != "W2" {
		t.Errorf("the unit with a twin is %s with %s", found[unit(11)].Kind, got)
	}
	if got := strings.Join(rules(found[unit(0)]), " "); got != "W1" || len(want.Summary.Engines) != 2 || want.ExitCode() != 3 {
		t.Errorf("unit 0 has %s, engines %v, exit code %d", got, want.Summary.Engines, want.ExitCode())
	}
	redistest.Each(t, func(t *testing.T, url string) { severalChecks(t, url, s, want) })
}

// severalChecks holds runs to what validate has found.
func severalChecks(t *testing.T, url string, s scope.Scope, want run.Result) {
	w := newWorld(t, url)
	w.work(3, s.Checks...)
	same(t, "run and validate differ", want, w.run(w.options(s)))
	o := w.options(s)
	o.Detach = true
	again, err := run.Collect(t.Context(), w.run(o).ID, w.follow(s.Checks...))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a detached run and validate differ", want, again)
	if _, err := run.Collect(t.Context(), again.ID, w.follow(words{})); err == nil || !strings.Contains(err.Error(), `no check "lengths"`) {
		t.Errorf("a program that lacks one of the checks: %v", err)
	}
}
