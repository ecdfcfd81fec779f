package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/checks/schema"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/manifest"
)

var updatePages = flag.Bool("pages", false, "write what commands print into the pages")

// root is the repository, seen from this package.
const root = "../.."

// TestPages holds pages to the program. A block of a page whose fence names a file, as in
// "```yaml muster.yaml", is that file of a repository. A line of a console block that begins with
// "$ " is run in that repository if it calls enqueue, and what follows is what it prints, on
// either stream. -pages writes that down.
func TestPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(root + "/docs/checks/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no page about checks: %v", err)
	}
	for _, page := range append(pages, root+"/docs/muster-yaml.md", root+"/docs/suppressing.md", root+"/docs/baseline.md", root+"/docs/owners.md", root+"/docs/from-other-tools.md", root+"/docs/commands.md") {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			holdPage(t, page, filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(page), ".md")))
		})
	}
}

// TestReadme holds what the README shows of the small example to the program.
func TestReadme(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "muster")
	for _, folder := range []string{"examples/modules", "examples/fleet"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	holdPage(t, root+"/README.md", dir)
	var texts []string
	const declared = "/examples/modules/muster.yaml" // which the page has in full
	for _, folder := range []string{dir, root} {
		text, err := os.ReadFile(folder + declared)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	if diff := cmp.Diff(texts[1], texts[0]); diff != "" {
		t.Errorf("the README has another muster.yaml than the example (-example +page):\n%s", diff)
	}
}

// TestPageNamesWhatSchemasFind: each kind of mistake stands on the page of the verb.
func TestPageNamesWhatSchemasFind(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/checks/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range schema.Rules() {
		if !strings.Contains(string(page), "`"+r.Name+"`") {
			t.Errorf("docs/checks/schema.md does not name %s: %s", r.Name, r.Summary)
		}
	}
}

// TestPageCountsTheRules: the page about shipcat says how many rules there are for it.
func TestPageCountsTheRules(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/checks/shipcat.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d [rules]", len(manifest.Rules())); !strings.Contains(string(page), want) {
		t.Errorf("docs/checks/shipcat.md does not say %q", want)
	}
}

// holdPage compares a page with what its commands print in the folder dir.
func holdPage(t *testing.T, page, dir string) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ran := 0
	got := fenced.ReplaceAllStringFunc(string(text), func(block string) string {
		m := fenced.FindStringSubmatch(block)
		head, language, file, body := m[1], m[2], m[3], m[4]
		switch {
		case file != "":
			writeBlock(t, filepath.Join(dir, file), body)
		case language == "console":
			again, n := runBlock(t, dir, body)
			ran += n
			return head + again + "```"
		}
		return block
	})
	got = withReference(t, got)
	if ran == 0 {
		t.Errorf("%s runs no command", page)
	}
	if *updatePages {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s says otherwise than the program; read this, and write it with -pages (-page +program):\n%s", page, diff)
	}
}

// everyKey is the heading of the keys of muster.yaml, behind which a page has nothing else.
const everyKey = "\n## Every key\n"

// withReference is a page with the keys of muster.yaml as they are, if it has them.
func withReference(t *testing.T, text string) string {
	before, _, has := strings.Cut(text, everyKey)
	if !has {
		return text
	}
	var keys strings.Builder
	if err := config.WriteReference(&keys); err != nil {
		t.Fatal(err)
	}
	_, keysAlone, _ := strings.Cut(keys.String(), "\n\n")
	return before + everyKey + "\n" + keysAlone
}

// fenced is a block: its fence, of which language it is, which file, and what is in it.
var fenced = regexp.MustCompile("(?ms)(^```([a-z]+)(?: (\\S+))?\n)(.*?)^```")

func writeBlock(t *testing.T, file, text string) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// runBlock runs the commands of a console block that can be run, and gives the block with
// what they print.
func runBlock(t *testing.T, dir, block string) (again string, ran int) {
	var b strings.Builder
	for _, part := range strings.SplitAfter(block, "\n$ ") {
		before, more := strings.CutSuffix(part, "\n$ ")
		line, printed, _ := strings.Cut(strings.TrimPrefix(before, "$ "), "\n")
		if runs.MatchString(line) {
			printed = same(strings.TrimRight(printed, "\n"), runLine(t, dir, line))
			ran++
		}
		b.WriteString("$ " + strings.TrimRight(line+"\n"+printed, "\n") + "\n")
		if !more {
			break
		}
	}
	return b.String(), ran
}

// runs are the lines that are run: those that need no server and no other program.
var runs = regexp.MustCompile(`^enqueue (validate|list|config|explain|rules|test|baseline)\b[^#…]*$`)

// runLine is what a command prints, of a checkout in somebody's home.
func runLine(t *testing.T, dir, line string) string {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(withoutReview(os.Environ()), "GORACE=atexit_sleep_ms=0", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GITHUB_ACTIONS=", "GITLAB_CI=", "BUILDKITE=", "TF_BUILD=")
	out, err := cmd.CombinedOutput()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() < 0) {
		t.Fatalf("%s: %v", line, err)
	}
	text := strings.ReplaceAll(string(out), filepath.Dir(dir)+"/", "/home/me/")
	return strings.TrimRight(text, "\n")
}

// withoutReview is an environment in which no change is under review, as it may be where the tests
// run.
func withoutReview(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BUILDKITE_PULL_REQUEST_BASE_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH"}, name)
	})
}

// varying is what differs from run to run.
var varying = regexp.MustCompile(`(?m)^checkout: .*$| in [0-9.]+(µs|ms|s)$`)

// same is what a page says already, if a command prints that but for what differs from run to run.
func same(page, printed string) string {
	if varying.ReplaceAllString(page, "…") == varying.ReplaceAllString(printed, "…") {
		return page
	}
	return printed
}
