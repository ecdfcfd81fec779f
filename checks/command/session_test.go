package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/sandbox"
	"github.com/seed306eabeb/muster/verdict"
)

// runner answers jobs as a test wants. Its walls are all there.
type runner struct {
	run  func(sandbox.Job) sandbox.Result
	jobs []sandbox.Job
	lack []sandbox.Wall
	fail error // of each job
}

func (r *runner) Run(_ context.Context, j sandbox.Job) (sandbox.Result, error) {
	if r.fail != nil || j.Argv[0] == nothing {
		return sandbox.Result{Ending: sandbox.NoProgram}, r.fail
	}
	r.jobs = append(r.jobs, j)
	return r.run(j), nil
}

func (r *runner) Walls() (all []sandbox.Standing) {
	for _, w := range sandbox.Walls() {
		s := sandbox.Standing{Wall: w, By: "the test"}
		if slices.Contains(r.lack, w) {
			s.By, s.Why = "", "the test lacks it"
		}
		all = append(all, s)
	}
	return all
}

// folder is that of all jobs.
const folder = "/dev/shm/muster-job-0123456789"

// said is a result with what a program printed and its exit code.
func said(exit int, stdout, stderr string) sandbox.Result {
	return sandbox.Result{Ending: sandbox.Exited, Exit: exit, Stdout: []byte(stdout), Stderr: []byte(stderr), Folder: folder}
}

// lint is the definition of a command that prints FILE:LINE:COLUMN: [SEVERITY] MESSAGE (CODE).
const lint = `muster: 1
commands:
  lint:
    run: [sh, lint, "{unit}", "{files}", "--level={args.level}"]
    args: {level: {match: '[0-9]'}}
    output:
      format: regex
      pattern: '^(?P<file>[^:]*):(?P<line>\d+):(?P<column>\d+): \[(?P<severity>\w+)\] (?P<message>.*?)( \((?P<code>[A-Za-z0-9_]+)\))?$'
      severities: {style: off}
`

// offer is the offer of the one command of a file.
func offer(t *testing.T, text string, r *runner) check.Kind {
	t.Helper()
	all, found := ReadFile("c.yaml", []byte(text))
	if len(found) > 0 {
		t.Fatal(found)
	}
	o := NewOffers(all, r, nil)
	o.Look(t.Context())
	if len(o.Kinds()) != 1 {
		t.Fatalf("offered %v, refused %v", o.All(), o.Refused())
	}
	return o.Kinds()[0]
}

// unit is a folder of the repository with a shared file beside it.
var unit = check.Unit{Name: "a", Path: "charts/a", Dir: "charts/a", Files: fstest.MapFS{
	"Chart.yaml": {Data: []byte("name: a\nversion: 1\n")}, "templates/x.yaml": {Data: []byte("kind: Pod\n")}, "-v.yaml": {Data: []byte("x")},
}}

// sharedBy is the shared tree of checks that run the command lint.
func sharedBy(t *testing.T, checks ...declared.Check) fstest.MapFS {
	t.Helper()
	for i := range checks {
		checks[i].Verb, checks[i].Command = declared.Run, "lint"
		if checks[i].ID == "" {
			checks[i].ID = "chart/run"
		}
	}
	return fstest.MapFS{
		declared.SectionFile: {Data: declared.Section{Kind: "chart", At: []string{"charts/*/"}, YAML: "1.2", Checks: checks}.Encode()},
		"base/values.yaml":   {Data: []byte("a: 1\nb: 2\n")}, "charts/a/Chart.yaml": {Data: []byte("name: a\nversion: 1\n")}, "other/x": {Data: []byte("x")},
	}
}

// decide makes the checks of one unit.
func decide(t *testing.T, definition string, r *runner, u check.Unit, checks ...declared.Check) (verdict.Decision, error) {
	t.Helper()
	s, err := offer(t, definition, r).Open(sharedBy(t, checks...))
	if err != nil {
		t.Fatal(err)
	}
	return s.Check(t.Context(), u, nil)
}

// told are findings, a line each.
func told(d verdict.Decision) string {
	var lines []string
	for _, f := range d.Findings {
		lines = append(lines, fmt.Sprintf("%s %s [%s %s] %s", f.Place, f.Level(), f.Rule, f.Name, f.Message))
	}
	return strings.Join(lines, "\n")
}

func TestJob(t *testing.T) {
	t.Parallel()
	file := check.Unit{Name: "b", Path: "rules/b.yaml", Files: fstest.MapFS{"rules/b.yaml": {Data: []byte("x")}}}
	for name, tt := range map[string]struct {
		definition string
		unit       check.Unit
		check      declared.Check
		argv, dir  string
		files      string
	}{
		"a folder":                       {lint, unit, declared.Check{In: []string{"*.yaml"}}, "lint . ./-v.yaml Chart.yaml", "charts/a", "charts/a: -v.yaml Chart.yaml templates/x.yaml; :"},
		"with an argument":               {lint, unit, declared.Check{In: []string{"C*"}, Args: map[string]string{"level": "3"}}, "lint . Chart.yaml --level=3", "charts/a", "charts/a: -v.yaml Chart.yaml templates/x.yaml; :"},
		"beside a folder":                {lint, unit, declared.Check{In: []string{"C*"}, With: []string{"base", "charts/a"}}, "lint . Chart.yaml", "charts/a", "charts/a: -v.yaml Chart.yaml templates/x.yaml; : base/values.yaml"},
		"all files":                      {lint, unit, declared.Check{}, "lint . ./-v.yaml Chart.yaml templates/x.yaml", "charts/a", "charts/a: -v.yaml Chart.yaml templates/x.yaml; :"},
		"what it reads":                  {lint, unit, declared.Check{Reads: []string{"templates/**", "C*"}}, "lint . Chart.yaml templates/x.yaml", "charts/a", "charts/a: Chart.yaml templates/x.yaml; :"},
		"some of what it reads":          {lint, unit, declared.Check{Reads: []string{"templates/**", "C*"}, In: []string{"**/*.yaml"}}, "lint . Chart.yaml templates/x.yaml", "charts/a", "charts/a: Chart.yaml templates/x.yaml; :"},
		"one of its own files beside it": {lint, unit, declared.Check{Reads: []string{"templates/**"}, With: []string{"charts/a"}}, "lint . templates/x.yaml", "charts/a", "charts/a: templates/x.yaml; : charts/a/Chart.yaml"},
		"from the root":                  {lint + "    dir: root\n", unit, declared.Check{In: []string{"*.yaml"}}, "lint charts/a charts/a/-v.yaml charts/a/Chart.yaml", "", "charts/a: -v.yaml Chart.yaml templates/x.yaml; :"},
		"a file":                         {lint, file, declared.Check{}, "lint b.yaml b.yaml", "rules", ": rules/b.yaml; :"},
		"a file, from the root":          {lint + "    dir: root\n", file, declared.Check{With: []string{"other/x"}}, "lint rules/b.yaml rules/b.yaml", "", ": rules/b.yaml; : other/x"},
	} {
		r := &runner{run: func(sandbox.Job) sandbox.Result { return said(0, "", "") }}
		d, err := decide(t, tt.definition, r, tt.unit, tt.check)
		if err != nil || len(d.Findings) > 0 || len(r.jobs) != 1 {
			t.Errorf("%s: %v, %v, %d jobs", name, told(d), err, len(r.jobs))
			continue
		}
		j := r.jobs[0]
		var files []string
		for _, tree := range j.Files {
			files = append(files, strings.TrimSpace(tree.At+": "+strings.Join(tree.Names, " ")))
		}
		if got := strings.Join(j.Argv[1:], " "); got != tt.argv || j.Dir != tt.dir || strings.Join(files, "; ") != tt.files {
			t.Errorf("%s:\ngot  %s in %q, %q\nwant %s in %q, %q", name, got, j.Dir, files, tt.argv, tt.dir, tt.files)
		}
		if !filepath.IsAbs(j.Argv[0]) || !slices.Contains(j.Read, j.Argv[0]) || slices.ContainsFunc(j.Env, func(v string) bool { return strings.Contains(v, os.Getenv("HOME")+"/") }) {
			t.Errorf("%s: runs %s, reads %v, with %v", name, j.Argv[0], j.Read, j.Env)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		result sandbox.Result
		check  declared.Check
		want   string // findings
		failed string // the error's beginning
	}{
		"clean":               {said(0, "", ""), declared.Check{}, "", ""},
		"a finding":           {said(1, "Chart.yaml:2:1: [error] no good (SC1)\n", ""), declared.Check{}, "charts/a/Chart.yaml:2:1 error [chart/run sc1] no good (SC1)", ""},
		"clean with warnings": {said(0, "Chart.yaml:2:1: [warning] hm\n", ""), declared.Check{}, "charts/a/Chart.yaml:2:1 warning [chart/run finding] hm", ""},
		"information":         {said(0, "Chart.yaml:2:1: [info] fyi\n", ""), declared.Check{}, "charts/a/Chart.yaml:2:1 info [chart/run finding] fyi", ""},
		"passed over":         {said(1, "Chart.yaml:2:1: [style] hm\n", ""), declared.Check{}, "", ""},
		"a weak check":        {said(1, "Chart.yaml:2:1: [error] no\n", ""), declared.Check{Severity: "warning"}, "charts/a/Chart.yaml:2:1 warning [chart/run finding] no", ""},
		"called by its code":  {said(1, "Chart.yaml:2:1: [error] no good (length)\n", ""), declared.Check{}, "charts/a/Chart.yaml:2:1 error [chart/run length] no good", ""},
		"its folder":          {said(1, folder+"/charts/a/Chart.yaml:2:1: [error] see "+folder+"/base (X)\n", ""), declared.Check{}, "charts/a/Chart.yaml:2:1 error [chart/run x] see base (X)", ""},
		"of the root":         {said(1, "charts/a/Chart.yaml:2:1: [error] no\n", ""), declared.Check{}, "charts/a/Chart.yaml:2:1 error [chart/run finding] no", ""},
		"beside the unit":     {said(1, "../../base/values.yaml:2:2: [error] no\n", ""), declared.Check{With: []string{"base"}}, "base/values.yaml:2:2 error [chart/run finding] no", ""},
		"not laid out":        {said(1, "../../other/x:2:2: [error] no\n", ""), declared.Check{With: []string{"base"}}, "charts/a error [chart/run finding] ../../other/x:2:2: no", ""},
		"elsewhere":           {said(1, "/etc/x:2:2: [error] no\n", ""), declared.Check{}, "charts/a error [chart/run finding] /etc/x:2:2: no", ""},
		"far out":             {said(1, "Chart.yaml:99:2: [error] no\n", ""), declared.Check{}, "charts/a/Chart.yaml error [chart/run finding] line 99: no", ""},
		"beyond the line":     {said(1, "Chart.yaml:1:99: [error] no\n", ""), declared.Check{}, "charts/a/Chart.yaml:1 error [chart/run finding] no", ""},
		"twice":               {said(1, "Chart.yaml:1:1: [error] no\nChart.yaml:1:1: [error] no\n", ""), declared.Check{}, "charts/a/Chart.yaml:1:1 error [chart/run finding] no", ""},
		"binary":              {said(1, "Chart.yaml:1:1: [error] \x1b[31mn\x00o\xff\x1b[0m\n\x00\xff\n", ""), declared.Check{}, "charts/a/Chart.yaml:1:1 error [chart/run finding] no\ufffd", ""},
		"no file for it":      {said(0, "", ""), declared.Check{In: []string{"*.json"}}, `charts/a error [chart/run no-file] charts/a has no file that matches "*.json"`, ""},
		"no file, optional":   {said(7, "", ""), declared.Check{In: []string{"*.json"}, Optional: true}, "", ""},

		"unread":            {said(1, "it is bad\n", "really "+folder+"/charts\n"), declared.Check{}, "", "the command lint ended with exit code 1: it said that there are findings, and none could be read; it said: really charts"},
		"other exit":        {said(137, "Chart.yaml:2:1: [error] no good\n", "boom\n"), declared.Check{}, "", "the command lint ended with exit code 137, which says neither that it is clean nor that there are findings; it said: boom"},
		"a signal":          {sandbox.Result{Ending: sandbox.Killed, Signal: "SIGSEGV"}, declared.Check{}, "", "the command lint was ended by SIGSEGV"},
		"time":              {sandbox.Result{Ending: sandbox.OutOfTime}, declared.Check{}, "", "the command lint took longer than 30s"},
		"memory":            {sandbox.Result{Ending: sandbox.OutOfMem}, declared.Check{}, "", "the command lint took more memory than 512MiB"},
		"disk":              {sandbox.Result{Ending: sandbox.OutOfDisk}, declared.Check{}, "", "the command lint wrote more than 64MiB"},
		"processes":         {sandbox.Result{Ending: sandbox.OutOfProcesses}, declared.Check{}, "", "the command lint had more than 64 processes at once"},
		"too much":          {sandbox.Result{Ending: sandbox.Exited, Stdout: []byte("Chart.yaml:2:1: [error] no\n"), OutTruncated: true, Exit: 1}, declared.Check{}, "charts/a/Chart.yaml:2:1 error [chart/run finding] no", "the command lint printed more than 1MiB"},
		"cut in a line":     {sandbox.Result{Ending: sandbox.Exited, Folder: folder, Stdout: []byte("Chart.yaml:2:1: [error] no\nChart.yaml:1:1: [error] see " + folder[:len(folder)-3]), OutTruncated: true, Exit: 1}, declared.Check{}, "charts/a/Chart.yaml:2:1 error [chart/run finding] no", "the command lint printed more than 1MiB"},
		"too much said":     {sandbox.Result{Ending: sandbox.Exited, ErrTruncated: true}, declared.Check{}, "", ""},
		"no such argument":  {said(0, "", ""), declared.Check{Args: map[string]string{"x": "1"}}, "", `the command lint takes no argument "x": it takes level`},
		"a refused one":     {said(0, "", ""), declared.Check{Args: map[string]string{"level": "33"}}, "", `the argument "level" is "33", which does not match [0-9]`},
		"an option":         {said(0, "", ""), declared.Check{Args: map[string]string{"level": "-x"}}, "", `the argument "level" is "-x", which begins with a dash`},
		"what nobody sees":  {said(0, "", ""), declared.Check{Args: map[string]string{"level": "1\n"}}, "", `the argument "level" is "1\n", which has characters that nobody sees`},
		"a link is no file": {said(0, "", ""), declared.Check{In: []string{"Chart.yaml"}}, "", ""},
	} {
		r := &runner{run: func(sandbox.Job) sandbox.Result { return tt.result }}
		d, err := decide(t, lint, r, unit, tt.check)
		if got := told(d); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
		if (err != nil) != (tt.failed != "") || err != nil && !strings.HasPrefix(err.Error(), tt.failed) {
			t.Errorf("%s: %v; want %s", name, err, tt.failed)
		}
		if lost := (check.Lost)(nil); errors.As(err, &lost) {
			t.Errorf("%s: %v is a lost program: %v", name, err, lost)
		}
		if err != nil && !d.Impure {
			t.Errorf("%s: a failure counts as pure", name)
		}
	}
}

// TestLost: a program that cannot be started is lost, whatever became of its file.
func TestLost(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, tool string){
		"gone":        func(t *testing.T, tool string) { _ = os.Remove(tool) },
		"another one": func(t *testing.T, tool string) { program(t, tool, "false") },
		"closed":      func(t *testing.T, tool string) { _ = os.Chmod(tool, 0o644) },
	} {
		tool := filepath.Join(t.TempDir(), "tool")
		program(t, tool, "true")
		r := &runner{run: func(sandbox.Job) sandbox.Result {
			change(t, tool)
			return sandbox.Result{Ending: sandbox.NoProgram, Why: "no such file or directory"}
		}}
		_, err := decide(t, strings.Replace(lint, "sh, lint", tool, 1), r, unit, declared.Check{})
		if lost := (check.Lost)(nil); !errors.As(err, &lost) || lost.Lost() != "lint" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPureWhileItStands: what a program says is pure only while what it may read is what was offered.
func TestPureWhileItStands(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(t *testing.T, tool, data string)
		impure bool
	}{
		"nothing new":     {func(*testing.T, string, string) {}, false},
		"another program": {func(t *testing.T, tool, _ string) { program(t, tool, "false") }, true},
		"another file":    {func(t *testing.T, _, data string) { program(t, filepath.Join(data, "x"), "") }, true},
	} {
		dir := t.TempDir()
		tool, data := filepath.Join(dir, "tool"), filepath.Join(dir, "data")
		program(t, tool, "true")
		if err := os.Mkdir(data, 0o755); err != nil {
			t.Fatal(err)
		}
		r := &runner{run: func(sandbox.Job) sandbox.Result {
			tt.change(t, tool, data)
			return said(0, "", "")
		}}
		d, err := decide(t, strings.Replace(lint, "sh, lint", tool, 1)+"    read: ["+data+"]\n    pure: true\n", r, unit, declared.Check{})
		if err != nil || d.Impure != tt.impure {
			t.Errorf("%s: impure %v, %v", name, d.Impure, err)
		}
	}
}

// TestExitAloneSaysThatItIsCut: what stands for a finding is the end of what was read, and not of all.
func TestExitAloneSaysThatItIsCut(t *testing.T) {
	t.Parallel()
	r := &runner{run: func(sandbox.Job) sandbox.Result {
		return sandbox.Result{Ending: sandbox.Exited, Exit: 1, Stdout: []byte("no good\nreal"), OutTruncated: true}
	}}
	d, err := decide(t, "muster: 1\ncommands:\n  lint:\n    run: [sh]\n    output: {format: exit}\n", r, unit, declared.Check{})
	if got := told(d); err != nil || got != "charts/a error [chart/run finding] no good\n(it printed more than 1MiB, and only that was read)" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestOneCheckLeavesTheOthers: what one finds stands where another fails.
func TestOneCheckLeavesTheOthers(t *testing.T) {
	t.Parallel()
	r := &runner{}
	r.run = func(sandbox.Job) sandbox.Result {
		if len(r.jobs) == 1 {
			return said(9, "", "")
		}
		return said(1, "Chart.yaml:2:1: [error] no\n", "")
	}
	d, err := decide(t, lint, r, unit, declared.Check{ID: "a"}, declared.Check{ID: "b"})
	if told(d) != "charts/a/Chart.yaml:2:1 error [b finding] no" || err == nil || !strings.HasPrefix(err.Error(), "a: the command lint ended") {
		t.Errorf("%s, %v", told(d), err)
	}
}

// TestLinksAreTold: a program does not see what is no plain file.
func TestLinksAreTold(t *testing.T) {
	t.Parallel()
	r := &runner{run: func(sandbox.Job) sandbox.Result { return said(0, "", "") }}
	u := unit
	u.Files = fstest.MapFS{"a": {Data: []byte("x")}, "l": {Mode: os.ModeSymlink}}
	d, err := decide(t, lint, r, u, declared.Check{})
	if got := told(d); err != nil || got != "charts/a/l error [chart/run no-plain-file] charts/a/l is a symbolic link, which is not followed: the command lint does not see it" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestManyFindings(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for i := range maxFindings + 5 {
		fmt.Fprintf(&all, "Chart.yaml:1:1: [error] no %d\n", i)
	}
	r := &runner{run: func(sandbox.Job) sandbox.Result { return said(1, all.String(), "") }}
	d, err := decide(t, lint, r, unit, declared.Check{})
	if err != nil || len(d.Findings) != maxFindings+1 || d.Findings[0].Name != nameMore || d.Findings[0].Message != "the command lint found 5 more, which are not told" {
		t.Errorf("%d findings, first %+v, %v", len(d.Findings), d.Findings[0], err)
	}
}

// TestIdentity: what moves keeps its identity, and what differs has another one.
func TestIdentity(t *testing.T) {
	t.Parallel()
	of := func(line string) string {
		r := &runner{run: func(sandbox.Job) sandbox.Result { return said(1, line, "") }}
		d, err := decide(t, lint, r, unit, declared.Check{})
		if err != nil || len(d.Findings) != 1 {
			t.Fatalf("%s: %v, %v", line, d, err)
		}
		return d.Findings[0].Identity
	}
	first := of("Chart.yaml:1:1: [error] line 1 is bad (A)\n")
	if moved := of("Chart.yaml:2:1: [error] line 2 is bad (A)\n"); moved != first {
		t.Errorf("%q becomes %q by moving", first, moved)
	}
	for _, other := range []string{"Chart.yaml:1:1: [error] line 1 is bad (B)\n", "Chart.yaml:1:1: [error] line 1 is odd (A)\n"} {
		if of(other) == first {
			t.Errorf("%s has the identity %q, too", other, first)
		}
	}
}

// TestTheFamilyRunsNothing: a process without a command knows its rules and decides nothing.
func TestTheFamilyRunsNothing(t *testing.T) {
	t.Parallel()
	k := check.Kinds{Family()}.Named(id.CommandCheck("lint"))
	shared := fstest.MapFS{declared.SectionFile: {Data: declared.Section{Kind: "chart", YAML: "1.2", Checks: []declared.Check{{ID: "chart/run", Verb: declared.Run, Command: "lint"}}}.Encode()}}
	s, err := k.Open(shared)
	if err != nil {
		t.Fatal(err)
	}
	if rules := s.(check.Ruled).Rules(); len(rules) != 1 || rules[0].Code != "chart/run" {
		t.Errorf("rules %v", rules)
	}
	missing := NotOfferedError{}
	if _, err := s.Check(t.Context(), unit, nil); !errors.As(err, &missing) || missing.Command != "lint" {
		t.Errorf("%v", err)
	}
}

// TestProcessorsAreTold: the runtime of a program hears how many processors are the program's, unless its definition
// says something else.
func TestProcessorsAreTold(t *testing.T) {
	env := environment(Definition{Env: map[string]string{"GOMAXPROCS": "4", "JOBS": "-j{processors}"}})
	for _, want := range []string{"GOMAXPROCS=4", "JOBS=-j{processors}", "OMP_NUM_THREADS={processors}", "PYTHON_CPU_COUNT={processors}", "RAYON_NUM_THREADS={processors}"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing in %q", want, env)
		}
	}
	if !slices.IsSorted(env) {
		t.Errorf("%q is not sorted", env)
	}
}
