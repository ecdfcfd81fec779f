package git_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/internal/git"
)

// TestMain keeps the configuration of whoever runs the tests out of git.
func TestMain(m *testing.M) {
	os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	m.Run()
}

// TestReadIndex: files are found in folders of a folder, by the names that git gives their objects.
func TestReadIndex(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"in/a/x": "x", "in/a.b": "longer", "in/a/y/z": "z", "in/é\n": "odd", "in/a-/x": "-", "in/other/x": "x", "x": "x"})
	write(t, dir, map[string]string{"in/a/new": "", "in/a-/x": "+"})
	if err := os.Symlink("a", filepath.Join(dir, "in/link")); err != nil {
		t.Fatal(err)
	}
	do(t, dir, "add", "in/link")
	for _, tt := range []struct {
		folders []string
		files   int
	}{{[]string{"."}, 5}, {[]string{"a", "a.b"}, 3}, {[]string{"a", "a/y"}, 2}, {[]string{"none"}, 0}, {[]string{"*"}, 0}} {
		x, err := git.ReadIndex(t.Context(), filepath.Join(dir, "in"), tt.folders...)
		if err != nil || x.Len() != tt.files {
			t.Fatalf("in %q: %d files, %v; want %d", tt.folders, x.Len(), err, tt.files)
		}
	}
	x, err := git.ReadIndex(t.Context(), filepath.Join(dir, "in"), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		folder, file, path string // "" for a file of which nothing is known
		size               int64
	}{
		{"", "a/x", "in/a/x", 1},
		{"a", "x", "in/a/x", 1},
		{"a", "y/z", "in/a/y/z", 1},
		{"a/y", "z", "in/a/y/z", 1},
		{"", "a.b", "in/a.b", 6},
		{"", "é\n", "in/é\n", 3},
		{"other", "x", "in/other/x", 1},
		{"", "x", "", 0},
		{"a", "", "", 0},
		{"a", "new", "", 0},
		{"a-", "x", "", 0},
		{"", "link", "", 0},
		{"other", "y", "", 0},
		{"others", "x", "", 0},
	} {
		got, ok := x.Find(tt.folder, tt.file)
		switch {
		case ok != (tt.path != ""):
			t.Errorf("%q in %q is known: %v", tt.file, tt.folder, ok)
		case ok && (got.Object != objectOf(t, dir, tt.path) || got.Size != tt.size):
			t.Errorf("%q in %q is %+v", tt.file, tt.folder, got)
		}
	}
}

func TestObjectFormat(t *testing.T) {
	files := map[string]string{"a": "one"}
	for want, dir := range map[string]string{"sha1": committed(t, files), "sha256": committed(t, files, "--object-format=sha256")} {
		if got, err := git.ObjectFormat(t.Context(), dir); err != nil || got != want {
			t.Errorf("%q, %v; want %s", got, err, want)
		}
	}
	if got, err := git.ObjectFormat(t.Context(), t.TempDir()); err == nil {
		t.Errorf("%q where there is no repository", got)
	}
	useGit(t, "echo --show-object-format")
	if got, err := git.ObjectFormat(t.Context(), t.TempDir()); err != nil || got != "sha1" {
		t.Errorf("of an old git: %q, %v", got, err)
	}
}

// TestReadIndexOfAnotherGit: a git that says what is not understood, nothing, or something else than a moment ago.
func TestReadIndexOfAnotherGit(t *testing.T) {
	dir := committed(t, map[string]string{"a": "one", "b": "two"})
	for _, tt := range []struct{ name, script, want string }{
		{"one that does not trust the owner", `echo "fatal: detected dubious ownership in repository" >&2; exit 128`, "git rev-parse: detected dubious ownership in repository"},
		{"one that lists in other words", `case "$*" in *ls-files*) printf 'H 100644 a\0'; exit;; esac; exec $GIT "$@"`, `git ls-files: cannot read "H 100644 a"`},
		{"one whose status has another shape", `case "$*" in *ls-files*) $GIT "$@" | sed s/ctime/changed/; exit;; esac; exec $GIT "$@"`, "git ls-files: cannot read the status"},
		{"one that does not list to the end", `case "$*" in *ls-files*) $GIT "$@" | head -c 70; exit;; esac; exec $GIT "$@"`, "git ls-files: cannot read"},
		{"one that stops listing", `case "$*" in *ls-files*) $GIT "$@" | head -n 3; exit 1;; esac; exec $GIT "$@"`, "git ls-files: exit status 1"},
		{"one that knows no differences", `case "$*" in *diff-files*) exit 3;; esac; exec $GIT "$@"`, "git diff-files: exit status 3"},
		{"one that tells differences in other words", `case "$*" in *diff-files*) printf 'M a\0'; exit;; esac; exec $GIT "$@"`, `git diff-files: cannot read "M a"`},
		{"one that knows no settings", `case "$*" in *get-regexp*) exit 2;; esac; exec $GIT "$@"`, "git config: exit status 2"},
		{"one that knows no attributes", `case "$*" in *check-attr*) cat >/dev/null; exit;; esac; exec $GIT "$@"`, "the attributes of 0"},
		{"one that has objects of no size", `case "$*" in *cat-file*) cat >/dev/null; exit;; esac; exec $GIT "$@"`, "the sizes of 0"},
		{"one beside which somebody writes the index", `case "$*" in *ls-files*) $GIT "$@"; $GIT -C "$REPO" rm --quiet --cached a; exit;; esac; exec $GIT "$@"`, "the index was written while git read it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			useGit(t, tt.script)
			t.Setenv("REPO", dir)
			if x, err := git.ReadIndex(t.Context(), dir, "."); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, %v; want %s", x, err, tt.want)
			}
		})
	}
	t.Run("one that does not answer", func(t *testing.T) {
		useGit(t, `case "$*" in *diff-files*) exec tail -f /dev/null;; esac; exec $GIT "$@"`)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := git.ReadIndex(ctx, dir, "."); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
	t.Run("none", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := git.ReadIndex(t.Context(), dir, "."); err == nil || err.Error() != "git is not installed here" {
			t.Errorf("%v", err)
		}
	})
}
