package run_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/test/lines"
	"github.com/seed306eabeb/muster/test/redistest"
)

// severalKinds is a fleet of folders and of single files, known by their paths, each with
// its mistakes.
func severalKinds(t *testing.T) scope.Scope {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		lines.Marker: "", "clusters/eu/apps/pay/a.txt": "good\nbad\n", "clusters/us/apps/pay/a.txt": "title pay", "clusters/us/apps/a b/a.txt": "good",
		"clusters/eu/apps/pay/deep/b.txt": "bad", "clusters/caf\xe9/apps/x/a.txt": "", "clusters/test/apps/x/a.txt": "bad", "clusters/eu/README.txt": "bad",
		"rules/a.yml": "title pay", "rules/deep/er/b.yml": "bad", "rules/c.yml": "good", "rules/d.md": "bad", `rules/e\f.yml`: "bad",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	if err := errors.Join(os.Symlink("a.yml", filepath.Join(dir, "rules/link.yml")), os.Symlink("pay", filepath.Join(dir, "clusters/eu/apps/link"))); err != nil {
		t.Fatal(err)
	}
	tree, err := worktree.Open(dir, lines.Config().Layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return scope.Scope{Fleet: tree, Checks: check.Kinds{lines.New()}}
}

// TestUnitsOfSeveralKinds: names that are paths go everywhere that names go.
func TestUnitsOfSeveralKinds(t *testing.T) {
	t.Parallel()
	s := severalKinds(t)
	want, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	found := map[id.Unit][]string{}
	for _, u := range want.Summary.OKs {
		found[u.Name] = nil
	}
	for _, u := range want.Summary.Errs {
		for _, f := range u.Findings {
			found[u.Name] = append(found[u.Name], f.Rule+" "+f.File)
		}
	}
	if diff := cmp.Diff(map[id.Unit][]string{
		"clusters/eu/apps/pay": {"L001 clusters/eu/apps/pay/a.txt", "L001 clusters/eu/apps/pay/deep/b.txt"}, "clusters/us/apps/a b": nil,
		"clusters/us/apps/pay": {"L002 clusters/us/apps/pay/a.txt"}, "clusters/eu/apps/link": {"F103 clusters/eu/apps/link"},
		`clusters/caf\xe9/apps/x`: {`F105 clusters/caf\xe9/apps/x`},
		"rules/a.yml":             {"L002 rules/a.yml"}, "rules/deep/er/b.yml": {"L001 rules/deep/er/b.yml"}, "rules/c.yml": nil,
		`rules/e\x5cf.yml`: {`F105 rules/e\x5cf.yml`}, "rules/link.yml": {"F103 rules/link.yml"},
	}, found); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	redistest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.work(4, lines.New())
		same(t, "run and validate differ", want, w.run(w.options(s)))
		detached := w.options(s)
		detached.Detach = true
		again, err := run.Collect(t.Context(), w.run(detached).ID, w.follow(lines.New()))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "a detached run and validate differ", want, again)
	})
}

// TestAFewUnitsOfSeveralKinds: the same where some are selected.
func TestAFewUnitsOfSeveralKinds(t *testing.T) {
	t.Parallel()
	s := severalKinds(t)
	s.Selection = scope.Only("rules/a.yml", "clusters/us/apps/pay", "clusters/us/apps/a b")
	want, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil || len(want.Summary.OKs) != 1 || len(want.Summary.Errs) != 2 || want.Summary.Fleet != 10 {
		t.Fatalf("validate: %+v, %v; want 1 ok and 2 errs of 10", want.Summary, err)
	}
	w := newWorld(t, redistest.Server(t))
	w.work(2, lines.New())
	r := w.run(w.options(s))
	same(t, "run and validate differ", want, r)
	again, err := run.Collect(t.Context(), r.ID, w.follow(lines.New()))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "collect and validate differ", want, again)
}
