package commit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/commit"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
)

// git runs as somebody with a name, without the configuration of whoever runs the test.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// put writes a file; text that begins with -> is a link, and one that begins with #! can be run.
func put(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	target, isLink := strings.CutPrefix(text, "->")
	if isLink {
		if err := os.Symlink(target, file); err != nil {
			t.Fatal(err)
		}
		return
	}
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// committed is a repository with some files in a commit.
func committed(t testing.TB, files map[string]string, options ...string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, append([]string{"init", "--quiet", "--initial-branch", "main"}, options...)...)
	for name, text := range files {
		put(t, dir, name, text)
	}
	save(t, dir)
	return dir
}

func save(t testing.TB, dir string) {
	t.Helper()
	git(t, dir, "add", "--all", ".")
	git(t, dir, "commit", "--quiet", "--allow-empty", "--message", "a step")
}

// open opens the units of a revision.
func open(t testing.TB, dir, rev string, layout fleet.Layout) *commit.Tree {
	t.Helper()
	c, err := commit.Open(t.Context(), dir, rev)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	tree, err := c.Fleet(layout)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// all are the units of a source, sorted.
func all(t testing.TB, s fleet.Source) (units []id.Unit) {
	t.Helper()
	for unit, err := range s.Units(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		units = append(units, unit)
	}
	slices.Sort(units)
	return units
}

// services are folders that are known by name.
var services = fleet.Layout{Marker: "shipcat.conf", Kinds: []fleet.Kind{{Name: "service", At: []string{"services/*/"}, ByName: true, Shared: []string{"templates", "shipcat.conf", "shared/x"}}}}

// layouts are those of the generated repositories.
var layouts = map[string]fleet.Layout{
	"services": services,
	"chosen": {Kinds: []fleet.Kind{{Name: "service", At: []string{"services/*/"}, Except: []string{"services/b*"}, ByName: true, Limit: 300,
		File: func(p string) bool { return !strings.Contains(p, "a") }}}},
	"nested": {Kinds: []fleet.Kind{
		{Name: "folder", At: []string{"services/**/"}, File: func(p string) bool { return path.Dir(p) == "." }, Checks: []string{"x"}},
		{Name: "file", At: []string{"**/*.y*", ".h/**"}, Except: []string{"services/c*/**"}, Checks: []string{"x"}, Limit: 40},
	}},
	"mixed": {Kinds: []fleet.Kind{
		{Name: "service", At: []string{"services/*/"}, ByName: true, Shared: []string{"templates/a", "services"}},
		{Name: "file", At: []string{"services/*", "templates/**"}, Shared: []string{"templates", "link"}, Given: map[string][]byte{"templates/a": []byte("given"), "of/none": {}}},
	}},
}

// told is what a source says of all its units, and of what they share.
func told(t testing.TB, s fleet.Source, layout fleet.Layout) map[string]string {
	t.Helper()
	all := map[string]string{}
	for unit, err := range s.Units(t.Context()) {
		if err != nil {
			all["listing"] = "an error"
			break
		}
		b, kind, err := s.Unit(t.Context(), unit)
		text := fmt.Sprintf("kind %d, %s", kind, b.Digest())
		if err != nil {
			text = fmt.Sprintf("kind %d, not read", kind)
			if findings, ok := fleet.Findings(unit, err); ok {
				text = fmt.Sprintf("kind %d", kind)
				for _, f := range findings {
					text += fmt.Sprintf(", %s %s: %s", f.Rule, f.Place, f.Message)
				}
			}
		}
		if named, ok := s.(fleet.Named); ok && err == nil && named.Format() != "" { // a checkout was not asked for names
			judge(t, named, unit, kind, b)
		}
		if _, twice := all[string(unit)]; twice {
			t.Errorf("%q is listed twice", unit)
		}
		all[string(unit)] = text
	}
	for _, k := range layout.Kinds {
		b, err := s.Shared(t.Context(), k)
		all["shared by "+k.Name] = fmt.Sprintf("%s, %t", b.Digest(), err == nil)
	}
	return all
}

// judge holds the names of a unit's files against its bytes.
func judge(t testing.TB, s fleet.Named, unit id.Unit, kind int, b bundle.Bundle) {
	t.Helper()
	want, err := blob.Of(b, s.Format())
	if err != nil {
		t.Fatal(err)
	}
	got, gotKind, ok := s.Files(t.Context(), unit)
	if !ok || gotKind != kind || len(got)+len(want) > 0 && !slices.Equal(got, want) {
		t.Errorf("the files of %q are named %v, kind %d, %t; want %v, %d", unit, got, gotKind, ok, want, kind)
	}
}

// generated are the files of a repository, with all that may be in one.
func generated(r *rand.Rand) map[string]string {
	names := []string{"a", "b", "c", "a.b", "a-b", "a b", "a.yml", "b.yaml", ".h", ".x.yml", "caf\xe9", `a\b`, "ü", "n\nl", "\x01", "x\"y", "c.yml", "bb", strings.Repeat("l", 60)}
	texts := []string{"", "text\n", "#!/bin/sh\n", "->a", "->../..", "->/etc/passwd", "\x00\xff", strings.Repeat("long ", 20), "crlf\r\n"}
	files := map[string]string{"keep": ""}
	folders := map[string]bool{}
	for range 5 + r.IntN(60) {
		file := []string{"services", "services", "services", "templates", ".h", "d", "shared", "."}[r.IntN(8)]
		for range 1 + r.IntN(4) {
			file = path.Join(file, names[r.IntN(len(names))])
			if r.IntN(3) == 0 {
				break
			}
		}
		if _, isFile := files[file]; isFile || folders[file] {
			continue
		}
		taken := false
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			_, isFile := files[dir]
			taken = taken || isFile
		}
		if taken {
			continue
		}
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			folders[dir] = true
		}
		files[file] = texts[r.IntN(len(texts))]
	}
	return files
}

// TestACommitIsItsCheckout: what a clean checkout is without filters, a commit is, too.
func TestACommitIsItsCheckout(t *testing.T) {
	t.Parallel()
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			files := generated(rand.New(rand.NewPCG(seed, 1)))
			format := []string{"sha1", "sha256"}[seed%2]
			root := committed(t, nil, "--object-format="+format)
			git(t, root, "config", "core.autocrlf", "false")
			dir := root
			if seed%3 == 0 {
				dir = filepath.Join(root, "sub folder")
			}
			for name, text := range files {
				put(t, dir, name, text)
			}
			save(t, root)
			for name, layout := range layouts {
				disk, err := worktree.Open(dir, layout)
				if err != nil {
					t.Fatal(err)
				}
				defer disk.Close()
				tree := open(t, dir, "HEAD", layout)
				want, got := told(t, disk, layout), told(t, tree, layout)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("layout %s (-checkout +commit):\n%s\nof %q", name, diff, files)
				}
				if disk.PlainFiles() != tree.PlainFiles() {
					t.Errorf("layout %s: %d plain files, want %d", name, tree.PlainFiles(), disk.PlainFiles())
				}
				for unit := range want {
					for _, u := range []id.Unit{id.Unit(unit), id.Unit(unit) + "x", "services/" + id.Unit(unit)} {
						was, _, _ := strings.Cut(fmt.Sprint(disk.Has(u)), ": did you mean ") // of several that look alike either may be
						is, _, _ := strings.Cut(fmt.Sprint(tree.Has(u)), ": did you mean ")
						if was != is || disk.Contains(u) != tree.Contains(u) {
							t.Errorf("layout %s: unit %q: %s, want %s", name, u, is, was)
						}
					}
				}
			}
		})
	}
}

// TestTooLarge: a unit over a limit is told as it is in a checkout.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"services/bytes/a": strings.Repeat("x", 700<<10), "services/bytes/b": strings.Repeat("y", 700<<10),
		"services/one/a": strings.Repeat("x", 5<<20), "services/one/b": "", "services/fits/a": strings.Repeat("x", 1<<20-100),
		"services/deep/" + strings.Repeat("d/", bundle.MaxLevels+1) + "f": "",
	}
	for i := range bundle.MaxFiles + 1 {
		files[fmt.Sprintf("services/many/%d", i)] = ""
	}
	dir := committed(t, files)
	disk, err := worktree.Open(dir, services)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	tree := open(t, dir, "HEAD", services)
	want := told(t, disk, services)
	if diff := cmp.Diff(want, told(t, tree, services)); diff != "" {
		t.Errorf("(-checkout +commit):\n%s", diff)
	}
	for _, unit := range []id.Unit{"bytes", "one", "deep", "many"} {
		if !strings.Contains(want[string(unit)], "F101") {
			t.Errorf("%s is %s", unit, want[string(unit)])
		}
	}
	for _, unit := range []id.Unit{"deep", "many"} {
		if files, _, ok := tree.Files(t.Context(), unit); ok {
			t.Errorf("%s has %d named files", unit, len(files))
		}
	}
}

// TestRepositories: what is read is the same, whatever repository it is read from.
func TestRepositories(t *testing.T) {
	t.Parallel()
	files := map[string]string{"services/a/m": "one", "services/a/sub/n": "two", "services/b/m": "three", "templates/t": "four", "shipcat.conf": "five"}
	for _, format := range []string{"sha1", "sha256"} {
		dir := committed(t, files, "--object-format="+format)
		git(t, dir, "config", "uploadpack.allowFilter", "true")
		want := told(t, open(t, dir, "HEAD", services), services)
		around := t.TempDir()
		clone := func(name string, options ...string) string {
			git(t, around, append(append([]string{"clone", "--quiet"}, options...), "file://"+dir, name)...)
			return filepath.Join(around, name)
		}
		bare := clone("bare", "--bare")
		linked := filepath.Join(around, "linked")
		git(t, bare, "worktree", "add", "--quiet", linked, "main")
		for name, at := range map[string]string{
			"a bare one": bare, "a linked worktree": linked, "a shallow clone": clone("shallow", "--depth=1"),
			"a partial clone": clone("partial", "--filter=blob:none", "--no-checkout"), "a partial bare one": clone("bare partial", "--filter=blob:none", "--bare"),
			"one without trees": clone("treeless", "--filter=tree:0", "--bare"),
		} {
			if diff := cmp.Diff(want, told(t, open(t, at, "main", services), services)); diff != "" {
				t.Errorf("%s, %s (-checkout +commit):\n%s", format, name, diff)
			}
		}
	}
}

// TestOneRequestOfAPartialClone: the files of all units, or of those that are wanted, come in one request.
func TestOneRequestOfAPartialClone(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 30 {
		files[fmt.Sprintf("services/%d/m", i)] = fmt.Sprint(i)
	}
	dir := committed(t, files)
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	for _, tt := range []struct {
		name    string
		wanted  []id.Unit
		fetched int
	}{
		{"all", nil, 30},
		{"some", []id.Unit{"3", "17", "none"}, 2},
		{"none", []id.Unit{}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clone := filepath.Join(t.TempDir(), "clone")
			git(t, ".", "clone", "--quiet", "--filter=blob:none", "--no-checkout", "file://"+dir, clone)
			packs := func() int {
				found, err := filepath.Glob(filepath.Join(clone, ".git/objects/pack/*.pack"))
				if err != nil {
					t.Fatal(err)
				}
				return len(found)
			}
			before := packs()
			tree := open(t, clone, "HEAD", services)
			units := tt.wanted
			if units != nil {
				tree.Want(units)
			} else {
				units = all(t, tree)
			}
			for _, unit := range units {
				if b, _, err := tree.Unit(t.Context(), unit); unit != "none" && (err != nil || b.Len() != 1) {
					t.Fatalf("%s: %d files, %v", unit, b.Len(), err)
				}
			}
			if n := packs() - before; n > 1 || (n == 0) != (tt.fetched == 0) {
				t.Errorf("%d requests", n)
			}
			lacks := strings.Count(git(t, clone, "rev-list", "--objects", "--missing=print", "--quiet", "HEAD"), "?")
			if lacks != 30-tt.fetched {
				t.Errorf("the clone lacks %d objects, want %d", lacks, 30-tt.fetched)
			}
		})
	}
}

// TestSubmodules: what they have is in no commit of the repository, and nobody takes that for nothing.
func TestSubmodules(t *testing.T) {
	t.Parallel()
	other := committed(t, map[string]string{"m": "one"})
	dir := committed(t, map[string]string{"services/plain/m": "", "services/holds/m": ""})
	for _, at := range []string{"services/unit", "services/holds/below", "apps/eu", "templates", "docs"} {
		git(t, dir, "submodule", "--quiet", "add", other, at)
	}
	save(t, dir)
	layout := fleet.Layout{Kinds: []fleet.Kind{services.Kinds[0], {Name: "app", At: []string{"apps/*/*/"}}}}
	tree := open(t, dir, "HEAD", layout)
	if got := all(t, tree); !slices.Equal(got, []id.Unit{"holds", "plain", "unit"}) {
		t.Errorf("the units are %q", got)
	}
	for unit, at := range map[id.Unit]string{"unit": "services/unit", "holds": "services/holds/below"} {
		_, _, err := tree.Unit(t.Context(), unit)
		if sub := (*commit.SubmoduleError)(nil); !errors.As(err, &sub) || sub.Path != at || sub.Commit != git(t, other, "rev-parse", "HEAD") {
			t.Errorf("%s: %v", unit, err)
		}
		if _, _, ok := tree.Files(t.Context(), unit); ok {
			t.Errorf("the files of %s are known", unit)
		}
		if _, ok := fleet.Findings(unit, err); ok {
			t.Errorf("%s is told to be wrong", unit)
		}
	}
	if _, _, err := tree.Unit(t.Context(), "plain"); err != nil {
		t.Error(err)
	}
	if _, err := tree.Shared(t.Context(), layout.Kinds[0]); err == nil || !strings.HasPrefix(err.Error(), "templates is a submodule") {
		t.Errorf("what is shared: %v", err)
	}
	if got := tree.Unseen(); !slices.Equal(got, []string{"apps/eu"}) {
		t.Errorf("units may lie in %q", got)
	}

	whole := committed(t, nil)
	git(t, whole, "submodule", "--quiet", "add", other, "services")
	save(t, whole)
	for unit, err := range open(t, whole, "HEAD", services).Units(t.Context()) {
		if err == nil || !strings.HasPrefix(err.Error(), "services is a submodule") {
			t.Errorf("%q, %v", unit, err)
		}
	}
}

// TestAfterAnInterrupt: a report needs the units, and what they consist of, when the run was interrupted.
func TestAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"services/a/m.yml": "one", "services/b/m.yml": "two"})
	ctx, interrupt := context.WithCancel(t.Context())
	c, err := commit.Open(ctx, dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tree, err := c.Fleet(services)
	if err != nil {
		t.Fatal(err)
	}
	interrupt()
	if units := all(t, tree); !slices.Equal(units, []id.Unit{"a", "b"}) || !tree.Contains("a") {
		t.Errorf("the units are %q", units)
	}
	if b, _, err := tree.Unit(t.Context(), "b"); err != nil || b.Len() != 1 {
		t.Errorf("a unit has %d files, %v", b.Len(), err)
	}
}

// TestPointers: a file of LFS is its pointer, which is counted once, and is read although git knows its name.
func TestPointers(t *testing.T) {
	t.Parallel()
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
	for name, c := range map[string]struct {
		attributes map[string]string
		named      string // the units that are
		want       int
	}{
		"names":               {map[string]string{".gitattributes": "* text=auto\n*.BIN  filter=lfs -text\n"}, "c", 2},
		"a tab":               {map[string]string{".gitattributes": "*.bin\tfilter=lfs"}, "c", 2},
		"a folder":            {map[string]string{".gitattributes": "services/a/** filter=lfs\n"}, "", 3},
		"of a folder":         {map[string]string{"services/a/.gitattributes": "* filter=lfs\n"}, "bc", 1},
		"of another":          {map[string]string{"other/.gitattributes": "*.bin filter=lfs\n"}, "abc", 0},
		"another name":        {map[string]string{".gitattributes": "*.png filter=lfs\n"}, "abc", 0},
		"a word for several":  {map[string]string{".gitattributes": "[attr]big filter=lfs\n", "services/a/.gitattributes": "*.bin big\n"}, "", 3},
		"a word elsewhere":    {map[string]string{"other/.gitattributes": "[attr]big filter=lfs\n", ".gitattributes": "*.bin big\n"}, "abc", 0}, // git wants it at the top
		"not in use":          {map[string]string{".gitattributes": "# *.bin filter=lfs\n*.bin filter=x\n"}, "abc", 0},
		"no attributes":       {nil, "abc", 0},
		"a link in its place": {map[string]string{".gitattributes": "->services/c/m.yml"}, "abc", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"services/a/m.bin": pointer, "services/a/n": "text", "services/b/m.bin": pointer, "services/b/n.bin": pointer + strings.Repeat("#", 1000), "services/c/m.yml": pointer}
			maps.Copy(files, c.attributes)
			tree := open(t, committed(t, files), "HEAD", services)
			named := ""
			for range 2 {
				named = ""
				for _, unit := range all(t, tree) {
					if _, _, ok := tree.Files(t.Context(), unit); ok {
						named += string(unit)
					}
					b, _, err := tree.Unit(t.Context(), unit)
					if err != nil {
						t.Fatal(err)
					}
					if text, err := fs.ReadFile(b.FS(), "m.bin"); unit != "c" && (err != nil || string(text) != pointer) {
						t.Errorf("%s is %q, %v", unit, text, err)
					}
				}
			}
			if n := tree.Pointers(); n != c.want || named != c.named {
				t.Errorf("%d pointers, want %d; named are the files of %q, want %q", n, c.want, named, c.named)
			}
		})
	}
	t.Run("above the folder", func(t *testing.T) {
		t.Parallel()
		dir := committed(t, map[string]string{".gitattributes": "*.bin filter=lfs\n", "sub/deep/services/a/m.bin": pointer, "sub/deep/services/b/m": "text"})
		tree := open(t, filepath.Join(dir, "sub", "deep"), "HEAD", services)
		if _, _, err := tree.Unit(t.Context(), "a"); err != nil || tree.Pointers() != 1 {
			t.Errorf("%d pointers, %v", tree.Pointers(), err)
		}
		if _, _, ok := tree.Files(t.Context(), "b"); !ok {
			t.Error("the files of b are not named")
		}
	})
}

// TestACommitStaysAsItIs: a revision that moves, attributes and a dirty checkout change nothing.
func TestACommitStaysAsItIs(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"services/a/m": "one\n", "services/a/gone": "", ".gitattributes": "* text eol=crlf ident\nservices/** export-ignore\n"})
	tree := open(t, dir, "main", services)
	put(t, dir, "services/a/m", "two\n")
	put(t, dir, "services/new/m", "new\n")
	if err := os.Remove(filepath.Join(dir, "services/a/gone")); err != nil {
		t.Fatal(err)
	}
	save(t, dir)
	if got := all(t, tree); !slices.Equal(got, []id.Unit{"a"}) {
		t.Errorf("the units are %q", got)
	}
	b, _, err := tree.Unit(t.Context(), "a")
	if err != nil || b.Len() != 2 {
		t.Fatalf("%d files, %v", b.Len(), err)
	}
	if text, err := fs.ReadFile(b.FS(), "m"); err != nil || string(text) != "one\n" {
		t.Errorf("m is %q, %v", text, err)
	}
	if now := open(t, dir, "main", services); now.ID() == tree.ID() || len(all(t, now)) != 2 {
		t.Errorf("the commit is %s, and its units are %q", now.ID(), all(t, now))
	}
}

// TestTop: what lies around the folder of the units is that of the commit.
func TestTop(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"CODEOWNERS": "* @one", "fleet/x/services/a/m": "", "fleet/x/link": "->../../CODEOWNERS"})
	put(t, dir, "CODEOWNERS", "* @two")
	c, err := commit.Open(t.Context(), filepath.Join(dir, "fleet/x"), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	top, folder, err := c.Top(t.Context())
	if err != nil || folder != "fleet/x" {
		t.Fatalf("%s, %v", folder, err)
	}
	if text, err := fs.ReadFile(top, "CODEOWNERS"); err != nil || string(text) != "* @one" {
		t.Errorf("CODEOWNERS is %q, %v", text, err)
	}
	if text, err := fs.ReadFile(c.FS(), "link"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link out of the folder leads to %q, %v", text, err)
	}
}

func TestOpenOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{"a": ""})
	put(t, dir, "new/shipcat.conf", "")
	for _, tt := range []struct{ dir, rev, want string }{
		{dir, "v9", "the revision \"v9\" is not in this clone: run `git fetch origin v9`"},
		{filepath.Join(dir, "new"), "HEAD", "has no folder new"},
		{t.TempDir(), "HEAD", "not a git repository"},
	} {
		if _, err := commit.Open(t.Context(), tt.dir, tt.rev); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}
