package worktree_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
)

// TestMain keeps the configuration of whoever runs the tests out of git.
func TestMain(m *testing.M) {
	os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	m.Run()
}

// repo is a git repository with files.
type repo struct {
	t   testing.TB
	dir string
}

// committed is a repository in whose only commit all files of a checkout are.
func committed(t testing.TB, files map[string]string, options ...string) repo {
	t.Helper()
	r := repo{t, checkout(t, files)}
	r.git(append([]string{"init", "--quiet", "--initial-branch", "main"}, options...)...)
	r.commit()
	return r
}

func (r repo) commit() {
	r.t.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--allow-empty", "--message", "a step")
}

// git runs git, of which more is expected than that it does not fail.
func (r repo) git(args ...string) string {
	r.t.Helper()
	out, err := r.try(args...)
	if err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

func (r repo) try(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", r.dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always", "-c", "gc.auto=0"}, args...)...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (r repo) path(file string) string { return filepath.Join(r.dir, file) }

// write replaces what lies at a path, and what is in the way there.
func (r repo) write(file, content string) {
	r.t.Helper()
	for i, c := range file {
		if c != '/' {
			continue
		}
		if info, err := os.Lstat(r.path(file[:i])); err == nil && !info.IsDir() {
			os.Remove(r.path(file[:i]))
		}
	}
	if err := os.MkdirAll(filepath.Dir(r.path(file)), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.RemoveAll(r.path(file)); err != nil {
		r.t.Fatal(err)
	}
	if err := put(r.path(file), file, content); err != nil {
		r.t.Fatal(err)
	}
}

// poke writes over a file, and leaves its size and the time of its change to the content as they were.
func (r repo) poke(file string) {
	info, err := os.Stat(r.path(file))
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return
	}
	data, err := os.ReadFile(r.path(file))
	if err != nil {
		r.t.Fatal(err)
	}
	data[0]++
	if err := os.WriteFile(r.path(file), data, 0o644); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Chtimes(r.path(file), info.ModTime(), info.ModTime()); err != nil {
		r.t.Fatal(err)
	}
}

// indexed opens the repository and lets git look at it.
func (r repo) indexed(layout fleet.Layout) (*worktree.Tree, error) {
	r.t.Helper()
	tree, err := worktree.Open(r.dir, layout)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { tree.Close() })
	return tree, tree.Index(context.Background(), 0)()
}

// named are the units that have names, each of which must be the names of what is read.
func named(t testing.TB, tree *worktree.Tree) (all []string) {
	t.Helper()
	for _, unit := range names(t, tree) {
		files, kind, ok := tree.Files(t.Context(), id.Unit(unit))
		if !ok {
			continue
		}
		all = append(all, unit)
		b, is, err := tree.Unit(t.Context(), id.Unit(unit))
		if err != nil || is != kind {
			t.Errorf("%s is named as one of kind %d, and read as one of kind %d, %v", unit, kind, is, err)
			continue
		}
		want, err := blob.Of(b, tree.Format())
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			files = []blob.File{}
		}
		if diff := cmp.Diff(want, files); diff != "" {
			t.Errorf("the files of %s (-read +named):\n%s", unit, diff)
		}
	}
	return all
}

// waitNamed waits until units have names and no others, and nothing that was written before is too young to have one.
func (r repo) waitNamed(layout fleet.Layout, want ...string) {
	r.t.Helper()
	const old = 50 * time.Millisecond
	var got []string
	for begin, now := time.Now(), time.Now(); now.Sub(begin) < 30*time.Second; now = time.Now() {
		tree, err := r.indexed(layout)
		if err != nil {
			r.t.Fatal(err)
		}
		if got = named(r.t, tree); slices.Equal(got, want) && now.Sub(begin) > old {
			return
		}
	}
	r.t.Errorf("named are %q, want %q", got, want)
}

// TestFiles: what happens to the unit a, which has a name then or has none; b has one in any case.
func TestFiles(t *testing.T) {
	t.Parallel()
	const main = "units/a/main.yml"
	for _, tt := range []struct {
		what  string
		named bool
		do    func(r repo)
	}{
		{"nothing", true, func(repo) {}},
		{"another content", false, func(r repo) { r.write(main, "name: xx") }},
		{"another content, and nobody looks at the rest", false, func(r repo) { r.poke(main) }},
		{"another content, in the second in which git has last looked", false, func(r repo) {
			long := time.Now().Add(-time.Hour)
			os.Chtimes(r.path(main), long, long)
			r.git("update-index", "--refresh", "-q")
			r.poke(main)
		}},
		{"another content, staged", true, func(r repo) { r.write(main, "name: xx"); r.git("add", main) }},
		{"another content, staged and written over", false, func(r repo) {
			r.write(main, "name: xx")
			r.git("add", main)
			r.poke(main)
		}},
		{"touched, and git has looked", true, func(r repo) {
			long := time.Now().Add(-time.Hour) // in the second of its last change git would not see it
			os.Chtimes(r.path(main), long, long)
			r.git("update-index", "--refresh", "-q")
		}},
		{"other rights", false, func(r repo) { os.Chmod(r.path(main), 0o755) }},
		{"a file that is gone", true, func(r repo) { os.Remove(r.path(main)) }},
		{"a file that moved", false, func(r repo) { os.Rename(r.path(main), r.path("units/a/other.yml")) }},
		{"a file that moved into a folder", false, func(r repo) {
			os.Mkdir(r.path("units/a/x"), 0o755)
			os.Rename(r.path(main), r.path("units/a/x/main.yml"))
		}},
		{"a new file", false, func(r repo) { r.write("units/a/new.yml", "") }},
		{"a new file that is ignored", false, func(r repo) {
			r.write(".gitignore", "new.yml")
			r.write("units/a/new.yml", "")
		}},
		{"a new file that nobody reads", true, func(r repo) { r.write("units/a/new.txt", "") }},
		{"a new file that is meant to be added", false, func(r repo) {
			r.write("units/a/new.yml", "x")
			r.git("add", "--intent-to-add", "units/a/new.yml")
		}},
		{"a file that is no longer tracked", false, func(r repo) { r.git("rm", "--quiet", "--cached", main) }},
		{"a link in place of a file", true, func(r repo) { r.write(main, "->b") }},
		{"a link that is a file", false, func(r repo) { r.write("units/a/link.yml", "b") }},
		{"a link that leads elsewhere", true, func(r repo) { r.write("units/a/link.yml", "->c") }},
		{"a link where there are none", false, func(r repo) {
			r.git("config", "core.symlinks", "false")
			os.Remove(r.path("units/a/link.yml"))
			r.git("checkout", "--quiet", "--", "units/a")
		}},
		{"a pipe in place of a file", false, func(r repo) { r.write(main, "|") }},
		{"a folder in place of a file", true, func(r repo) { r.write(main+"/", "") }},
		{"a folder in place of a file, with one", false, func(r repo) { r.write(main+"/x.yml", "") }},
		{"line ends that git does not write", false, func(r repo) {
			r.write(".gitattributes", "* text=auto")
			r.write(main, "name: a\r\n")
			r.git("add", main)
		}},
		{"line ends as git writes them", true, func(r repo) {
			r.write(".gitattributes", "* text=auto")
			r.write(main, "name: a\n")
			r.git("add", main)
		}},
		{"line ends that a setting takes away", false, func(r repo) {
			r.write(main, "name: a\r\n")
			r.git("-c", "core.autocrlf=input", "add", main)
		}},
		{"line ends that an attribute has added, and is gone", false, func(r repo) {
			r.write(main, "name: a\n")
			r.git("add", main)
			r.write(".gitattributes", "* eol=crlf")
			os.Remove(r.path(main))
			r.git("checkout", "--quiet", "--", main)
			os.Remove(r.path(".gitattributes"))
		}},
		{"a file with its own name in it", false, func(r repo) {
			r.write(".git/info/attributes", "units/a/* ident")
			r.write(main, "# $Id: 0123456789012345678901234567890123456789 $")
			r.git("-c", "core.attributesFile=/dev/null", "add", main)
			os.Remove(r.path(main))
			r.git("checkout", "--quiet", "--", main)
		}},
		{"an encoding", false, func(r repo) {
			r.write("units/a/.gitattributes", "*.yml working-tree-encoding=UTF-16")
		}},
		{"no encoding", true, func(r repo) {
			r.write("units/a/.gitattributes", "*.yml -working-tree-encoding -filter -ident")
		}},
		{"a filter", false, func(r repo) {
			r.git("config", "filter.lfs.smudge", "sed s/a/b/")
			r.git("config", "filter.lfs.clean", "sed s/b/a/")
			r.write(".git/info/attributes", "units/a/*.yml filter=lfs")
			os.Remove(r.path(main))
			r.git("checkout", "--quiet", "--", main)
		}},
		{"a file that git was told to take for unchanged", false, func(r repo) {
			r.git("update-index", "--assume-unchanged", main)
			r.poke(main)
		}},
		{"a file that git was told to pass over", false, func(r repo) {
			r.git("update-index", "--skip-worktree", main)
			r.poke(main)
		}},
		{"files that git takes for unchanged by a setting", false, func(r repo) {
			r.git("config", "core.ignoreStat", "true")
			r.write(main, "name: xx")
			r.git("add", main)
			r.poke(main)
		}},
		{"a git that looks at little", false, func(r repo) {
			r.git("config", "core.checkStat", "minimal")
			r.git("config", "core.trustctime", "false")
			r.poke(main)
		}},
		{"a file in conflict", false, func(r repo) { r.conflict(main) }},
		{"a repository in the folder", false, func(r repo) {
			r.git("init", "--quiet", "units/a/inner")
			r.write("units/a/inner/x.yml", "")
		}},
		{"a repository that the folder is", true, func(r repo) { r.git("init", "--quiet", "units/a") }}, // whose files nobody reads
		{"a submodule", false, func(r repo) {
			r.git("submodule", "--quiet", "add", r.upstream(), "units/a/sub")
			r.commit()
		}},
		{"a submodule in place of the folder", false, func(r repo) {
			r.git("rm", "-r", "--quiet", "units/a")
			r.git("submodule", "--quiet", "add", r.upstream(), "units/a")
			r.commit()
		}},
		{"the folder behind a link", false, func(r repo) {
			os.Rename(r.path("units/a"), r.path("elsewhere"))
			r.write("units/a", "->../elsewhere")
		}},
		{"a file with a name that a bundle cannot hold", false, func(r repo) {
			r.write(`units/a/a\b.yml`, "")
			r.commit()
		}},
		{"more than a unit may have", false, func(r repo) {
			r.write(main, strings.Repeat("x", limit))
			r.commit()
		}},
		{"as much as a unit may have", true, func(r repo) {
			r.write(main, strings.Repeat("x", limit-200))
			r.commit()
		}},
		{"a file in a folder that is not its own", true, func(r repo) {
			r.write("units/a/deep/er/x.yml", "x")
			r.write("units/a/deep-er.yml", "y")
			r.write("units/a-/deep.yml", "z")
			r.commit()
			r.git("rm", "-r", "--quiet", "units/a-")
		}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			r := committed(t, map[string]string{main: "name: a", "units/a/link.yml": "->b", "units/a/notes.txt": "", "units/b/main.yml": "name: b", "units/b/x/y.yml": ""})
			tt.do(r)
			want := []string{"a", "b"}
			if !tt.named {
				want = want[1:]
			}
			r.waitNamed(layout, want...)
		})
	}
}

// conflict leaves a file in two versions.
func (r repo) conflict(file string) {
	r.t.Helper()
	r.git("checkout", "--quiet", "-b", "theirs")
	r.write(file, "name: theirs")
	r.commit()
	r.git("checkout", "--quiet", "main")
	r.write(file, "name: ours")
	r.commit()
	if out, err := r.try("merge", "theirs"); err == nil {
		r.t.Fatalf("the merge has no conflict: %s", out)
	}
	r.git("checkout", "--quiet", "--ours", file)
}

// upstream is another repository.
func (r repo) upstream() string {
	r.t.Helper()
	return committed(r.t, map[string]string{"sub.yml": "x", "main.yml": "name: a"}).dir
}

// TestFilesOfKinds: units by path, folders and files, are named like those that are known by name.
func TestFilesOfKinds(t *testing.T) {
	t.Parallel()
	r := committed(t, map[string]string{
		"units/pay/main.yml": "", "units/_template/main.yml": "", "units/README": "", "units/empty/": "",
		"clusters/eu/apps/pay/main.yml": "name: pay", "clusters/eu/apps/pay/deep/x.yml": "x", "clusters/eu/apps/pay/notes.txt": "",
		"clusters/alias": "->eu", "clusters/us/apps/log/main.yml": "", "rules/a.yml": "a: 1", "rules/deep/er/b.yml": "b", "rules/linked.yml": "->a.yml", "rules/not.txt": "",
	})
	r.waitNamed(mixed, "clusters/eu/apps/pay", "clusters/us/apps/log", "empty", "pay", "rules/a.yml", "rules/deep/er/b.yml")
	r.poke("rules/a.yml")
	r.write("clusters/eu/apps/pay/notes.txt", "nobody reads it")
	r.waitNamed(mixed, "clusters/eu/apps/pay", "clusters/us/apps/log", "empty", "pay", "rules/deep/er/b.yml")
}

// TestFilesOfCheckouts: the kinds of checkouts that git has.
func TestFilesOfCheckouts(t *testing.T) {
	t.Parallel()
	files := func() map[string]string {
		return map[string]string{"units/a/main.yml": "name: a", "units/b/main.yml": "name: b"}
	}
	for _, tt := range []struct {
		what    string
		options []string
		do      func(r repo) repo
		named   []string
	}{
		{"a SHA-256 repository", []string{"--object-format=sha256"}, func(r repo) repo { return r }, []string{"a", "b"}},
		{"a split index", nil, func(r repo) repo {
			r.git("update-index", "--split-index")
			r.write("units/a/main.yml", "name: xx")
			r.git("add", "units/a")
			return r
		}, []string{"a", "b"}},
		{"an index with long paths cut short", nil, func(r repo) repo { r.git("update-index", "--index-version", "4"); return r }, []string{"a", "b"}},
		{"a sparse checkout", nil, func(r repo) repo { r.git("sparse-checkout", "set", "--cone", "--sparse-index", "units/a"); return r }, []string{"a"}},
		{"a linked worktree", nil, func(r repo) repo {
			dir := filepath.Join(r.t.TempDir(), "linked")
			r.git("worktree", "add", "--quiet", dir)
			return repo{r.t, dir}
		}, []string{"a", "b"}},
		{"a folder of a repository", nil, func(r repo) repo {
			dir := filepath.Join(r.t.TempDir(), "outer")
			os.MkdirAll(dir, 0o755)
			os.RemoveAll(r.path(".git"))
			os.Rename(r.dir, filepath.Join(dir, "inner é"))
			outer := repo{r.t, dir}
			outer.git("init", "--quiet")
			outer.commit()
			outer.write("other.yml", "")
			return repo{r.t, filepath.Join(dir, "inner é")}
		}, []string{"a", "b"}},
		{"an index that was made anew", nil, func(r repo) repo {
			os.Remove(r.path(".git/index"))
			r.git("reset", "--quiet")
			r.git("update-index", "-q", "--refresh")
			return r
		}, []string{"a", "b"}},
		{"a copy", nil, func(r repo) repo {
			dir := filepath.Join(r.t.TempDir(), "copy")
			if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
				r.t.Fatal(err)
			}
			return repo{r.t, dir}
		}, nil},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			r := tt.do(committed(t, files(), tt.options...))
			r.waitNamed(layout, tt.named...)
		})
	}
}

// TestNothingIsNamed: what keeps git from knowing, and what says why.
func TestNothingIsNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what string
		do   func(r repo)
		why  string
	}{
		{"no repository", func(r repo) { os.RemoveAll(r.path(".git")) }, "not a git repository"},
		{"no index", func(r repo) { os.Remove(r.path(".git/index")) }, "no index"},
		{"a bare repository", func(r repo) { r.git("config", "core.bare", "true") }, "no checkout"},
		{"an index that cannot be read", func(r repo) { r.write(".git/index", "what is this") }, "index"},
		{"a filter that is not in use", func(r repo) { r.git("config", "filter.secret.smudge", "sed s/a/b/") }, "filter.secret.smudge"},
		{"names in one case", func(r repo) { r.git("config", "core.ignoreCase", "true") }, "core.ignorecase"},
		{"names that are made alike", func(r repo) { r.git("config", "core.precomposeUnicode", "yes") }, "core.precomposeunicode"},
		{"another object in the place of one", func(r repo) {
			r.write("units/b/main.yml", "name: x")
			r.git("replace", r.git("rev-parse", "HEAD:units/a/main.yml"), r.git("hash-object", "-w", "units/b/main.yml"))
			os.Remove(r.path("units/a/main.yml"))
			r.git("checkout", "--quiet", "--", "units/a")
		}, "refs/replace/"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			r := committed(t, map[string]string{"units/a/main.yml": "name: a"})
			tt.do(r)
			tree, err := r.indexed(layout)
			if format := tree.Format(); (format == "") != (tt.what == "no repository") {
				t.Errorf("the format is %q", format)
			}
			if err == nil || !strings.Contains(err.Error(), tt.why) || len(named(t, tree)) > 0 {
				t.Errorf("named are %q, for: %v; want none, for %s", named(t, tree), err, tt.why)
			}
		})
	}
	t.Run("a command that is over", func(t *testing.T) {
		t.Parallel()
		r := committed(t, map[string]string{"units/a/main.yml": "name: a"})
		tree, err := worktree.Open(r.dir, layout)
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Close()
		if got := named(t, tree); len(got) > 0 || tree.Format() != "" {
			t.Errorf("named before Index are %q in %q", got, tree.Format())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := tree.Index(ctx, 0)(); err == nil || len(named(t, tree)) > 0 {
			t.Errorf("named are %q, %v", named(t, tree), err)
		}
	})
}

// TestFilesOfLargeUnits: where units are small on average, git is not asked, whichever of them are looked at; where they
// are large it is, once that shows.
func TestFilesOfLargeUnits(t *testing.T) {
	t.Parallel()
	const many, over = 200, 1000
	for _, tt := range []struct {
		what  string
		size  func(i int) int // of a unit's file, in bytes
		named bool
	}{
		{"small", func(int) int { return over / 2 }, false},
		{"small but for a few", func(i int) int { return over/2 + i%20/19*over }, false},
		{"large", func(int) int { return 2 * over }, true},
		{"large but for many", func(i int) int { return i % 4 / 3 * 8 * over }, true},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for i := range many {
				files[fmt.Sprintf("units/%03d/main.yml", i)] = strings.Repeat("#", tt.size(i))
			}
			tree, err := worktree.Open(committed(t, files).dir, layout)
			if err != nil {
				t.Fatal(err)
			}
			defer tree.Close()
			wait := tree.Index(t.Context(), over)
			if err := wait(); err != nil {
				t.Errorf("before a unit is looked at: %v", err)
			}
			got := len(named(t, tree))
			if err := wait(); err != nil || tt.named && got < many/2 || !tt.named && got > 0 {
				t.Errorf("%d of %d units are named, %v", got, many, err)
			}
			if f := tree.Format(); f != blob.SHA1 {
				t.Errorf("the format is %q", f)
			}
		})
	}
}

// TestFilesAfterTheLook: what is written once git has looked has no name, nor what was put in its place.
func TestFilesAfterTheLook(t *testing.T) {
	t.Parallel()
	for what, do := range map[string]func(r repo){
		"written over": func(r repo) { r.poke("units/a/main.yml") },
		"a new file":   func(r repo) { r.write("units/a/new.yml", "") },
		"another folder": func(r repo) {
			os.Rename(r.path("units/a"), r.path("old"))
			os.Rename(r.path("other"), r.path("units/a"))
		},
		"another folder inside": func(r repo) {
			os.Rename(r.path("units/a/x"), r.path("old"))
			os.Rename(r.path("other/x"), r.path("units/a/x"))
		},
		"the files exchanged": func(r repo) { os.Rename(r.path("other/main.yml"), r.path("units/a/main.yml")) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := committed(t, map[string]string{"units/a/main.yml": "name: a", "units/a/x/y.yml": "a", "units/b/main.yml": "name: b", "other/main.yml": "name: b", "other/x/y.yml": "b"})
			r.waitNamed(layout, "a", "b")
			tree, err := r.indexed(layout)
			if err != nil {
				t.Fatal(err)
			}
			do(r)
			if got := named(t, tree); !slices.Equal(got, []string{"b"}) {
				t.Errorf("named are %q, want b", got)
			}
		})
	}
}

// TestFilesOfRandomEdits: whatever is done to a checkout, a unit that has names consists of these.
func TestFilesOfRandomEdits(t *testing.T) {
	t.Parallel()
	const repositories, rounds, edits = 8, 6, 5
	for seed := range uint64(repositories) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for i := range 12 {
				for _, f := range []string{"main.yml", "x/deep.yml", "notes.txt"} {
					files[fmt.Sprintf("units/u%02d/%s", i, f)] = fmt.Sprintf("name: %d\nfile: %s\n$Id$\n", i, f)
				}
				files[fmt.Sprintf("units/u%02d/link.yml", i)] = "->main.yml"
				files[fmt.Sprintf("clusters/c%d/apps/pay/main.yml", i)] = fmt.Sprintf("name: %d\r\n", i)
				files[fmt.Sprintf("rules/r%d.yml", i)] = fmt.Sprintf("rule: %d\n", i)
			}
			r := committed(t, files)
			e := editor{r, rand.New(rand.NewPCG(seed, 20)), slices.Sorted(func(yield func(string) bool) {
				for f := range files {
					if !yield(f) {
						return
					}
				}
			})}
			found := 0
			for range rounds {
				var done []string
				for range edits {
					done = append(done, e.edit())
				}
				tree, err := r.indexed(mixed)
				if err != nil {
					t.Fatal(err)
				}
				found += len(named(t, tree))
				if t.Failed() {
					t.Fatalf("after %s", strings.Join(done, ", "))
				}
			}
			t.Logf("%d units had names", found)
		})
	}
}

// editor does what people and their tools do to a checkout.
type editor struct {
	repo
	rand  *rand.Rand
	files []string
}

// edit does something, and says what.
func (e editor) edit() string {
	file := e.files[e.rand.IntN(len(e.files))]
	other := e.files[e.rand.IntN(len(e.files))]
	dir := filepath.Dir(file)
	kinds := []struct {
		what string
		do   func()
	}{
		{"poke", func() { e.poke(file) }},
		{"poke and add", func() { e.poke(file); e.try("add", "--all", dir) }},
		{"add and poke", func() { e.try("add", "--all", dir); e.poke(file) }},
		{"write", func() { e.write(file, fmt.Sprintf("n: %d\n", e.rand.IntN(10))) }},
		{"write and add", func() { e.write(file, fmt.Sprintf("n: %d\n", e.rand.IntN(10))); e.try("add", file) }},
		{"CRLF", func() { e.write(file, "a: b\r\n"); e.try("add", file) }},
		{"CRLF, input", func() { e.write(file, "a: b\r\n"); e.try("-c", "core.autocrlf=input", "add", file) }},
		{"touch", func() { now := time.Now(); os.Chtimes(e.path(file), now, now) }},
		{"chmod", func() { os.Chmod(e.path(file), 0o755) }},
		{"rename", func() { os.Rename(e.path(file), e.path(other)) }},
		{"git mv", func() { e.try("mv", "-f", file, other) }},
		{"exchange folders", func() {
			os.Rename(e.path(dir), e.path("spare"))
			os.Rename(e.path(filepath.Dir(other)), e.path(dir))
			os.Rename(e.path("spare"), e.path(filepath.Dir(other)))
		}},
		{"remove", func() { os.Remove(e.path(file)) }},
		{"git rm", func() { e.try("rm", "-f", "--quiet", file) }},
		{"git rm --cached", func() { e.try("rm", "--cached", "--quiet", file) }},
		{"untracked", func() { e.write(dir+"/new.yml", "new") }},
		{"ignored", func() { e.write(dir+"/.gitignore", "*.yml"); e.write(dir+"/ignored.yml", "x") }},
		{"link", func() { e.write(file, "->main.yml") }},
		{"link and back", func() { e.write(file, "->main.yml"); e.write(file, "back") }},
		{"folder", func() { e.write(file+"/x.yml", "x") }},
		{"assume unchanged", func() { e.try("update-index", "--assume-unchanged", file); e.poke(file) }},
		{"skip", func() { e.try("update-index", "--skip-worktree", file); e.poke(file) }},
		{"intent to add", func() { e.write(dir+"/meant.yml", ""); e.try("add", "--intent-to-add", dir+"/meant.yml") }},
		{"text=auto", func() { e.write(".gitattributes", "* text=auto\n") }},
		{"eol=crlf", func() { e.write(".gitattributes", "* eol=crlf\n") }},
		{"ident", func() {
			e.write(dir+"/.gitattributes", "* ident\n")
			os.Remove(e.path(file))
			e.try("checkout", "--", file)
		}},
		{"filter", func() { // one that keeps the size shows no more once the attributes are others: see git.ReadIndex
			e.git("config", "filter.lfs.clean", "sed s/bb/a/")
			e.git("config", "filter.lfs.smudge", "sed s/a/bb/")
			e.write(".gitattributes", dir+"/* filter=lfs\n")
			os.Remove(e.path(file))
			e.try("checkout", "--", file)
		}},
		{"encoding", func() { e.write(".gitattributes", dir+"/* working-tree-encoding=UTF-16\n"); e.try("add", file) }},
		{"nested repository", func() { e.try("init", "--quiet", dir) }},
		{"nested repository with a file", func() { e.try("init", "--quiet", dir+"/inner"); e.write(dir+"/inner/x.yml", "") }},
		{"reset", func() { e.try("reset", "--quiet") }},
		{"stash", func() { e.try("stash", "--quiet") }},
		{"checkout", func() { e.try("checkout", "--", ".") }},
		{"commit", func() { e.try("commit", "--quiet", "--all", "--message", "a step") }},
		{"refresh", func() { e.try("update-index", "-q", "--refresh") }},
		{"branch and back", func() {
			e.try("checkout", "--quiet", "-B", "side")
			e.poke(file)
			e.try("commit", "--quiet", "--all", "--message", "a side step")
			e.try("checkout", "--quiet", "main")
		}},
		{"conflict", func() {
			e.try("checkout", "--quiet", "-B", "theirs")
			e.write(file, "theirs")
			e.try("commit", "--quiet", "--all", "--message", "theirs")
			e.try("checkout", "--quiet", "main")
			e.write(file, "ours")
			e.try("commit", "--quiet", "--all", "--message", "ours")
			e.try("merge", "theirs")
		}},
	}
	k := kinds[e.rand.IntN(len(kinds))]
	k.do()
	return k.what + " " + file
}

// BenchmarkIndex lets git look at a fleet of 10,000 units with three files each, and BenchmarkFiles names them.
func BenchmarkIndex(b *testing.B) {
	r := manyCommitted(b)
	b.ReportAllocs()
	for b.Loop() {
		tree, err := worktree.Open(r.dir, layout)
		if err == nil {
			err = tree.Index(b.Context(), 0)()
		}
		if err != nil {
			b.Fatal(err)
		}
		tree.Close()
	}
}

func BenchmarkFiles(b *testing.B) {
	tree, err := manyCommitted(b).indexed(layout)
	if err != nil {
		b.Fatal(err)
	}
	all := names(b, tree)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, ok := tree.Files(b.Context(), id.Unit(all[i%len(all)])); !ok {
			b.Fatalf("%s has no name", all[i%len(all)])
		}
	}
}

// manyCommitted is a large fleet, written before the second in which its index was.
func manyCommitted(b *testing.B) repo {
	files := map[string]string{}
	for i := range manyFolders / 10 {
		for _, name := range []string{"main.yml", "dev.yml", "prod.yml"} {
			files[fmt.Sprintf("units/unit-%05d/%s", i, name)] = fmt.Sprintf("name: %d\n", i)
		}
	}
	r := committed(b, files)
	r.git("gc", "--quiet")
	for begin := time.Now(); time.Since(begin) < time.Second+time.Millisecond; {
		r.git("rev-parse", "HEAD")
	}
	r.git("rm", "--cached", "--quiet", "fleet.conf")
	return r
}
