package checktest_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/check/checktest"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

var rule = verdict.Rule{Code: "X1", Name: "no-tabs", Severity: verdict.Error, Summary: "there are no tabs"}

// kind is a right one as it is; a test breaks it.
type kind struct {
	name   string
	engine string
	rules  []verdict.Rule
	joins  []verdict.Join
	check  func(check.Unit) verdict.Decision
	open   func(*kind) error // changes the session; nil for no change
	impure bool
}

func (k kind) Name() string              { return k.name }
func (k kind) Engine() string            { return k.engine }
func (k kind) Rules() []verdict.Rule     { return k.rules }
func (kind) Findings() []verdict.Finding { return nil }
func (k kind) Joins() []verdict.Join     { return k.joins }
func (k kind) Traits() check.Traits      { return check.Traits{Impure: k.impure} }
func (k kind) Open(fs.FS) (check.Session, error) {
	if k.open != nil {
		if err := k.open(&k); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k kind) Check(_ context.Context, u check.Unit, _ []string) (verdict.Decision, error) {
	return k.check(u), nil
}

func TestABrokenPromiseIsFound(t *testing.T) {
	t.Parallel()
	at := verdict.Place{File: "a.yml", Line: 1, Column: 1}
	finds := func(f ...verdict.Finding) func(check.Unit) verdict.Decision {
		return func(check.Unit) verdict.Decision { return verdict.Decision{Findings: slices.Clone(f)} }
	}
	claims := func(some ...verdict.Claim) func(check.Unit) verdict.Decision {
		return func(check.Unit) verdict.Decision { return verdict.Decision{Claims: slices.Clone(some)} }
	}
	named := func(path, name string) verdict.Finding {
		f := rule.At(at, "m", "")
		f.Path, f.Named = path, name
		return f
	}
	marks := func(some ...verdict.Mark) func(check.Unit) verdict.Decision {
		return func(check.Unit) verdict.Decision { return verdict.Decision{Marks: slices.Clone(some)} }
	}
	var calls atomic.Int64
	differs := func(check.Unit) verdict.Decision {
		return verdict.Decision{Findings: []verdict.Finding{rule.At(at, strings.Repeat("x", int(calls.Add(1))), "")}}
	}
	for name, c := range map[string]struct {
		change func(*kind)
		want   string // "" for none
	}{
		"a right one":   {func(*kind) {}, ""},
		"an impure one": {func(k *kind) { k.impure, k.check = true, differs }, ""},
		"two decisions": {func(k *kind) { k.check = differs }, "two decisions"},
		"an opening once alone": {func(k *kind) {
			var open atomic.Bool
			k.open = func(*kind) error {
				if open.Swap(true) {
					return errors.New("it is open")
				}
				return nil
			}
		}, "several times at once: it is open"},
		"a decision for each session": {func(k *kind) {
			k.open = func(s *kind) error {
				s.check = finds(rule.At(at, strings.Repeat("x", int(calls.Add(1))), ""))
				return nil
			}
		}, "two decisions"},
		"a name of two":         {func(k *kind) { k.name = "a,b" }, "want a word each"},
		"an engine of two":      {func(k *kind) { k.engine = "e1,e2" }, "want a word each"},
		"no engine":             {func(k *kind) { k.engine = "" }, "want a word each"},
		"a rule without a name": {func(k *kind) { k.rules = []verdict.Rule{{Code: "X1"}} }, "want all of them"},
		"a rule twice":          {func(k *kind) { k.rules = append(k.rules, rule) }, "no code twice"},
		"a join of another's":   {func(k *kind) { k.joins = []verdict.Join{{Rule: verdict.Rule{Code: "X9"}}} }, `the join of "X9"`},
		"a space like a rule":   {func(k *kind) { k.joins = []verdict.Join{{Rule: rule, Spaces: []string{rule.Code}}} }, "looks in the space"},
		"claims for a space": {func(k *kind) {
			k.joins = []verdict.Join{{Rule: rule, Spaces: []string{"id"}}}
			k.check = claims(verdict.Claim{Joins: []string{"id", rule.Code}, Role: verdict.Unique, Key: "k", Place: at},
				verdict.Claim{Joins: []string{"space of another kind"}, Role: verdict.Provides, Key: "k", Place: at})
		}, ""},
		"a rule that is not told":    {func(k *kind) { k.rules = nil }, "none of Rules()"},
		"no message":                 {func(k *kind) { k.check = finds(rule.At(at, "", "")) }, "without a message"},
		"a place outside":            {func(k *kind) { k.check = finds(rule.At(verdict.Place{File: "../a"}, "m", "")) }, "want a path in the repository"},
		"a column without a line":    {func(k *kind) { k.check = finds(rule.At(verdict.Place{File: "a", Column: 3}, "m", "")) }, "a line with a column"},
		"a line that is not there":   {func(k *kind) { k.check = finds(rule.At(verdict.Place{File: "services/u/a.txt", Line: 7}, "m", "")) }, "the file has 1 lines"},
		"a file that is not there":   {func(k *kind) { k.check = finds(rule.At(verdict.Place{File: "services/u/b.txt", Line: 1}, "m", "")) }, "see check.Unit.At"},
		"a name":                     {func(k *kind) { k.check = finds(named("a[0]", "a[name=x]")) }, ""},
		"a name that is the path":    {func(k *kind) { k.check = finds(named("a[0]", "a[0]")) }, "want a text that differs"},
		"a name outside of a list":   {func(k *kind) { k.check = finds(named("a", "b")) }, "for what is in a list"},
		"a name that is no text":     {func(k *kind) { k.check = finds(named("a[0]", "\xff")) }, "want a text"},
		"a rule that was another":    {func(k *kind) { k.rules[0].Aliases = []string{"X0"} }, ""},
		"a rule that was itself":     {func(k *kind) { k.rules[0].Aliases = []string{"X1"} }, `"X1" was "X1" before`},
		"a rule that was one twice":  {func(k *kind) { k.rules[0].Aliases = []string{"X0", "X0"} }, `was "X0" before`},
		"a mark":                     {func(k *kind) { k.check = marks(verdict.Mark{Place: at, First: 1, Last: 1}) }, ""},
		"a mark of a file":           {func(k *kind) { k.check = marks(verdict.Mark{Place: at, File: true}) }, ""},
		"a mark of nothing":          {func(k *kind) { k.check = marks(verdict.Mark{Place: at}) }, ""},
		"a mark nowhere":             {func(k *kind) { k.check = marks(verdict.Mark{Place: verdict.Place{File: "a"}, First: 1, Last: 1}) }, "a mark at"},
		"a mark of lines backwards":  {func(k *kind) { k.check = marks(verdict.Mark{Place: at, First: 2, Last: 1}) }, "the lines 2 to 1"},
		"a mark of a file and lines": {func(k *kind) { k.check = marks(verdict.Mark{Place: at, First: 1, Last: 1, File: true}) }, "its file: true"},
		"a mark of lines that are not there": {func(k *kind) {
			k.check = marks(verdict.Mark{Place: verdict.Place{File: "services/u/a.txt", Line: 1, Column: 1}, First: 1, Last: 2})
		}, "the file has 1 lines"},
		"regions of nobody": {func(k *kind) {
			k.check = func(check.Unit) verdict.Decision { return verdict.Decision{Regions: []string{"mars"}} }
		}, "the session has none"},
		"a claim for nobody": {func(k *kind) {
			k.check = claims(verdict.Claim{Joins: []string{"X9"}, Key: "k", Place: at})
		}, "none of Joins()"},
		"a panic": {func(k *kind) {
			k.check = func(u check.Unit) verdict.Decision {
				if _, err := fs.Stat(u.Files, "a.txt"); err != nil {
					panic("no a.txt")
				}
				return verdict.Decision{}
			}
		}, "panics: no a.txt"},
	} {
		k := kind{name: "tabs", engine: "engine-1", rules: []verdict.Rule{rule}, check: finds(rule.At(at, "a tab", ""))}
		c.change(&k)
		err := checktest.Test(k, fstest.MapFS{}, map[id.Unit]fs.FS{"u": fstest.MapFS{"a.txt": {Data: []byte("x")}}})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
