package revision_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/internal/revision"
)

// repository is a new one with a commit on the branch main.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	commit(t, dir)
	return dir
}

func commit(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "commit", "--quiet", "--allow-empty", "--message", "a step")
}

// git runs as somebody with a name, without the configuration of whoever runs the test.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		branch  string
	}{
		{"on a branch", func(*testing.T, string) {}, "main"},
		{"on a branch with a slash", func(t *testing.T, dir string) { git(t, dir, "checkout", "--quiet", "-b", "fix/pay") }, "fix/pay"},
		{"where a tag has the branch's name", func(t *testing.T, dir string) { git(t, dir, "tag", "main") }, "main"},
		{"on a commit", func(t *testing.T, dir string) { git(t, dir, "checkout", "--quiet", "--detach") }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t)
			tt.prepare(t, dir)
			below := filepath.Join(dir, "fleet")
			if err := os.Mkdir(below, 0o755); err != nil {
				t.Fatal(err)
			}
			want := revision.Revision{Commit: git(t, dir, "rev-parse", "HEAD"), Branch: tt.branch}
			for _, folder := range []string{dir, below} {
				if got := revision.Of(t.Context(), folder); got != want {
					t.Errorf("%s: %+v, want %+v", folder, got, want)
				}
			}
		})
	}
}

func TestOfWhatGitDoesNotKnow(t *testing.T) {
	t.Parallel()
	unborn := t.TempDir()
	git(t, unborn, "init", "--quiet")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		dir  string
	}{
		{"no repository", t.Context(), t.TempDir()},
		{"no folder", t.Context(), filepath.Join(t.TempDir(), "none")},
		{"no commit yet", t.Context(), unborn},
		{"a command that is over", ended, repository(t)},
	} {
		if got := revision.Of(tt.ctx, tt.dir); got != (revision.Revision{}) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// TestOfIsAboutTheFolder: in a hook git's variables name the repository of the hook.
func TestOfIsAboutTheFolder(t *testing.T) {
	dir, other := repository(t), repository(t)
	git(t, other, "checkout", "--quiet", "-b", "other")
	want := revision.Revision{Commit: git(t, dir, "rev-parse", "HEAD"), Branch: "main"}
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	if got := revision.Of(t.Context(), dir); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestOfWithoutGit(t *testing.T) {
	dir := repository(t)
	t.Setenv("PATH", t.TempDir())
	if got := revision.Of(t.Context(), dir); got != (revision.Revision{}) {
		t.Errorf("%+v", got)
	}
}

// TestOfWithAnotherGit: one that refuses, one that speaks of something else, and one that
// does not answer in time.
func TestOfWithAnotherGit(t *testing.T) {
	for _, script := range []string{
		"echo fatal: detected dubious ownership >&2; exit 128",
		"echo HEAD",
	} {
		useGit(t, script)
		if got := revision.Of(t.Context(), t.TempDir()); got != (revision.Revision{}) {
			t.Errorf("%s: %+v", script, got)
		}
	}
	useGit(t, "exec sleep 60")
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := revision.Of(soon, t.TempDir()); got != (revision.Revision{}) {
		t.Errorf("without an answer: %+v", got)
	}
}

// useGit puts a shell script in git's place.
func useGit(t *testing.T, script string) {
	t.Helper()
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

func TestMovedTo(t *testing.T) {
	t.Parallel()
	a, b := revision.Revision{Commit: "a", Branch: "main"}, revision.Revision{Commit: "b", Branch: "main"}
	for _, tt := range []struct {
		name          string
		before, after revision.Revision
		want          string
	}{
		{"the same", a, a, ""},
		{"another commit", a, b, "b"},
		{"another branch at the same commit", a, revision.Revision{Commit: "a", Branch: "fix"}, ""},
		{"not known before", revision.Revision{}, b, ""},
		{"not known afterwards", a, revision.Revision{}, ""},
	} {
		if got := tt.before.MovedTo(tt.after); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	dir := repository(t)
	before := revision.Of(t.Context(), dir)
	commit(t, dir)
	if got, want := before.MovedTo(revision.Of(t.Context(), dir)), git(t, dir, "rev-parse", "HEAD"); got != want {
		t.Errorf("after a commit: %q, want %q", got, want)
	}
}
