package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestEveryFormatTellsOfEveryDoubt: what a reader must know of a run stands in the report of
// each format, alone and whatever the counts are.
func TestEveryFormatTellsOfEveryDoubt(t *testing.T) {
	t.Parallel()
	for _, doubt := range []struct {
		name  string
		raise func(*Report)
		texts []string
	}{
		{"the folder that was verified", func(r *Report) { r.Run.Checkout = &Checkout{Folder: "/srv/here", Commit: "c0ffee", Branch: "fix"} }, []string{"/srv/here", "c0ffee", "fix"}},
		{"a checkout that moved", func(r *Report) { r.Run.Checkout = &Checkout{Commit: "c0ffee", MovedTo: "decade"} }, []string{"c0ffee", "decade"}},
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
