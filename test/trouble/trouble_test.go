//go:build unix

package trouble

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/verdict"
)

func inspect(t *testing.T, ctx context.Context, do string) (verdict.Decision, error) {
	t.Helper()
	s, err := New().Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{File: &fstest.MapFile{Data: []byte(do)}}
	return s.Check(ctx, check.Unit{Name: "u", Files: files}, []string{region})
}

func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		do, differs string
		lines       []int
	}{
		{"", "", nil},
		{"sleep 1ms", "", nil},
		{"spin 1ms", "", nil},
		{"eat 1", "", nil},
		{"sleep 1ms\nbad\n", "", []int{2}},
		{"bad\nbad\n", "", []int{1, 2}},
		{"differ\n", "", nil},
		{"differ\n", "1", []int{1}},
	} {
		t.Run(strings.ReplaceAll(tt.do, "\n", ",")+tt.differs, func(t *testing.T) {
			t.Setenv(DiffersEnv, tt.differs)
			d, err := inspect(t, t.Context(), tt.do)
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Findings) != len(tt.lines) {
				t.Fatalf("%d findings, want them on lines %v", len(d.Findings), tt.lines)
			}
			for i, f := range d.Findings {
				if f.Line != tt.lines[i] || f.File != "units/u/do" || f.Severity != verdict.Error {
					t.Errorf("finding %d: %+v, want an error on line %d", i, f, tt.lines[i])
				}
			}
		})
	}
}

func TestWaitEndsWithItsFileOrItsContext(t *testing.T) {
	gates := t.TempDir()
	t.Setenv(GatesEnv, gates)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := inspect(t, ctx, "wait gate"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without the file: %v, want the end of the context", err)
	}
	if err := os.WriteFile(filepath.Join(gates, "gate"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect(t, t.Context(), "wait gate"); err != nil {
		t.Errorf("with the file: %v", err)
	}
}

func TestUnknownStepIsNoVerdict(t *testing.T) {
	t.Parallel()
	if _, err := inspect(t, t.Context(), "bad\ndance"); err == nil || !strings.Contains(err.Error(), `line 2: unknown step "dance"`) {
		t.Errorf("error %v names no step", err)
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a unit that says panic has none")
		}
	}()
	_, err := inspect(t, t.Context(), "panic")
	t.Errorf("the check returned %v", err)
}

func TestEngine(t *testing.T) {
	if got := New().Engine(); got != "trouble-1" {
		t.Errorf("engine %q", got)
	}
	t.Setenv(EngineEnv, "other")
	if got := New().Engine(); got != "other" {
		t.Errorf("engine %q, want the environment's", got)
	}
}

// open opens what a muster.yaml declares, with trouble around it.
func open(t *testing.T, s declared.Section) check.Session {
	t.Helper()
	session, err := Around(declared.New()).Open(fstest.MapFS{declared.SectionFile: {Data: s.Encode()}})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// TestAroundWhatIsDeclared: a unit takes its steps and is checked as ever.
func TestAroundWhatIsDeclared(t *testing.T) {
	t.Parallel()
	s := declared.Section{Kind: "app", At: []string{"apps/*/"}, YAML: "1.2", Checks: []declared.Check{{ID: "app/rule", Verb: declared.Rule, Rule: "self.ok", In: []string{"a.yaml"}}}}
	unit := check.Unit{Name: "apps/a", Path: "apps/a", Dir: "apps/a", Files: fstest.MapFS{"a.yaml": {Data: []byte("ok: false\n# do: sleep 1ms\n# do: bad\n")}}}
	d, err := open(t, s).Check(t.Context(), unit, nil)
	if err != nil || len(d.Findings) != 2 || d.Findings[0].Rule != "app/rule" || d.Findings[1].Rule != Rule.Code || d.Findings[1].Line != 3 || d.Findings[1].File != "apps/a/a.yaml" {
		t.Errorf("found %+v, %v", d.Findings, err)
	}
	unit.Files = fstest.MapFS{"a.yaml": {Data: []byte("ok: true\n# do: dance\n")}}
	if _, err := open(t, s).Check(t.Context(), unit, nil); err == nil || !strings.Contains(err.Error(), `a.yaml line 2: unknown step "dance"`) {
		t.Errorf("error %v names no step", err)
	}
}

// TestAroundKeepsWhatASessionHas: its rules, and its regions if it has some.
func TestAroundKeepsWhatASessionHas(t *testing.T) {
	t.Parallel()
	s := declared.Section{Kind: "app", At: []string{"apps/*/"}, YAML: "1.2"}
	plain := open(t, s)
	if _, regional := plain.(check.Regional); regional || len(plain.(check.Ruled).Rules()) != 1 {
		t.Errorf("regional %t, rules %v; want false and one for the syntax", regional, plain.(check.Ruled).Rules())
	}
	s.Regions = []string{"eu"}
	r, ok := open(t, s).(check.Regional)
	if !ok || len(r.Regions()) != 1 || len(r.(check.Ruled).Rules()) != 1 {
		t.Error("a session with regions has lost them, or its rules")
	}
}
