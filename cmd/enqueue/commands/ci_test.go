package commands

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/sink"
	"github.com/seed306eabeb/muster/report"
)

func TestRecognized(t *testing.T) {
	t.Parallel()
	type vars = map[string]string
	for _, tt := range []struct {
		name ciName
		env  vars
		want ciName
		isCI bool
	}{
		{ciAuto, nil, "", false},
		{ciAuto, vars{"GITHUB_ACTIONS": "true", "CI": "true"}, "github", true},
		{ciAuto, vars{"GITLAB_CI": "true"}, "gitlab", true},
		{ciAuto, vars{"BUILDKITE": "true"}, "buildkite", true},
		{ciAuto, vars{"TF_BUILD": "True"}, "azure", true},
		{ciAuto, vars{"CI": "true"}, "", true},
		{ciAuto, vars{"CI": "false"}, "", false},
		{ciAuto, vars{"CI": "0", "GITHUB_ACTIONS": "false"}, "", false},
		{ciAuto, vars{"JENKINS_URL": "https://ci.example.org/"}, "", true},
		{ciAuto, vars{"TEAMCITY_VERSION": "2026.1"}, "", true},
		{"gitlab", vars{"GITHUB_ACTIONS": "true"}, "gitlab", true},
		{"azure", nil, "azure", true},
		{ciOff, vars{"GITHUB_ACTIONS": "true", "CI": "true"}, "", false},
	} {
		env := environmentOf(tt.env)
		if got := recognized(tt.name, env).name; got != tt.want {
			t.Errorf("--ci %s with %v is %q, want %q", tt.name, tt.env, got, tt.want)
		}
		if got := isCI(tt.name, env); got != tt.isCI {
			t.Errorf("--ci %s with %v: in CI %v, want %v", tt.name, tt.env, got, tt.isCI)
		}
	}
}

// TestWhatAPlatformAdds goes beside what was asked for, and takes the place of the default.
func TestWhatAPlatformAdds(t *testing.T) {
	t.Parallel()
	summary := filepath.Join(t.TempDir(), "summary")
	outputs := filepath.Join(t.TempDir(), "outputs")
	env := map[string]string{"GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": outputs}
	github := []string{"summary=" + summary, "outputs=" + outputs}
	for _, tt := range []struct {
		ci    ciName
		asked []string
		want  []string
	}{
		{ciOff, nil, []string{"text"}},
		{ciOff, []string{"json=r.json"}, []string{"json=r.json"}},
		{"github", nil, append([]string{"github"}, github...)},
		{"github", []string{"json=r.json"}, append([]string{"json=r.json", "github"}, github...)},
		{"github", []string{"text"}, append([]string{"text"}, github...)},
		{"github", []string{"github=log.txt", "json"}, append([]string{"github=log.txt", "json"}, github...)},
		{"github", []string{"json", "markdown=" + summary}, []string{"json", "markdown=" + summary, "outputs=" + outputs}},
		{"gitlab", nil, withThoseThatAre("text", "gitlab=gl-code-quality-report.json", "junit=muster-junit.xml")},
		{"gitlab", []string{"json=r.json"}, withThoseThatAre("json=r.json", "gitlab=gl-code-quality-report.json", "junit=muster-junit.xml")},
		{"gitlab", []string{"json=muster-junit.xml"}, withThoseThatAre("json=muster-junit.xml", "gitlab=gl-code-quality-report.json")},
		{"buildkite", nil, []string{"text", "markdown=muster-annotation.md"}},
		{"azure", nil, withThoseThatAre("azure", "junit=TEST-muster.xml")},
	} {
		var f outputFlags
		cmd := &cobra.Command{Use: "check"}
		f.add(cmd)
		f.env = environmentOf(env)
		args := []string{"--ci", string(tt.ci)}
		for _, format := range tt.asked {
			args = append(args, "--format", format)
		}
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(summary, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		asked, err := f.destinations()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		added := f.addedBy(f.withPlatform(asked, 0))
		for _, d := range f.withPlatform(asked, 0) {
			got = append(got, d.String())
			if !d.added != slices.Contains(append(tt.asked, "text"), d.String()) {
				t.Errorf("%v: %s is added: %v", args, d, d.added)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v leads to %q, want %q", args, got, tt.want)
		}
		if (added == "") != (len(got) == max(1, len(tt.asked)) && (len(tt.asked) > 0 || got[0] == "text")) {
			t.Errorf("%v: said is %q", args, added)
		}
	}
}

// withThoseThatAre leaves out what there is no format for.
func withThoseThatAre(all ...string) (some []string) {
	for _, d := range all {
		name, _, _ := strings.Cut(d, "=")
		if _, ok := report.FormatNamed(name); ok {
			some = append(some, d)
		}
	}
	return some
}

// TestFolderOf: annotations name files as the platform's checkout has them.
func TestFolderOf(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	deep := filepath.Join(root, "deploy", "fleet")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ root, folder, want string }{
		{root, deep, "deploy/fleet"}, {link, deep, "deploy/fleet"}, {root, filepath.Join(link, "deploy"), "deploy"},
		{root, root, ""}, {deep, root, ""}, {"", deep, ""}, {filepath.Join(root, "nosuch"), deep, ""}, {root, t.TempDir(), ""},
	} {
		if got := folderOf(tt.root, &report.Checkout{Folder: tt.folder}); got != tt.want {
			t.Errorf("%s in %s is %q, want %q", tt.folder, tt.root, got, tt.want)
		}
	}
	if got := folderOf(root, nil); got != "" {
		t.Errorf("no checkout is in %q", got)
	}
}

// TestProgressStaysOutOfWhatProgramsRead: a line about progress would spoil it.
func TestProgressStaysOutOfWhatProgramsRead(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{"/dev/stderr": !isTerminal(os.Stderr), filepath.Join(t.TempDir(), "r"): false} {
		target, err := sink.Find(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range report.Formats() {
			want := want && !slices.Contains(formatsWithLog, format.Name)
			if got := mixesWithLog(destination{format: format, file: file}, target); got != want {
				t.Errorf("%s in %s is mixed with progress: %v, want %v", format.Name, file, got, want)
			}
		}
	}
}
