package revision_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/internal/revision"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// committed is a repository in whose first commit some files are.
func committed(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := repository(t)
	write(t, dir, files)
	git(t, dir, "add", "--all")
	commit(t, dir)
	return dir
}

func open(t *testing.T, dir, commit string) *revision.Tree {
	t.Helper()
	tree, err := revision.Open(context.Background(), dir, commit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

// TestTree: the files are those of the commit, whatever the checkout has by now.
func TestTree(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a.txt": "one", "fleet/b/c.txt": "two", "fleet/x/d": "three", "fleet/ü\n": "four"})
	write(t, dir, map[string]string{"fleet/b/c.txt": "other", "fleet/new": "new"})
	if err := fstest.TestFS(open(t, dir, "HEAD"), "a.txt", "fleet/b/c.txt", "fleet/x/d", "fleet/ü\n"); err != nil {
		t.Error(err)
	}
	below := open(t, filepath.Join(dir, "fleet"), "HEAD")
	if err := fstest.TestFS(below, "b/c.txt", "x/d", "ü\n"); err != nil {
		t.Error(err)
	}
	if got, err := fs.ReadFile(below, "b/c.txt"); err != nil || string(got) != "two" {
		t.Errorf("b/c.txt is %q, %v", got, err)
	}
	for _, name := range []string{"new", "a.txt", "../a.txt", "b/c.txt/x"} {
		if got, err := fs.ReadFile(below, name); err == nil {
			t.Errorf("%s is %q, and is not there", name, got)
		}
	}
}

// TestLinksOfATree: they lead to where they would in a checkout, but not out of it.
func TestLinksOfATree(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"fleet/b/c.txt": "two", "a.txt": "one"})
	for link, to := range map[string]string{"link": "b/c.txt", "folder": "b", "out": "..", "up": "../a.txt", "absolute": "/etc/passwd", "self": "self"} {
		if err := os.Symlink(to, filepath.Join(dir, "fleet", link)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "--all")
	commit(t, dir)
	tree := open(t, filepath.Join(dir, "fleet"), "HEAD")
	for _, name := range []string{"link", "folder/c.txt"} {
		if got, err := fs.ReadFile(tree, name); err != nil || string(got) != "two" {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"out/a.txt", "up", "absolute", "self"} {
		if got, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s is %q", name, got)
		}
	}
	if info, err := fs.Lstat(tree, "link"); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("link is %v, %v", info, err)
	}
	if to, err := fs.ReadLink(tree, "link"); err != nil || to != "b/c.txt" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

// TestBase: what the other branch has got since is none of the change's.
func TestBase(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one"})
	fork := git(t, dir, "rev-parse", "HEAD")
	git(t, dir, "checkout", "--quiet", "-b", "change")
	commit(t, dir)
	git(t, dir, "checkout", "--quiet", "main")
	git(t, dir, "commit", "--quiet", "--allow-empty", "--message", "another step")
	git(t, dir, "checkout", "--quiet", "change")
	if got, err := revision.Base(context.Background(), dir, "", "main"); err != nil || got != fork {
		t.Errorf("the base is %s, %v; want %s", got, err, fork)
	}
	git(t, dir, "checkout", "--quiet", "--orphan", "alone")
	commit(t, dir)
	for _, tt := range []struct{ rev, want string }{
		{"", `"" is no revision`},
		{"--upload-pack=x", `"--upload-pack=x" is no revision`},
		{"a\nb", `"a\nb" is no revision`},
		{"origin/main", "the revision \"origin/main\" is not in this clone: run `git fetch origin main:refs/remotes/origin/main`"},
		{"1234567", "the revision \"1234567\" is not in this clone: run `git fetch origin 1234567`"},
		{"main", "the checkout and the revision \"main\" have no commit in common: run `git fetch origin main`"},
		{"main:a", `the revision "main:a" is not in this clone`},
	} {
		if got, err := revision.Base(context.Background(), dir, "", tt.rev); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("the base of %q is %s, %v; want %s", tt.rev, got, err, tt.want)
		}
	}
}

func TestBaseWithoutARepository(t *testing.T) {
	t.Parallel()
	if got, err := revision.Base(context.Background(), t.TempDir(), "", "main"); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("the base is %s, %v", got, err)
	}
}

// TestBaseOfAShallowClone says how to get what is missing.
func TestBaseOfAShallowClone(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one"})
	git(t, dir, "checkout", "--quiet", "-b", "change")
	commit(t, dir)
	clone := t.TempDir()
	git(t, clone, "clone", "--quiet", "--depth", "1", "--branch", "change", "file://"+dir, "c")
	_, err := revision.Base(context.Background(), filepath.Join(clone, "c"), "", "origin/main")
	if err == nil || !strings.Contains(err.Error(), "the clone is shallow: check out with fetch-depth: 0") {
		t.Errorf("%v", err)
	}
}

// TestChangesInSubmodules: what a change moves a submodule to is the change's, with what it was.
func TestChangesInSubmodules(t *testing.T) {
	t.Parallel()
	other := committed(t, map[string]string{"same": "s", "changed": "c"})
	dir := committed(t, map[string]string{"a": "a"})
	add := func(name string) {
		git(t, dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, name)
	}
	add("units/b")
	git(t, dir, "commit", "--quiet", "--all", "--message", "a submodule")
	base := git(t, dir, "rev-parse", "HEAD")
	write(t, dir, map[string]string{"units/b/changed": "C", "units/b/added": "A"})
	git(t, filepath.Join(dir, "units/b"), "add", "--all")
	git(t, filepath.Join(dir, "units/b"), "commit", "--quiet", "--message", "change")
	add("units/new")
	git(t, dir, "commit", "--quiet", "--all", "--message", "change")
	write(t, dir, map[string]string{"units/b/untracked": "U"})

	tree := open(t, dir, base)
	all, err := tree.Changes(context.Background(), dir, base)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range all {
		before, err := tree.Before(c)
		if err != nil {
			t.Fatal(err)
		}
		got[c.Path] = string(before)
	}
	delete(got, ".gitmodules")
	want := map[string]string{"units/b/changed": "c", "units/b/added": "", "units/b/untracked": "", "units/new/same": "", "units/new/changed": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the changes (-want +got):\n%s", diff)
	}
}

// TestChanges: committed, staged, changed and new files alike, each with what it was.
func TestChanges(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a line that stays\n", 20)
	dir := committed(t, map[string]string{
		"fleet/same": "s", "fleet/committed": "c", "fleet/staged": "s", "fleet/changed": "c", "fleet/gone": "g", "fleet/moved": long,
		"outside": "o", "fleet/.gitignore": "ignored\n",
	})
	base := git(t, dir, "rev-parse", "HEAD")
	write(t, dir, map[string]string{"fleet/committed": "C"})
	git(t, dir, "mv", "fleet/moved", "fleet/to")
	git(t, dir, "rm", "--quiet", "fleet/gone")
	git(t, dir, "commit", "--quiet", "--all", "--message", "change")
	write(t, dir, map[string]string{"fleet/staged": "S", "fleet/added": "A"})
	git(t, dir, "add", "--all")
	write(t, dir, map[string]string{"fleet/changed": "C", "fleet/new ü\n": "N", "outside": "O", "fleet/ignored": "I"})

	fleet := filepath.Join(dir, "fleet")
	tree := open(t, fleet, base)
	all, err := tree.Changes(context.Background(), fleet, base)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range all {
		before, err := tree.Before(c)
		if err != nil {
			t.Fatal(err)
		}
		got[c.Path] = fmt.Sprintf("%s %.6s", c.Was, before)
	}
	want := map[string]string{"committed": "committed c", "staged": "staged s", "changed": "changed c", "to": "moved a line", "added": " ", "new ü\n": " "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the changes (-want +got):\n%s", diff)
	}
}
