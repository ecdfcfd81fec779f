package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/codeowners"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var someOwners = policy.Owners{
	Teams:   []policy.Team{{Name: "shop", Aliases: []string{"Storefront", "pay"}}, {Name: "pay"}},
	Dialect: codeowners.GitHub, File: ".github/CODEOWNERS",
	Lines: []codeowners.Rule{{Pattern: "/services/*/", Owners: []string{"@a/b", "@c"}}, {Pattern: "/services/free/"}, {Pattern: "*.yml", Owners: []string{"@yml"}}, {Pattern: "/files/*", Owners: []string{"@files"}}},
	Files: []string{"files/*.yml"},
}

func TestOwnersOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		owners     policy.Owners
		word, path string
		want       string
	}{
		{someOwners, "shop", "services/x", "shop"},
		{someOwners, " Storefront\n", "services/x", "shop"},
		{someOwners, "pay", "services/x", "pay"}, // a name goes before an alias
		{someOwners, "nobody we know", "services/x", "@a/b @c"},
		{someOwners, "", "services/x", "@a/b @c"},
		{someOwners, "", "services/free", ""},
		{someOwners, "", "files/a.yml", "@files"},
		{someOwners, "", "elsewhere", ""},
		{someOwners, "", "", ""},
		{policy.Owners{}, "whoever", "x", "whoever"},
		{policy.Owners{}, "", "x", ""},
		{policy.Owners{Dialect: codeowners.GitHub, Folder: "deploy", Lines: []codeowners.Rule{{Pattern: "/deploy/x", Owners: []string{"@d"}}}}, "", "x", "@d"},
	} {
		if got := strings.Join(tt.owners.Of(aggregator.Unit{Path: tt.path, Owner: tt.word}), " "); got != tt.want {
			t.Errorf("%q at %q is of %q, want %q", tt.word, tt.path, got, tt.want)
		}
	}
}

// TestOwnersAreGiven to units of all kinds, in a copy.
func TestOwnersAreGiven(t *testing.T) {
	t.Parallel()
	units := []verdict.Verdict{owned("services/x", "", broken), owned("services/free", ""), owned("services/y", "shop"), owned("services/z", "").Undecided("x")}
	fold := aggregator.New(aggregator.Options{Whole: true, Path: func(u id.Unit) string { return string(u) }})
	fold.Expect("services/gone")
	for _, v := range units {
		fold.Expect(v.Unit)
		fold.Add(v)
	}
	found := fold.Summary(nil)
	s := policy.Policy{Owners: someOwners}.Apply(found)
	got := ""
	for _, u := range byName(s.Summary) {
		got += fmt.Sprintf("%s: %s; ", u.Name, strings.Join(u.Owners, " "))
	}
	if want := "services/free: ; services/gone: @a/b @c; services/x: @a/b @c; services/y: shop; services/z: @a/b @c; "; got != want {
		t.Errorf("the owners are %s\nwant %s", got, want)
	}
	for _, u := range byName(found) {
		if u.Owners != nil {
			t.Errorf("%s got owners in the fold's summary", u.Name)
		}
	}
}

func TestOwnersAreRequired(t *testing.T) {
	t.Parallel()
	required := someOwners
	required.Required = true
	p := policy.Policy{Owners: required}
	units := []verdict.Verdict{owned("services/x", ""), owned("services/free", ""), owned("other", "strangers"), owned("failed", "").Undecided("x")}
	s := p.Apply(folded(units, "gone"))
	if got, want := sides(s.Summary), "services/x | failed:failed gone:missing other:invalid services/free:invalid"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	messages := map[id.Unit]string{}
	for _, u := range s.Errs {
		for _, f := range u.Findings {
			messages[u.Name] += f.Rule + " " + f.Message
			if len(f.Fingerprint) != 32 {
				t.Errorf("the fingerprint of %s is %q", f.Message, f.Fingerprint)
			}
		}
	}
	for unit, want := range map[id.Unit]string{
		"services/free": "P301 it is nobody's: its own files name no owner, and .github/CODEOWNERS gives its path none",
		"other":         `P301 it is nobody's: its own files name "strangers", which is no team`,
		"failed":        "",
	} {
		if messages[unit] != want {
			t.Errorf("%s: %s, want %s", unit, messages[unit], want)
		}
	}
	// As any other finding it may be ignored, and be in a baseline.
	p.Ignores = []policy.Ignore{{Rules: []string{"no-owner"}, Units: []string{"other"}, Reason: "on its way out"}}
	p.Baseline = baselineOf(policy.Policy{Owners: required}, units...)
	if got, want := sides(p.Apply(folded(units)).Summary), "other services/free services/x | failed:failed"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// owned is a verdict about a unit at its path, whose files say that it is somebody's.
func owned(path, owner string, findings ...verdict.Finding) verdict.Verdict {
	s := subject(path)
	s.Path = path
	return s.Of(verdict.Part{Decision: verdict.Decision{Findings: findings, Owner: owner}})
}
