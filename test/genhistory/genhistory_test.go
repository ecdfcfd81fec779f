package genhistory_test

import (
	"crypto/sha1"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/test/genhistory"
)

// A name that differs means a draw too many, too few or in another place, here or in the generator
// of the first commit: only a new edit is a reason to change it.
func TestHistoriesKeepTheirBytes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o      genhistory.Options
		format string
		last   string
	}{
		{genhistory.Options{Dialect: genhistory.Shipcat, Units: 40, Bad: 0.1, Seed: 1}, "sha1", "aa25f20cc287df663ecde535255f24ca5acedf07"},
		{genhistory.Options{Dialect: genhistory.Muster, Units: 40, Seed: 7, Command: "lint"}, "sha1", "b4004b23d735f1e0641741921f06ff5381d7b28a"},
		{genhistory.Options{Dialect: genhistory.Muster, Units: 8, Seed: 1}, "sha256", "11a1016b79c664c3c1bb1de3c63413744646c21f3d35df1b33dede5b1522149e"},
	} {
		t.Run(fmt.Sprintf("%s %s", tt.o.Dialect, tt.format), func(t *testing.T) {
			t.Parallel()
			h := write(t, t.TempDir(), tt.o, tt.format)
			if got := h[len(h)-1].ID; got != tt.last {
				t.Errorf("the last commit is %s, want %s", got, tt.last)
			}
		})
	}
}

// TestGitHasWhatIsTold: each commit has the files and the parents that the history says, and what
// is checked out is the last one.
func TestGitHasWhatIsTold(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := write(t, dir, genhistory.Options{Dialect: d, Units: 12, Seed: 3}, "sha1")
			for _, c := range h {
				if got := listed(git(t, dir, "ls-tree", "-r", "-z", c.ID)); !slices.Equal(got, named(c.Tree)) {
					t.Fatalf("%s: %s", c.Detail, cmp.Diff(named(c.Tree), got))
				}
				if got := git(t, dir, "log", "-1", "--format=%P", c.ID); got != strings.Join(c.Parents, " ") {
					t.Errorf("%s: the parents are %s, want %s", c.ID, got, c.Parents)
				}
				if got := git(t, dir, "log", "-1", "--format=%(trailers:key=Class,valueonly)", c.ID); strings.TrimSpace(got) != string(c.Class) {
					t.Errorf("%s: the message says it is of class %q, want %s", c.ID, got, c.Class)
				}
			}
			if got := git(t, dir, "rev-parse", "HEAD"); got != h[len(h)-1].ID || git(t, dir, "status", "--porcelain") != "" {
				t.Errorf("checked out is %s, changed: %q", got, git(t, dir, "status", "--porcelain"))
			}
		})
	}
}

// TestEachClassHasACommit in a history of 60.
func TestEachClassHasACommit(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		for seed := range uint64(2) {
			h, err := genhistory.Draw(genhistory.Options{Dialect: d, Units: 40, Seed: seed}, 60)
			if err != nil {
				t.Fatal(err)
			}
			had := map[genhistory.Class]bool{}
			for _, c := range h {
				had[c.Class] = true
			}
			for _, c := range append(genhistory.Classes(d), genhistory.Start, genhistory.Empty, genhistory.Merge, genhistory.Revert) {
				if !had[c] {
					t.Errorf("%s, seed %d: no commit is of class %s", d, seed, c)
				}
			}
			if len(h) != 60 {
				t.Errorf("%s, seed %d: %d commits", d, seed, len(h))
			}
		}
	}
}

// shared are the classes whose edits touch no unit.
var shared = []genhistory.Class{genhistory.Conf, genhistory.Region, genhistory.Team, genhistory.Template, genhistory.Schema, genhistory.Rule, genhistory.Check,
	genhistory.Setting, genhistory.Severity, genhistory.Ignore, genhistory.Owner, genhistory.Unrelated}

// two are those whose edits may touch two units.
var two = []genhistory.Class{genhistory.FileMoved, genhistory.UnitRenamed}

// TestEditsTouchWhatTheirClassSays: one unit, or what units share. Each class is drawn again and
// again, and no edit changes nothing.
func TestEditsTouchWhatTheirClassSays(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			r := repository(t, genhistory.Options{Dialect: d, Units: 12, Seed: 5})
			drawn := map[genhistory.Class]int{}
			for range 1000 {
				e := r.Edit()
				drawn[e.Class]++
				most := 1
				if slices.Contains(two, e.Class) {
					most = 2
				}
				if isShared := slices.Contains(shared, e.Class); isShared && (len(e.Units) > 0 || len(e.Shared) != 1) || !isShared && (len(e.Units) > most || len(e.Shared) > 0) {
					t.Errorf("%s: it touches %q and %q", e.Class, e.Units, e.Shared)
				}
				if n := len(r.Tree()); n > 150 {
					t.Fatalf("the repository has grown to %d files", n)
				}
			}
			for _, c := range genhistory.Classes(d) {
				if drawn[c] == 0 {
					t.Errorf("%s was drawn %d times", c, drawn[c])
				}
			}
		})
	}
}

// TestAFolderFollows the edits of a repository.
func TestAFolderFollows(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			dir, r := t.TempDir(), repository(t, genhistory.Options{Dialect: d, Units: 8, Seed: 2})
			var laid genhistory.Tree
			for range 60 {
				if err := genhistory.Lay(dir, laid, r.Tree()); err != nil {
					t.Fatal(err)
				}
				laid = r.Tree()
				if got := onDisk(t, dir); !slices.Equal(got, named(laid)) {
					t.Fatal(cmp.Diff(named(laid), got))
				}
				r.Edit()
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	good := genhistory.Options{Dialect: genhistory.Muster, Units: 8}
	for want, c := range map[string]struct {
		dir     string
		o       genhistory.Options
		commits int
		format  string
	}{
		"need at least 8":          {t.TempDir(), genhistory.Options{Dialect: genhistory.Muster, Units: 7}, 1, "sha1"},
		`dialect "helm": want one`: {t.TempDir(), genhistory.Options{Dialect: "helm", Units: 8}, 1, "sha1"},
		"0 commits: need at least": {t.TempDir(), good, 0, "sha1"},
		"is not empty":             {full, good, 1, "sha1"},
		"unknown hash algorithm":   {t.TempDir(), good, 1, "md5"},
	} {
		if _, err := genhistory.Write(t.Context(), c.dir, c.o, c.commits, c.format); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func write(t *testing.T, dir string, o genhistory.Options, format string) genhistory.History {
	t.Helper()
	h, err := genhistory.Write(t.Context(), dir, o, 60, format)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func repository(t *testing.T, o genhistory.Options) *genhistory.Repository {
	t.Helper()
	r, err := genhistory.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := genhistory.Git(t.Context(), dir, nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// named are the files of a tree as git names them: mode, object and path; sorted.
func named(tree genhistory.Tree) (all []string) {
	for p, f := range tree {
		all = append(all, fmt.Sprintf("%06o %x %s", f.Mode, sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(f.Data), f.Data))), p))
	}
	slices.Sort(all)
	return all
}

// listed is what git ls-tree prints, as named has it.
func listed(text string) (all []string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\x00"), "\x00") {
		about, path, _ := strings.Cut(line, "\t")
		words := strings.Fields(about)
		all = append(all, words[0]+" "+words[2]+" "+path)
	}
	slices.Sort(all)
	return all
}

// onDisk are the files of a folder, as named has them. It has no empty folders.
func onDisk(t *testing.T, dir string) []string {
	t.Helper()
	tree := genhistory.Tree{}
	err := filepath.WalkDir(dir, func(full string, d fs.DirEntry, err error) error {
		path := strings.TrimPrefix(full, dir+"/")
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if entries, err := os.ReadDir(full); err != nil || len(entries) == 0 {
				return fmt.Errorf("%s is empty, %w", path, err)
			}
		case d.Type() == fs.ModeSymlink:
			to, err := os.Readlink(full)
			tree[path] = genhistory.File{Mode: genhistory.Link, Data: to}
			return err
		default:
			text, err := os.ReadFile(full)
			info, infoErr := d.Info()
			f := genhistory.File{Mode: genhistory.Plain, Data: string(text)}
			if infoErr == nil && info.Mode()&0o100 != 0 {
				f.Mode = genhistory.Executable
			}
			tree[path] = f
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return named(tree)
}
