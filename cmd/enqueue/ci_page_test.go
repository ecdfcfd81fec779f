package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/cmd/enqueue/commands"
	"github.com/seed306eabeb/muster/report"
)

// recipes are what people copy from.
var recipes = []string{"docs/ci.md", "action.yml", "ci/gitlab/muster.gitlab-ci.yml", ".pre-commit-hooks.yaml"}

var (
	// calls are command lines of enqueue, to the end of the command.
	calls = regexp.MustCompile(`\benqueue ((?:config )?[a-z]+)((?:[^\n|;&<>#'` + "`" + `]|\\\n)*)`)
	// flagsOfJobs are flags that a job hands on.
	flagsOfJobs = regexp.MustCompile(`(?m)^ +(--[a-z-]+)(?:[= ]\S+)?$|MUSTER_ARGS: (--.*)$`)
	// mentioned are flags in the text.
	mentioned = regexp.MustCompile("`--([a-z-]+)[ =`]")
)

// TestRecipesAreRight: each command of a recipe is one, and has the flags that it is given.
func TestRecipesAreRight(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, name := range recipes {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		code := string(text)
		if strings.HasSuffix(name, ".md") {
			code = ""
			for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
				code += block[4] + "\n"
			}
		}
		for _, call := range calls.FindAllStringSubmatch(code, -1) {
			seen += hasFlags(t, name, strings.Fields(call[1]), call[2])
		}
		for _, flags := range flagsOfJobs.FindAllStringSubmatch(code, -1) {
			seen += hasFlags(t, name, []string{"run"}, flags[1]+flags[2])
		}
	}
	if seen < 16 {
		t.Errorf("the recipes have %d flags: they are not read", seen)
	}
}

// hasFlags says how many flags the words have, and fails for one that a command has not.
func hasFlags(t *testing.T, where string, command []string, words string) (n int) {
	t.Helper()
	cmd, rest, err := commands.New(program()).Find(command)
	if err != nil || len(rest) > 0 {
		t.Errorf("%s: `enqueue %s` is no command", where, strings.Join(command, " "))
		return 0
	}
	for word := range strings.FieldsSeq(words) {
		if flag, ok := strings.CutPrefix(word, "--"); ok && flag != "" {
			flag, _, _ = strings.Cut(flag, "=")
			n++
			if cmd.Flags().Lookup(flag) == nil {
				t.Errorf("%s: `%s` has no flag --%s", where, cmd.CommandPath(), flag)
			}
		}
	}
	return n
}

// TestPageAboutCINamesWhatIsThere: the flags, formats and systems of the page are those of the
// program.
func TestPageAboutCINamesWhatIsThere(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	var run *cobra.Command
	if run, _, err = commands.New(program()).Find([]string{"run"}); err != nil {
		t.Fatal(err)
	}
	for _, flag := range mentioned.FindAllStringSubmatch(string(page), -1) {
		if run.Flags().Lookup(flag[1]) == nil {
			t.Errorf("the page has a flag --%s", flag[1])
		}
	}
	for _, word := range []string{"`--ci NAME`", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION",
		"gl-code-quality-report.json", "muster-junit.xml", "TEST-muster.xml", "muster-annotation.md"} {
		if !strings.Contains(string(page), word) {
			t.Errorf("the page does not have %s", word)
		}
	}
	outputs, _ := os.ReadFile(root + "/report/outputs.go")
	for _, name := range regexp.MustCompile(`\{"([a-z-]+)", (?:strconv|r|file)`).FindAllStringSubmatch(string(outputs), -1) {
		if !strings.Contains(string(page), "`"+name[1]+"`") {
			t.Errorf("the page does not have the output %s", name[1])
		}
	}
}

// TestRecipesAreYAML: actionlint reads those of GitHub, in `make lint`.
func TestRecipesAreYAML(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, block := range fenced.FindAllStringSubmatch(string(page), -1) {
		if block[2] != "yaml" {
			continue
		}
		read++
		var any map[string]any
		if err := yaml.Unmarshal([]byte(block[4]), &any); err != nil || len(any) == 0 {
			t.Errorf("%s: %v", block[3], err)
		}
	}
	if read < 7 {
		t.Errorf("the page has %d recipes", read)
	}
}

// matcher is a problem matcher of GitHub's runner.
type matcher struct {
	Owner, Severity string
	Pattern         []struct {
		Regexp                                      string
		File, Line, Column, Severity, Code, Message int
	}
}

// TestMatcherReadsTheText finds in what is printed all findings of the example, with their
// parts, and nothing else.
func TestMatcherReadsTheText(t *testing.T) {
	t.Parallel()
	var file struct{ ProblemMatcher []matcher }
	text, err := os.ReadFile(root + "/ci/muster-matcher.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"text", "concise"} {
		if _, ok := report.FormatNamed(format); !ok {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "enqueue", "validate", "--repo", root+"/examples/fleet", "--format", format, "--verbose", "--ci", "off", "--fail-on", "warning")
		cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
		out, _ := cmd.Output()
		var got []string
		for _, m := range file.ProblemMatcher {
			got = append(got, m.matches(t, string(out))...)
		}
		slices.Sort(got)
		want := []string{
			"services/crew-rota/manifest.yml|13|1|error|M110 unknown-field|manifest has no field \"replicacount\"",
			"services/crew-rota/manifest.yml|16|10|error|M318 request-above-limit|resources.requests.cpu is 750m, above the limit of 500m (eu-west, us-east)",
		}
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%s: the matchers do not find %q, but\n%s", format, line, strings.Join(got, "\n"))
			}
		}
		if len(got) != 5 {
			t.Errorf("%s: the matchers find %d problems:\n%s", format, len(got), strings.Join(got, "\n"))
		}
	}
	for line, want := range map[string]string{
		"a.yml:3: warning[R1 odd]: it is odd":             "a.yml|3||warning|R1 odd|it is odd",
		"a b.yml:3:4: info[x/y z]: note: it is [so]: yes": "a b.yml|3|4|notice|x/y z|note: it is [so]: yes",
		"    help: a.yml:3:4 is: error":                   "", "8 ok, 2 err (2 invalid, 0 failed, 0 missing) in 52ms": "", "gateway: failed: the check took longer": "",
	} {
		var got []string
		for _, m := range file.ProblemMatcher {
			got = append(got, m.matches(t, line)...)
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
}

// matches are the problems that a matcher of one line finds in a log.
func (m matcher) matches(t *testing.T, log string) (found []string) {
	t.Helper()
	if len(m.Pattern) != 1 {
		t.Fatalf("%s is about %d lines", m.Owner, len(m.Pattern))
	}
	p := m.Pattern[0]
	expr := regexp.MustCompile(p.Regexp)
	for line := range strings.SplitSeq(log, "\n") {
		parts := expr.FindStringSubmatch(line)
		if parts == nil {
			continue
		}
		severity := m.Severity
		if p.Severity > 0 {
			severity = parts[p.Severity]
		}
		if !slices.Contains([]string{"error", "warning", "notice"}, severity) {
			t.Errorf("GitHub knows no severity %q", severity)
		}
		found = append(found, strings.Join([]string{parts[p.File], parts[p.Line], parts[p.Column], severity, parts[p.Code], parts[p.Message]}, "|"))
	}
	return found
}
