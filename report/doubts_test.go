package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEveryFormatTellsOfEveryDoubt: what a reader must know of a run stands in the report of
// each format but lists of findings, alone and whatever the counts are.
func TestEveryFormatTellsOfEveryDoubt(t *testing.T) {
	t.Parallel()
	// A list of findings tells at least of these, after which it is not to be taken for the whole.
	unfinished := []string{"an early end", "a newer run", "a listing cut off"}
	for _, doubt := range []struct {
		name  string
		raise func(*Report)
		texts []string
	}{
		{"the folder that was verified", func(r *Report) { r.Run.Checkout = &Checkout{Folder: "/srv/here", Commit: "c0ffee", Branch: "fix"} }, []string{"/srv/here", "c0ffee", "fix"}},
		{"a checkout that moved", func(r *Report) { r.Run.Checkout = &Checkout{Commit: "c0ffee", MovedTo: "decade"} }, []string{"c0ffee", "decade"}},
		{"a commit that was verified", func(r *Report) { r.Run.Checkout = &Checkout{Commit: "c0ffee", Ref: "v1.2"} }, []string{"c0ffee", "v1.2"}},
		{"submodules of a commit", func(r *Report) {
			r.Run.Checkout = &Checkout{Commit: "c0ffee", Ref: "v1.2", Unseen: []string{"vendor/x", "vendor/y"}}
		}, []string{"vendor/x", "vendor/y"}},
		{"pointers of LFS", func(r *Report) { r.Run.Checkout = &Checkout{Commit: "c0ffee", Ref: "v1.2", Pointers: 42} }, []string{"42"}},
		{"files that are no services", func(r *Report) { r.Run.Checkout = &Checkout{Files: 41} }, []string{"41"}},
		{"verdicts of an earlier run", func(r *Report) { r.Run.Stood, r.Run.StoodFrom = 41, started.Add(time.Hour) }, []string{"41", "2026-03-14t10:26:53z"}},
		{"services decided here", func(r *Report) { r.Run.DecidedHere = 41 }, []string{"41"}},
		{"mixed engines", func(r *Report) {
			r.Summary.Engines, r.Summary.Mixed = []string{"sha256:e1", "sha256:e2"}, []string{"mani"}
		}, []string{"sha256:e1", "sha256:e2", "mani"}},
		{"another engine", func(r *Report) { r.Summary.Engines = []string{"sha256:e3"} }, []string{"sha256:e1", "sha256:e3"}},
		{"conflicting verdicts", func(r *Report) { r.Summary.Conflicts = []string{"billing: two", "orders: two"} }, []string{"billing: two", "orders: two"}},
		{"an early end", func(r *Report) { r.Run.Stopped = "had enough" }, []string{"had enough"}},
		{"a newer run", func(r *Report) { r.Run.Stopped, r.Run.Superseded = "run 2 came", true }, []string{"run 2 came", "superseded"}},
		{"verdicts of strangers", func(r *Report) { r.Summary.Unexpected = 41 }, []string{"41"}},
		{"a listing cut off", func(r *Report) { r.Summary.Unlisted = true }, nil},
	} {
		for _, f := range Formats() {
			if (contracts[f.Name].lines || contracts[f.Name].listOnly != "") && !slices.Contains(unfinished, doubt.name) {
				continue
			}
			calm, raised := otherEngine(), otherEngine()
			calm.Run.Engine, raised.Run.Engine = "sha256:e1", "sha256:e1"
			doubt.raise(&raised)
			out := written(t, f, raised, Options{})
			if bytes.Equal(out, written(t, f, calm, Options{})) {
				t.Errorf("%s does not tell of %s", f.Name, doubt.name)
			}
			for _, s := range doubt.texts {
				if !strings.Contains(strings.ToLower(string(out)), s) {
					t.Errorf("%s tells of %s without %q:\n%s", f.Name, doubt.name, s, out)
				}
			}
		}
	}
}

// TestOtherRules are told of where verdicts were made by rules that this program does not have: not
// where one of its checks has decided nothing, and not twice where workers differ.
func TestOtherRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		own, engines string
		mixed, told  bool
	}{
		{own: "e1", engines: "e1"},
		{own: "e1", engines: ""},
		{own: "e1,e2", engines: "e1"},
		{own: "e1,e2", engines: "e1 e2"},
		{own: "e1", engines: "e2", told: true},
		{own: "e1,e2", engines: "e1 e3", told: true},
		{own: "e1", engines: "e1 e2", mixed: true},
		{own: "e1", engines: "e2 e3", mixed: true, told: true},
	} {
		r := otherEngine()
		r.Run.Engine, r.Summary.Engines, r.Summary.Mixed = c.own, strings.Fields(c.engines), nil
		if c.mixed {
			r.Summary.Mixed = []string{"manifest"}
		}
		if told := strings.Contains(strings.Join(doubts(r.Summary, r.Run), "\n"), "other rules than"); told != c.told {
			t.Errorf("this program has %s and verdicts are by %q: told of other rules: %t, want %t", c.own, c.engines, told, c.told)
		}
	}
}
