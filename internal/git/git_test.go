package git_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed306eabeb/muster/internal/git"
)

// do runs git as somebody with a name, without the configuration of whoever runs the test.
func do(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// committed is a repository with some files in its only commit.
func committed(t *testing.T, files map[string]string, options ...string) string {
	t.Helper()
	dir := t.TempDir()
	do(t, dir, append([]string{"init", "--quiet", "--initial-branch", "main"}, options...)...)
	write(t, dir, files)
	do(t, dir, "add", "--all")
	do(t, dir, "commit", "--quiet", "--message", "a step")
	return dir
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, ctx context.Context, dir string) *git.Objects {
	t.Helper()
	o := git.OpenObjects(ctx, dir)
	t.Cleanup(func() { o.Close() })
	return o
}

// head is the tree of HEAD.
func head(t *testing.T, o *git.Objects, dir string) *git.Tree {
	t.Helper()
	tree, err := git.OpenTree(t.Context(), o, do(t, dir, "rev-parse", "HEAD"), "")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func below(t *testing.T, tree *git.Tree, e git.Entry) git.Entries {
	t.Helper()
	all, err := tree.Below(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// objectOf is the object of a file in HEAD.
func objectOf(t *testing.T, dir, file string) string { return do(t, dir, "rev-parse", "HEAD:"+file) }

func texts(blobs []git.Blob) (all []string) {
	for _, b := range blobs {
		text := string(b.Data)
		if b.Data == nil {
			text = fmt.Sprintf("%d bytes", b.Size)
		}
		all = append(all, text)
	}
	return all
}

func TestObjects(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		dir := committed(t, map[string]string{"a": "one\n", "b": "", "c": "three \x00 \n\n", "d": "a long one"}, "--object-format="+format)
		o := open(t, t.Context(), dir)
		of := func(names ...string) (all []string) {
			for _, name := range names {
				all = append(all, objectOf(t, dir, name))
			}
			return all
		}
		none := strings.Repeat("0", len(of("a")[0]))
		for _, tt := range []struct {
			name    string
			objects []string
			limit   int64
			want    string
			wrong   string
		}{
			{name: "nothing", limit: 100, want: `[]`},
			{name: "some", objects: of("a", "b", "c", "a"), limit: 100, want: `["one\n" "" "three \x00 \n\n" "one\n"]`},
			{name: "one that is too large", objects: of("a", "d", "b"), limit: 9, want: `["one\n" "10 bytes" "0 bytes"]`},
			{name: "many that are too large together", objects: of("a", "d", "c"), limit: 12, want: `["one\n" "a long one" "10 bytes"]`},
			{name: "one that is not there", objects: []string{of("a")[0], none, of("d")[0]}, limit: 100, wrong: "object " + none + " is not in this clone"},
			{name: "no name", objects: []string{"HEAD"}, limit: 100, wrong: `"HEAD" is no object`},
			{name: "once more", objects: of("d"), limit: 100, want: `["a long one"]`},
		} {
			got, err := o.Read(t.Context(), tt.objects, tt.limit)
			switch {
			case tt.wrong != "":
				if err == nil || !strings.HasPrefix(err.Error(), tt.wrong) {
					t.Errorf("%s, %s: %v, want %s", format, tt.name, err, tt.wrong)
				}
			case err != nil:
				t.Errorf("%s, %s: %v", format, tt.name, err)
			case fmt.Sprintf("%q", texts(got)) != tt.want:
				t.Errorf("%s, %s: %q, want %s", format, tt.name, texts(got), tt.want)
			}
		}
	}
}

// TestObjectsForMany: each gets what it has asked for, of one git.
func TestObjectsForMany(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 50 {
		files[fmt.Sprint(i)] = strings.Repeat(fmt.Sprint(i, "\n"), i*500)
	}
	dir := committed(t, files)
	o := open(t, t.Context(), dir)
	tree := head(t, o, dir)
	var wg sync.WaitGroup
	for round := range 8 {
		for e := range below(t, tree, tree.Root()).All() {
			wg.Go(func() {
				got, err := o.Read(t.Context(), []string{e.Object()}, 1<<20)
				if err != nil || string(got[0].Data) != files[e.Name] {
					t.Errorf("round %d: file %s: %v, %v", round, e.Name, got, err)
				}
			})
		}
	}
	wg.Wait()
}

// TestObjectsOfAnotherName: the bytes are those that have the name, whatever a ref puts in their place.
func TestObjectsOfAnotherName(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one", "b": "two"})
	do(t, dir, "replace", objectOf(t, dir, "a"), objectOf(t, dir, "b"))
	if got, err := open(t, t.Context(), dir).Blob(t.Context(), objectOf(t, dir, "a")); err != nil || string(got) != "one" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestObjectsThatNobodyHas(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one"})
	name := objectOf(t, dir, "a")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	closed := git.OpenObjects(t.Context(), dir)
	if _, err := closed.Blob(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := closed.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, tt := range []struct {
		name    string
		objects *git.Objects
		want    string
	}{
		{"no repository", open(t, t.Context(), t.TempDir()), "git cat-file: not a git repository"},
		{"a context that has ended", open(t, ended, dir), "context canceled"},
		{"after Close", closed, "the repository is closed"},
	} {
		if got, err := tt.objects.Blob(t.Context(), name); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %q, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}

// useGit lets a script be git, to which the real one is $GIT.
func useGit(t *testing.T, script string) {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := "#!/bin/sh\nGIT='" + git + "'\nhere='" + dir + "'\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// TestObjectsOfAnotherGit: one that is old, and one that is ended from outside.
func TestObjectsOfAnotherGit(t *testing.T) {
	dir := committed(t, map[string]string{"a": "one", "b": "two"})
	objects := []string{objectOf(t, dir, "a"), objectOf(t, dir, "b")}
	for _, tt := range []struct{ name, script string }{
		{"one of before --batch-command", `case "$*" in *--batch-command*) echo "error: unknown option 'batch-command'" >&2; exit 129; esac; exec $GIT "$@"`},
		{"one that is ended", `if mkdir $here/once 2>/dev/null; then read line; kill -INT $$; fi; exec $GIT "$@"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			useGit(t, tt.script)
			o := open(t, t.Context(), dir)
			for range 2 {
				if got, err := o.Read(t.Context(), objects, 100); err != nil || fmt.Sprint(texts(got)) != "[one two]" {
					t.Errorf("%v, %v", texts(got), err)
				}
			}
		})
	}
	useGit(t, `echo "fatal: the disk is gone" >&2; exit 128`)
	if _, err := open(t, t.Context(), dir).Read(t.Context(), objects, 100); err == nil || err.Error() != "git cat-file: the disk is gone" {
		t.Errorf("one that refuses: %v", err)
	}
	useGit(t, `echo something else; read line; exit 1`)
	if _, err := open(t, t.Context(), dir).Read(t.Context(), objects, 100); err == nil || !strings.Contains(err.Error(), `git says "something else"`) {
		t.Errorf("one that says something else: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := open(t, t.Context(), dir).Read(t.Context(), objects, 100); err == nil || err.Error() != "git is not installed here" {
		t.Errorf("none: %v", err)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one"})
	do(t, dir, "tag", "--annotate", "--message", "m", "v1")
	head := do(t, dir, "rev-parse", "HEAD")
	for _, rev := range []string{"main", "v1", head[:9], "HEAD"} {
		if got, err := git.Commit(t.Context(), dir, rev); err != nil || got != head {
			t.Errorf("%s is %q, %v", rev, got, err)
		}
	}
	for rev, want := range map[string]string{
		"":        `"" is no revision`,
		"-x":      `"-x" is no revision`,
		"v2":      "the revision \"v2\" is not in this clone: run `git fetch origin v2`",
		"HEAD:a":  `the revision "HEAD:a" is not in this clone`,
		"v1\nv2 ": "\"v1\\nv2 \" is no revision",
	} {
		if got, err := git.Commit(t.Context(), dir, rev); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q is %q, %v; want %s", rev, got, err, want)
		}
	}
	if got, err := git.Commit(t.Context(), t.TempDir(), "main"); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("without a repository: %q, %v", got, err)
	}
}

// TestFindInATree: git sorts a folder as if its name ended in a slash.
func TestFindInATree(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a/x": "", "a.b": "", "a-b": "", "a0": "", "ab/c/d": "", "b": "", "a.b.c/y": ""}
	dir := committed(t, files)
	tree := head(t, open(t, t.Context(), dir), dir)
	for file := range files {
		for name, want := file, git.File; name != "."; name, want = filepath.Dir(name), git.Folder {
			if e, ok, err := tree.Find(t.Context(), tree.Root(), name); err != nil || !ok || e.Mode != want || e.Name != filepath.Base(name) {
				t.Errorf("%s: %v, %t", name, e, ok)
			}
		}
	}
	for _, name := range []string{"", "a/", "a.", "aa", "c", "A", "a/x/y", "a/y", "ab/c/d/e"} {
		if e, ok, err := tree.Find(t.Context(), tree.Root(), name); err != nil || ok {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func TestTreesThatAreNotThere(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a/x": "", "b": ""})
	commit := do(t, dir, "rev-parse", "HEAD")
	for _, tt := range []struct{ dir, commit, folder, want string }{
		{dir, commit, "new", fmt.Sprintf("commit %.12s has no folder new", commit)},
		{dir, commit, "b", fmt.Sprintf("commit %.12s has no folder b", commit)},
		{dir, strings.Repeat("1", 40), "", "object " + strings.Repeat("1", 40) + " is not in this clone"},
		{dir, objectOf(t, dir, "b"), "", "object " + objectOf(t, dir, "b") + " is a blob, and no commit"},
		{t.TempDir(), commit, "", "git cat-file: not a git repository"},
	} {
		if _, err := git.OpenTree(t.Context(), open(t, t.Context(), tt.dir), tt.commit, tt.folder); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	do(t, dir, "rm", "--quiet", "-r", "a", "b")
	do(t, dir, "commit", "--quiet", "--message", "nothing")
	tree := head(t, open(t, t.Context(), dir), dir)
	if n := below(t, tree, tree.Root()).Len(); n != 0 {
		t.Errorf("an empty commit has %d entries", n)
	}
}

// packs is how many packs a repository has: each request to its remote brings one.
func packs(t *testing.T, dir string) int {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestAbsent: what a partial clone lacks comes in one request, and a whole one lacks nothing.
func TestAbsent(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one", "b/c": "two", "b/d": "three"})
	do(t, dir, "config", "uploadpack.allowFilter", "true")
	around := t.TempDir()
	do(t, around, "clone", "--quiet", "--no-checkout", "--filter=blob:none", "file://"+dir, "part")
	part := filepath.Join(around, "part")
	names := []string{objectOf(t, dir, "a"), objectOf(t, dir, "b/c"), objectOf(t, dir, "b/d")}

	if a, err := git.FindAbsent(t.Context(), dir, "HEAD"); err != nil || a.Len() != 0 {
		t.Errorf("a whole clone lacks %d objects, %v", a.Len(), err)
	}
	a, err := git.FindAbsent(t.Context(), part, "HEAD")
	if err != nil || a.Len() != 3 {
		t.Fatalf("a partial clone lacks %d objects, %v", a.Len(), err)
	}
	for range 2 {
		if err := a.Fetch(t.Context(), names[1:]); err != nil {
			t.Fatal(err)
		}
	}
	if a.Len() != 1 {
		t.Errorf("it still lacks %d objects", a.Len())
	}
	before := packs(t, part)
	o := open(t, t.Context(), part)
	if got, err := o.Read(t.Context(), names[1:], 100); err != nil || fmt.Sprint(texts(got)) != "[two three]" {
		t.Errorf("%v, %v", texts(got), err)
	}
	if n := packs(t, part); before != 2 || n != 2 {
		t.Errorf("it has %d packs after the request, and %d after it was read; want 2, of the clone and of the request", before, n)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := a.Fetch(t.Context(), names); err == nil || !strings.HasPrefix(err.Error(), "fetch 1 objects that this partial clone lacks from origin: ") {
		t.Errorf("without the remote: %v", err)
	}
}

// TestTreesThatGitDoesNotWrite: what a commit has that no checkout could is an error, and not passed over.
func TestTreesThatGitDoesNotWrite(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one"})
	blob, err := hex.DecodeString(objectOf(t, dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{[]string{"b", "a"}, `it is not sorted at "a"`},
		{[]string{"a", "a"}, `it is not sorted at "a"`},
		{[]string{".."}, `it has the name "..", which no checkout can have`},
		{[]string{"."}, `it has the name ".", which no checkout can have`},
		{[]string{"a/b"}, `it has the name "a/b", which no checkout can have`},
	} {
		var raw strings.Builder
		for _, name := range tt.names {
			fmt.Fprintf(&raw, "100644 %s\x00%s", name, blob)
		}
		cmd := exec.Command("git", "-C", dir, "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
		cmd.Stdin = strings.NewReader(raw.String())
		tree, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		commit := do(t, dir, "commit-tree", "-m", "m", strings.TrimSpace(string(tree)))
		if _, err := git.OpenTree(t.Context(), open(t, t.Context(), dir), commit, ""); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.names, err, tt.want)
		}
	}
}

// TestObjectsBesideOneThatEndsGit: of what several ask for, one request that git fails with fails alone.
func TestObjectsBesideOneThatEndsGit(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": "one", "b": "two"})
	do(t, dir, "config", "uploadpack.allowFilter", "true")
	around := t.TempDir()
	do(t, around, "clone", "--quiet", "--filter=blob:none", "file://"+dir, "part")
	part := filepath.Join(around, "part")
	do(t, part, "config", "remote.origin.url", filepath.Join(around, "nowhere"))
	lost := strings.Repeat("1", 40) // git asks the remote for it, and ends
	have := objectOf(t, dir, "a")
	o := open(t, t.Context(), part)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := o.Blob(t.Context(), have); err != nil || string(got) != "one" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wg.Go(func() {
		if got, err := o.Blob(t.Context(), lost); err == nil {
			t.Errorf("an object that is not there is %q", got)
		}
	})
	wg.Wait()
}
