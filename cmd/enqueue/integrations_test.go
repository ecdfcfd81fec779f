package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// change is what somebody did on a branch of a repository, and what is to be verified then.
type change struct {
	name    string
	files   map[string]string // to write; "" deletes
	ok, err int
	exit    int
	gone    int // services
}

// services is how many the repository has.
const services = 6

// changes are those that an integration is tried with.
var changes = []change{
	{"one manifest", map[string]string{"services/ledger/manifest.yml": tooMuch, "README.md": "changed"}, 0, 1, 1, 0},
	{"a template that all share", map[string]string{"templates/shared.j2": "changed"}, services, 0, 0, 0},
	{"a template of one service", map[string]string{"services/billing/billing.ini.j2": "[x]\n", "-q": "called like a flag"}, 1, 0, 0, 0},
	{"nothing", nil, 0, 0, 0, 0},
	{"nothing that is verified", map[string]string{"README.md": "changed", "Makefile": ""}, 0, 0, 0, 0},
	{"a service that is gone", map[string]string{"services/retired/manifest.yml": "", "services/orders/manifest.yml": "name: orders\n"}, 0, 1, 1, 1},
}

const tooMuch = `name: ledger
metadata: {team: shop, repo: https://github.com/acme/ledger}
regions: [dev-north]
health: {uri: /health}
resources: {requests: {cpu: 300m, memory: 128Mi}, limits: {cpu: 200m, memory: 256Mi}}
`

// branch is a checkout of a branch with a change: committed, or staged alone.
func branch(t *testing.T, c change, commit bool) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/fleet")); err != nil {
		t.Fatal(err)
	}
	write := func(files map[string]string) {
		for name, text := range files {
			full := filepath.Join(dir, name)
			err := os.MkdirAll(filepath.Dir(full), 0o755)
			if text == "" {
				err = errors.Join(err, os.Remove(full))
				os.Remove(filepath.Dir(full)) // as git does, if nothing is left in it
			} else {
				err = errors.Join(err, os.WriteFile(full, []byte(text), 0o644))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write(map[string]string{"templates/shared.j2": "shared", "README.md": "a fleet", "Makefile": "all:\n"})
	git("init", "--quiet", "--initial-branch", "main")
	git("add", "--all")
	git("commit", "--quiet", "--message", "base")
	git("checkout", "--quiet", "-b", "change")
	write(c.files)
	git("add", "--all")
	if commit {
		git("commit", "--quiet", "--allow-empty", "--message", "change")
	}
	return dir
}

// runner runs a script as a runner does, in a folder, with nothing in its environment but
// what the runner gives it.
func runner(t *testing.T, dir string, env map[string]string, command string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GORACE=atexit_sleep_ms=0", "TMPDIR=" + t.TempDir()}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	exit := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// counted holds the counts of a report against a change.
func (c change) counted(t *testing.T, code int, report string) {
	t.Helper()
	var r struct {
		Counts struct{ OK, Invalid, Failed, Missing int }
	}
	if err := json.Unmarshal([]byte(report), &r); err != nil {
		t.Fatalf("%v:\n%s", err, report)
	}
	if n := r.Counts; code != c.exit || n.OK != c.ok || n.Invalid+n.Failed+n.Missing != c.err {
		t.Errorf("exit code %d with %+v; want %d, %d ok and %d err", code, n, c.exit, c.ok, c.err)
	}
}

func readYAML(t *testing.T, name string, to any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// action is action.yml, of a composite action.
type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []step
	}
}

type step struct {
	ID, If, Uses, Shell, Run string
	With, Env                map[string]string
}

// expression is one of GitHub's in a text.
var expression = regexp.MustCompile(`\$\{\{ *([\w.-]+) *\}\}`)

// TestAction runs the steps of action.yml as GitHub's runner does.
func TestAction(t *testing.T) {
	t.Parallel()
	var a action
	readYAML(t, "action.yml", &a)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) != 3 {
		t.Fatalf("the action is %+v", a.Runs)
	}
	for name, in := range a.Inputs {
		if in.Description == "" {
			t.Errorf("the input %s has no description", name)
		}
	}
	verify := a.Runs.Steps[2]
	if strings.Contains(verify.Run, "${{") {
		t.Error("a script has an expression in it: what it stands for is obeyed")
	}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := branch(t, c, true)
			outputs := a.try(t, dir, c, map[string]string{"base": "main", "args": "--format=json\n"})
			for name, out := range a.Outputs {
				m := expression.FindStringSubmatch(out.Value)
				if m == nil || out.Description == "" {
					t.Fatalf("the output %s is %+v", name, out)
				}
				if !strings.Contains(outputs, "\n"+strings.TrimPrefix(m[1], "steps.verify.outputs.")+"<<") {
					t.Errorf("the command has no output %s:\n%s", m[1], outputs)
				}
			}
		})
	}
	for name, inputs := range map[string]map[string]string{
		"a base that is not there": {"base": "origin/nosuch"}, "a base like a flag": {"base": "--output=x"}, "a command that is none": {"command": "cancel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, _ := a.run(t, branch(t, change{}, true), inputs, nil)
			if code != 2 || !strings.HasPrefix(stdout, "::error::muster: ") {
				t.Errorf("exit code %d, %q", code, stdout)
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		c := change{ok: services}
		a.try(t, branch(t, c, true), c, map[string]string{"args": "--format\njson\n\n--fail-fast"})
	})
}

// try runs the action, holds it against a change, and returns the outputs.
func (a action) try(t *testing.T, dir string, c change, inputs map[string]string) string {
	t.Helper()
	temp := t.TempDir()
	env := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": dir, "GITHUB_OUTPUT": filepath.Join(temp, "outputs"), "GITHUB_STEP_SUMMARY": filepath.Join(temp, "summary")}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		if err := os.WriteFile(env[name], []byte("\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := a.run(t, dir, inputs, env)
	c.counted(t, code, stdout)
	if !strings.Contains(stderr, "for GitHub Actions: ") {
		t.Errorf("stderr says\n%s", stderr)
	}
	summary, errSummary := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	outputs, errOutputs := os.ReadFile(env["GITHUB_OUTPUT"])
	if err := errors.Join(errSummary, errOutputs); err != nil || !strings.HasPrefix(string(summary), "\n### muster: ") {
		t.Errorf("%v; the summary is\n%s", err, summary)
	}
	return string(outputs)
}

// run runs the action's last step, with the inputs and their defaults.
func (a action) run(t *testing.T, dir string, inputs, env map[string]string) (code int, stdout, stderr string) {
	t.Helper()
	values := map[string]string{}
	for name, in := range a.Inputs {
		values["inputs."+name] = in.Default
	}
	binary, err := exec.LookPath("enqueue")
	if err != nil {
		t.Fatal(err)
	}
	values["inputs.binary"] = binary
	for name, value := range inputs {
		values["inputs."+name] = value
	}
	all := map[string]string{"RUNNER_TEMP": t.TempDir(), "GITHUB_ACTION_PATH": root}
	for name, value := range env {
		all[name] = value
	}
	verify := a.Runs.Steps[2]
	for name, value := range verify.Env {
		all[name] = expression.ReplaceAllStringFunc(value, func(e string) string {
			value, ok := values[expression.FindStringSubmatch(e)[1]]
			if !ok {
				t.Errorf("%s stands for nothing", e)
			}
			return value
		})
	}
	return runner(t, dir, all, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", verify.Run)
}

// TestActionBuilds: the step before builds the command where the last one looks for it.
func TestActionBuilds(t *testing.T) {
	t.Parallel()
	var a action
	readYAML(t, "action.yml", &a)
	build := a.Runs.Steps[1]
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"RUNNER_TEMP": "/temp", "GITHUB_ACTION_PATH": "/action", "PATH": bin + ":" + os.Getenv("PATH")}
	code, stdout, stderr := runner(t, bin, env, "bash", "-e", "-c", build.Run)
	want := []string{"build", "-C", "/action", "-trimpath", "-buildvcs=false", "-o", "/temp/muster/", "./cmd/enqueue", ""}
	if got := strings.Split(stdout, "\n"); code != 0 || !slices.Equal(got, want) {
		t.Errorf("exit code %d, %q, want %q\n%s", code, got, want, stderr)
	}
}

// TestGitLabTemplate runs the job of the template as GitLab's runner does.
func TestGitLabTemplate(t *testing.T) {
	t.Parallel()
	type job struct {
		Extends   string
		Image     string
		Variables map[string]string
		Before    []string `yaml:"before_script"`
		Script    []string
		Artifacts struct {
			When    string
			Reports map[string]string
		}
		Rules []map[string]string
	}
	var jobs map[string]job
	readYAML(t, "ci/gitlab/muster.gitlab-ci.yml", &jobs)
	muster := jobs[".muster"]
	if jobs["muster"].Extends != ".muster" || muster.Artifacts.When != "always" {
		t.Fatalf("the jobs are %+v", jobs)
	}
	script := strings.Join(append(muster.Before, muster.Script...), "\n")
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, merge := range []bool{true, false} {
				dir := branch(t, c, true)
				env := map[string]string{"GITLAB_CI": "true", "CI": "true", "CI_PROJECT_DIR": dir, "MUSTER_ARGS": "--format=json --fail-on error"}
				for name, value := range muster.Variables {
					if env[name] == "" {
						env[name] = value
					}
				}
				c := c
				if merge {
					env["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = "main"
				} else {
					c.ok = services - c.gone - c.err
				}
				code, stdout, _ := runner(t, dir, env, "bash", "-e", "-o", "pipefail", "-c", script)
				c.counted(t, code, stdout)
			}
		})
	}
	t.Run("a history that is cut off", func(t *testing.T) {
		t.Parallel()
		env := map[string]string{"CI_MERGE_REQUEST_DIFF_BASE_SHA": "1234567890", "MUSTER_REPO": ".", "MUSTER_COMMAND": "validate"}
		if code, stdout, _ := runner(t, branch(t, change{}, true), env, "bash", "-e", "-c", script); code == 0 || stdout != "" {
			t.Errorf("exit code %d:\n%s", code, stdout)
		}
	})
}

// hook is one of .pre-commit-hooks.yaml.
type hook struct {
	ID, Name, Description, Language, Entry, Files string
	Args                                          []string
	RequireSerial                                 bool  `yaml:"require_serial"`
	PassFilenames                                 *bool `yaml:"pass_filenames"`
}

// TestHooks runs the hooks as pre-commit does: with the names of the files that are staged and
// there, of those that the hook asks for.
func TestHooks(t *testing.T) {
	t.Parallel()
	teams, err := os.ReadFile("testdata/fleet/teams.yml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []hook
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	var ids []string
	for _, h := range hooks {
		ids = append(ids, h.ID)
		if !slices.Contains([]string{"golang", "docker", "system"}, h.Language) || h.Name == "" || h.Description == "" {
			t.Errorf("the hook is %+v", h)
		}
		some := changes
		if h.ID == "muster-config" { // which is not run for those
			some = []change{
				{name: "teams.yml", files: map[string]string{"teams.yml": "teams: {"}, exit: 2},
				{name: "the configuration is valid", files: map[string]string{"teams.yml": string(teams) + "# changed\n"}},
			}
		}
		for _, c := range some {
			t.Run(h.ID+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				h.try(t, c)
			})
		}
	}
	if want := []string{"muster", "muster-docker", "muster-system", "muster-config"}; !slices.Equal(ids, want) {
		t.Errorf("the hooks are %q, want %q", ids, want)
	}
}

// try runs a hook on a change that is staged.
func (h hook) try(t *testing.T, c change) {
	t.Helper()
	dir := branch(t, c, false)
	out, err := exec.Command("git", "-C", dir, "diff", "--staged", "--name-only", "--no-ext-diff", "-z", "--diff-filter=ACMRTUXB").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
	files = slices.DeleteFunc(files, func(name string) bool { return !regexp.MustCompile(h.Files).MatchString(name) })
	if len(files) == 0 {
		return // there is nothing to run a hook for
	}
	words := append(strings.Fields(h.Entry), h.Args...)
	if h.PassFilenames == nil || *h.PassFilenames {
		words = append(words, files...)
		words = slices.Insert(words, len(strings.Fields(h.Entry)), "--format=json")
	}
	code, stdout, stderr := runner(t, dir, map[string]string{"PRE_COMMIT": "1"}, words[0], words[1:]...)
	if h.ID != "muster-config" {
		c.counted(t, code, stdout)
	} else if code != c.exit || !strings.Contains(stdout, c.name) {
		t.Errorf("exit code %d, want %d and %q:\n%s%s", code, c.exit, c.name, stdout, stderr)
	}
}
