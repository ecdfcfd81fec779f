package run_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/lines"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
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

// ownChecks is a fleet whose kinds of units have checks and shared files of their own.
func ownChecks(t *testing.T, appConf string) scope.Scope {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"app.conf": appConf, "apps/pay/a.txt": "good", "apps/ship/a.txt": "bad, and far too long for a rule",
		"rules/a.txt": "good", "rules/b.txt": "bad\n", "rules/c.txt": "this rule is far too long", "rules/good": "alone",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	if err := os.Symlink("a.txt", filepath.Join(dir, "rules/link.txt")); err != nil {
		t.Fatal(err)
	}
	layout := fleet.Layout{Marker: "app.conf", Kinds: []fleet.Kind{
		{Name: "app", At: []string{"apps/*/"}, Shared: []string{"app.conf"}, Checks: []string{"lines"}},
		{Name: "rule", At: []string{"rules/*/", "rules/*.txt"}, Given: map[string][]byte{"rule.conf": []byte("given")}, Checks: []string{"lines", "short"}},
	}}
	tree, err := worktree.Open(dir, layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return scope.Scope{Fleet: tree, Checks: check.Kinds{lines.New(), short{}}}
}

// short is a check that no file has more than 20 bytes, once its kind's shared file is there.
type short struct{ check.Session }

func (short) Name() string          { return "short" }
func (short) Engine() string        { return "short-1" }
func (short) Rules() []verdict.Rule { return []verdict.Rule{tooLong} }
func (short) Open(shared fs.FS) (check.Session, error) {
	if _, err := fs.Stat(shared, "rule.conf"); err != nil {
		return nil, err
	}
	if _, err := fs.Stat(shared, "app.conf"); err == nil {
		return nil, errors.New("another kind's file")
	}
	return short{}, nil
}
func (short) Findings() []verdict.Finding { return nil }
func (short) Joins() []verdict.Join       { return nil }
func (short) Traits() check.Traits        { return check.Traits{} }

func (short) Check(_ context.Context, u check.Unit, _ []string) (d verdict.Decision, err error) {
	return d, fs.WalkDir(u.Files, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if info, err := e.Info(); err != nil || info.Size() > 20 {
			d.Findings = append(d.Findings, tooLong.At(verdict.Place{File: u.At(file), Line: 1, Column: 1}, "too long", ""))
		}
		return nil
	})
}

// TestKindsWithChecksOfTheirOwn: each unit gets its kind's, with its kind's shared files, whoever
// makes the next attempt; and what one kind shares makes nothing stale of another.
func TestKindsWithChecksOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := ownChecks(t, "one")
	want, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	found := map[id.Unit]int{}
	for _, u := range want.Summary.Errs {
		found[u.Name] = len(u.Findings)
	}
	if diff := cmp.Diff(map[id.Unit]int{"rules/b.txt": 1, "rules/c.txt": 1, "rules/link.txt": 1}, found); diff != "" || want.Summary.OK != 3 {
		t.Errorf("%d ok, findings (-want +got):\n%s", want.Summary.OK, diff)
	}
	kinds := check.Kinds{lines.New(), short{}}
	redistest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.work(4, kinds...)
		first := w.run(w.options(s))
		same(t, "run and validate differ", want, first)
		h, err := w.connection().Ledger.Header(t.Context(), first.ID)
		if err != nil || h.State != ledger.Closed || h.Decided != h.Total {
			t.Errorf("the run is %s, with %d of %d verdicts, %v; want all of them", h.State, h.Decided, h.Total, err)
		}
		detached := w.options(s)
		detached.Detach = true
		again, err := run.Collect(t.Context(), w.run(detached).ID, w.follow(kinds...))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "a detached run and validate differ", want, again)
		next := w.options(ownChecks(t, "two"))
		next.ID = first.ID
		if r := w.run(next); r.Stood != 3 || r.Summary.OK != 3 || !r.Summary.Complete {
			t.Errorf("continued with other shared files of apps: %d verdicts stood, %+v; want those of the 3 rules", r.Stood, r.Summary.Counts)
		}
	})
}

// TestAKindThatIsLost: Redis has forgotten of which kinds units are. Who has the folders says it
// again, and where nobody has them, the units fail and say so.
func TestAKindThatIsLost(t *testing.T) {
	t.Parallel()
	s := ownChecks(t, "one")
	want, err := run.Validate(t.Context(), run.ValidateOptions{Scope: s, Jobs: 2,
		Limits: run.Limits{Timeout: time.Minute, UnitTimeout: time.Minute}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	kinds := check.Kinds{lines.New(), short{}}
	forget := func(w *world) {
		t.Helper()
		if n := w.conn.Plain().Del(t.Context(), "muster:{r}:kinds").Val(); n != 1 {
			t.Errorf("%d keys are deleted, want that of the kinds", n)
		}
	}
	t.Run("in a run that is followed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, redistest.Server(t))
		o := w.options(s)
		o.ID = "r"
		ready := pushed(&o, 5)
		var wg sync.WaitGroup
		var r run.Result
		wg.Go(func() { r = w.run(o) })
		<-ready
		forget(w)
		if err := w.conn.Plain().Del(t.Context(), tasks.PendingKey(tasks.QueueCI)).Err(); err != nil {
			t.Error(err)
		}
		w.work(2, kinds...)
		wg.Wait()
		same(t, "run and validate differ", want, r)
	})
	t.Run("in a detached run", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, redistest.Server(t))
		o := w.options(s)
		o.ID, o.Detach = "r", true
		w.run(o)
		forget(w)
		w.work(2, kinds...)
		r, err := run.Collect(t.Context(), "r", w.follow(kinds...))
		if n := r.Summary.Counts; err != nil || n.Failed != 5 || n.Missing != 0 {
			t.Fatalf("%+v, %v; want that the five units with files have failed", n, err)
		}
		if cause := causes(r)["rules/a.txt"]; !strings.Contains(cause, "continue the run from the checkout") {
			t.Errorf("one has failed because %q", cause)
		}
		o.Detach = false
		same(t, "the continued run and validate differ", want, w.run(o))
	})
}
