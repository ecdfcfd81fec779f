package git_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed306eabeb/muster/internal/git"
)

// many is a repository with so many folders in one.
func many(t *testing.T, folders int) string {
	t.Helper()
	dir := t.TempDir()
	do(t, dir, "init", "--quiet", "--initial-branch", "main")
	var in strings.Builder
	in.WriteString("commit refs/heads/main\ncommitter t <t@example.org> 0 +0000\ndata 0\n")
	for i := range folders {
		fmt.Fprintf(&in, "M 100644 inline all/%04d/sub/file\ndata <<.\n%d\n.\n", i, i)
	}
	cmd := exec.Command("git", "-C", dir, "-c", "fastimport.unpackLimit=1000000", "fast-import", "--quiet")
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFoldersBesideOneAnother: whoever goes through many folders, in either direction and beside others, asks git a
// few times, and who looks at some asks for no others.
func TestFoldersBesideOneAnother(t *testing.T) {
	const folders = 1500
	dir := many(t, folders)
	want := map[string]string{}
	for line := range strings.Lines(do(t, dir, "ls-tree", "-r", "-t", "HEAD:all")) {
		about, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		want[file] = strings.Fields(about)[2]
	}
	count := filepath.Join(t.TempDir(), "asked")
	useGit(t, `case "$*" in *cat-file*) tee -a `+count+` | $GIT "$@"; exit;; esac; exec $GIT "$@"`)
	asked := func() (questions, objects int) {
		text, err := os.ReadFile(count)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Count(string(text), "flush\n"), strings.Count(string(text), "contents ")
	}
	var all, back []string
	for i := range folders {
		all = append(all, fmt.Sprintf("%04d", i))
	}
	back = slices.Clone(all)
	slices.Reverse(back)
	for _, tt := range []struct {
		name               string
		files              []string
		readers            int
		questions, objects int // at most
	}{
		{"one", all[700:701], 1, 4, 4},
		{"all", all, 1, 20, folders + 4},
		{"all from the end", back, 1, 20, folders + 4},
		{"several at once", all, 4, 30, folders + 10},
	} {
		beforeQuestions, beforeObjects := asked()
		o := open(t, t.Context(), dir)
		tree := head(t, o, dir)
		var wg sync.WaitGroup
		for r := range tt.readers {
			wg.Go(func() {
				for i := r; i < len(tt.files); i += tt.readers {
					file := tt.files[i]
					e, ok, err := tree.Find(t.Context(), tree.Root(), "all/"+file+"/sub")
					if err != nil || !ok || e.Object() != want[file+"/sub"] {
						t.Errorf("%s, %s: %v, %t, %v", tt.name, file, e.Object(), ok, err)
					}
				}
			})
		}
		wg.Wait()
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		questions, objects := asked()
		if questions -= beforeQuestions; questions > tt.questions {
			t.Errorf("%s: git was asked %d times, want %d at most", tt.name, questions, tt.questions)
		}
		if objects -= beforeObjects; objects > tt.objects {
			t.Errorf("%s: git was asked for %d objects, want %d at most", tt.name, objects, tt.objects)
		}
	}
}

// TestFoldersThatAreForgotten: what is not remembered any more is read again.
func TestFoldersThatAreForgotten(t *testing.T) {
	t.Parallel()
	const folders = 2500
	dir := many(t, folders)
	tree := head(t, open(t, t.Context(), dir), dir)
	for range 2 {
		for i := range folders {
			file := fmt.Sprintf("all/%04d/sub/file", i)
			if _, ok, err := tree.Find(t.Context(), tree.Root(), file); err != nil || !ok {
				t.Fatalf("%s: %t, %v", file, ok, err)
			}
		}
	}
}

// TestAFolderThatIsLost: those beside one that is not in the clone are read, and it is an error each time, until it is found.
func TestAFolderThatIsLost(t *testing.T) {
	t.Parallel()
	const folders, lost = 40, 17
	dir := committed(t, map[string]string{"keep": ""})
	files := map[string]string{}
	for i := range folders {
		files[fmt.Sprintf("all/%04d/sub/file", i)] = fmt.Sprint(i)
	}
	write(t, dir, files)
	do(t, dir, "add", "--all")
	do(t, dir, "commit", "--quiet", "--message", "many")
	object := do(t, dir, "rev-parse", fmt.Sprintf("HEAD:all/%04d", lost))
	file := filepath.Join(dir, ".git/objects", object[:2], object[2:])
	if err := os.Rename(file, file+".lost"); err != nil {
		t.Fatal(err)
	}
	tree := head(t, open(t, t.Context(), dir), dir)
	for range 2 {
		for i := range folders {
			_, ok, err := tree.Find(t.Context(), tree.Root(), fmt.Sprintf("all/%04d/sub", i))
			missing := (*git.MissingError)(nil)
			if i == lost && (!errors.As(err, &missing) || missing.Object != object) || i != lost && (err != nil || !ok) {
				t.Errorf("folder %d: %t, %v", i, ok, err)
			}
		}
	}
	if err := os.Rename(file+".lost", file); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := tree.Find(t.Context(), tree.Root(), fmt.Sprintf("all/%04d/sub", lost)); err != nil || !ok {
		t.Errorf("one that is found again: %t, %v", ok, err)
	}
}

// TestFoldersWithNothingInThem: no checkout has them.
func TestFoldersWithNothingInThem(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		dir := committed(t, map[string]string{"a": "one"}, "--object-format="+format)
		mktree := func(lines string) string {
			cmd := exec.Command("git", "-C", dir, "mktree", "--missing")
			cmd.Stdin = strings.NewReader(lines)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimSpace(string(out))
		}
		empty := mktree("")
		commit := do(t, dir, "commit-tree", "-m", "m", mktree(fmt.Sprintf("040000 tree %s\tb\n100644 blob %s\ta\n160000 commit %s\tc\n", empty, objectOf(t, dir, "a"), strings.Repeat("1", len(empty)))))
		tree, err := git.OpenTree(t.Context(), open(t, t.Context(), dir), commit, "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range below(t, tree, tree.Root()).All() {
			got = append(got, fmt.Sprint(e.Name, e.Mode))
		}
		if want := []string{fmt.Sprint("a", git.File), fmt.Sprint("c", git.Submodule)}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}
