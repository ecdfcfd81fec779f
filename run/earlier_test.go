package run

import (
	"io/fs"
	"testing"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// engine is a check of a name that does nothing.
type engine struct {
	check.Session
	name, engine string
	impure       bool
}

func (e engine) Name() string                      { return e.name }
func (e engine) Engine() string                    { return e.engine }
func (engine) Rules() []verdict.Rule               { return nil }
func (e engine) Open(fs.FS) (check.Session, error) { return e, nil }
func (e engine) Traits() check.Traits              { return check.Traits{Impure: e.impure} }

// kindOf is a kind of units that get checks of these engines.
func kindOf(t *testing.T, engines map[string]string, shared bundle.Bundle, impure bool) scope.Kind {
	t.Helper()
	var checks check.Kinds
	for name, e := range engines {
		checks = append(checks, engine{name: name, engine: e, impure: impure})
	}
	all, err := check.OpenAll(checks, shared)
	if err != nil {
		t.Fatal(err)
	}
	return scope.Kind{Session: all, Shared: shared}
}

// TestWhichEarlierVerdictsStand: those about the same bytes, by the same rules, that depend on
// nothing else.
func TestWhichEarlierVerdictsStand(t *testing.T) {
	t.Parallel()
	shared, err := bundle.NewBuilder(".", 1<<10).Bundle()
	if err != nil {
		t.Fatal(err)
	}
	about := verdict.Subject{Unit: "a", Digest: "d", Shared: shared.Digest()}
	by := func(engine string) verdict.Part { return verdict.Part{Check: "manifest", Engine: engine} }
	one, two := map[string]string{"manifest": "e1"}, map[string]string{"manifest": "e1", "chart": "e1"}
	impure, failed := by("e1"), by("e1")
	linted, impureLint := verdict.Part{Check: "command/lint", Engine: "l1"}, verdict.Part{Check: "command/lint", Engine: "l1"}
	impureLint.Impure = true
	lacking, newer := map[string]string{"manifest": "e1", "command/lint": ""}, map[string]string{"manifest": "e1", "command/lint": "l9"}
	impure.Impure, failed.Failure = true, "vault is away"
	for name, c := range map[string]struct {
		v      verdict.Verdict
		checks map[string]string // and their engines
		stands bool
	}{
		"the same":                               {about.Of(by("e1")), one, true},
		"other bytes":                            {verdict.Subject{Unit: "a", Digest: "d2", Shared: shared.Digest()}.Of(by("e1")), one, false},
		"other shared ones":                      {verdict.Subject{Unit: "a", Digest: "d", Shared: "s2"}.Of(by("e1")), one, false},
		"another unit":                           {verdict.Subject{Unit: "b", Digest: "d", Shared: shared.Digest()}.Of(by("e1")), one, false},
		"other rules":                            {about.Of(by("e2")), one, false},
		"more rules":                             {about.Of(by("e1"), verdict.Part{Check: "chart", Engine: "c1"}), one, false},
		"both checks":                            {about.Of(by("e1"), verdict.Part{Check: "chart", Engine: "e1"}), two, true},
		"one of two checks":                      {about.Of(by("e1")), two, false},
		"another check":                          {about.Of(verdict.Part{Check: "chart", Engine: "e1"}), one, false},
		"of no engine":                           {about.Of(by("")), one, false},
		"undecided":                              {about.Of(failed), one, false},
		"impure":                                 {about.Of(impure), one, false},
		"of a command that workers offer":        {about.Of(by("e1"), linted), lacking, true},
		"of one that this process has otherwise": {about.Of(by("e1"), linted), newer, true},
		"of one that they offer otherwise":       {about.Of(by("e1"), verdict.Part{Check: "command/lint", Engine: "l2"}), lacking, false},
		"of one that is not pure":                {about.Of(by("e1"), impureLint), lacking, false},
		"of a command that nobody offers":        {about.Of(by("e1"), verdict.Part{Check: "command/test", Engine: "l1"}), map[string]string{"manifest": "e1", "command/test": ""}, false},
		"of a command whose workers do not say how": {about.Of(by("e1"), verdict.Part{Check: "command/lint"}), lacking, false},
	} {
		for _, version := range []int{1, 2} {
			body, err := c.v.Encode(version)
			if version == 1 && err != nil {
				continue // version 1 cannot say it
			} else if err != nil {
				t.Fatal(err)
			}
			e := earlierVerdicts{bodies: map[id.Unit][]byte{"a": body}, offered: map[string][]string{"command/lint": {"l1", "l3"}}}
			if v, stands := e.about("a", kindOf(t, c.checks, shared, name == "impure" && version == 1), "d"); stands != c.stands || stands && v.V != 0 {
				t.Errorf("%s, in version %d: it stands: %v, and travels in version %d", name, version, stands, v.V)
			}
		}
	}
}
