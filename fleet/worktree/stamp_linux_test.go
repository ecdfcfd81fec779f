package worktree

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

func yml(file string) bool { return strings.HasSuffix(file, ".yml") }

// stampedLayout has units by name and by path, folders and files.
func stampedLayout() fleet.Layout {
	return fleet.Layout{Kinds: []fleet.Kind{
		{Name: "unit", At: []string{"units/*/"}, ByName: true, File: yml},
		{Name: "app", At: []string{"apps/**/app-*/"}, File: yml},
		{Name: "rule", At: []string{"rules/**/*.yml"}},
	}}
}

// stamping is a checkout whose file system is taken for one that tells what was written, and where nothing need
// be old.
func stamping(t *testing.T, l fleet.Layout) (dir string, tree *Tree) {
	t.Helper()
	dir = t.TempDir()
	for _, file := range []string{"units/a/one.yml", "units/a/two.yml", "units/a/read.me", "units/b/one.yml", "apps/x/app-a/one.yml", "rules/r/one.yml"} {
		lay(t, dir, file, "one")
	}
	return dir, stamps(t, dir, l, 0)
}

func stamps(t *testing.T, dir string, l fleet.Layout, old time.Duration) *Tree {
	t.Helper()
	tree, err := Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	var info unix.Stat_t
	if err := unix.Stat(dir, &info); err != nil {
		t.Fatal(err)
	}
	tree.device, tree.settled = func() (uint64, bool) { return info.Dev, true }, old
	return tree
}

func lay(t *testing.T, dir, file, text string) {
	t.Helper()
	path := filepath.Join(dir, file)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644))
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// pass waits until the clock of files has moved on.
func pass(t *testing.T) {
	t.Helper()
	now := func() unix.Timespec {
		var info unix.Stat_t
		path := filepath.Join(t.TempDir(), "now")
		must(t, os.WriteFile(path, nil, 0o644), unix.Stat(path, &info), os.Remove(path))
		return info.Ctim
	}
	for was := now(); now() == was; {
	}
}

// lies is the stamp of a unit, and what was read.
func lies(t *testing.T, tree *Tree, unit id.Unit) ([]byte, bundle.Bundle) {
	t.Helper()
	pass(t)
	files, _, stamp, err := tree.Stamp(t.Context(), unit)
	if err != nil || stamp == nil {
		t.Fatalf("%s: stamp %x, %v", unit, stamp, err)
	}
	pass(t)
	return stamp, files
}

func TestAUnitIsAsItWas(t *testing.T) {
	t.Parallel()
	dir, tree := stamping(t, stampedLayout())
	for unit, want := range map[id.Unit]int{"a": 0, "b": 0, "apps/x/app-a": 1, "rules/r/one.yml": 2} {
		stamp, _ := lies(t, tree, unit)
		lay(t, dir, "units/c/one.yml", string(unit))
		lay(t, dir, "rules/r/two.yml", string(unit))
		if kind, ok := tree.Unchanged(unit, stamp); !ok || kind != want {
			t.Errorf("%s: unchanged %v, of kind %d", unit, ok, kind)
		}
		for n := range stamp {
			if _, ok := tree.Unchanged(unit, stamp[:n]); ok {
				t.Errorf("%s: %d bytes of a stamp are one", unit, n)
			}
		}
		if _, ok := tree.Unchanged(unit, append(stamp, 0)); ok {
			t.Errorf("%s: a stamp and a byte are one", unit)
		}
		if _, ok := tree.Unchanged("units/b", stamp); ok {
			t.Errorf("%s: its stamp is that of another unit", unit)
		}
	}
}

// TestNoChangeGoesUnseen: a unit of which something was written is not as it was, whatever its size and the time of its content.
func TestNoChangeGoesUnseen(t *testing.T) {
	t.Parallel()
	poke := func(t *testing.T, file string) {
		info, err := os.Stat(file)
		must(t, err, os.WriteFile(file, []byte("eno"), 0o644), os.Chtimes(file, info.ModTime(), info.ModTime()))
	}
	for name, change := range map[string]func(t *testing.T, unit string){
		"a text of the same size": func(t *testing.T, u string) { poke(t, u+"/one.yml") },
		"by a link":               func(t *testing.T, u string) { must(t, os.Link(u+"/one.yml", u+"/../../l")); poke(t, u+"/../../l") },
		"another file":            func(t *testing.T, u string) { lay(t, u, "three.yml", "") },
		"a file less":             func(t *testing.T, u string) { must(t, os.Remove(u+"/two.yml")) },
		"other names":             func(t *testing.T, u string) { must(t, os.Rename(u+"/one.yml", u+"/three.yml")) },
		"a folder":                func(t *testing.T, u string) { must(t, os.Mkdir(u+"/sub", 0o755)) },
		"a link for a file": func(t *testing.T, u string) {
			must(t, os.Rename(u+"/one.yml", u+"/../../one"), os.Symlink("../../one", u+"/one.yml"))
		},
		"a link for the unit":            func(t *testing.T, u string) { must(t, os.Rename(u, u+"/../../a"), os.Symlink("../a", u)) },
		"another unit in its place":      func(t *testing.T, u string) { must(t, os.RemoveAll(u), os.Rename(filepath.Join(u, "../b"), u)) },
		"no unit":                        func(t *testing.T, u string) { must(t, os.RemoveAll(u)) },
		"what lies nowhere, with a file": func(t *testing.T, u string) { must(t, os.RemoveAll(u), os.WriteFile(u, nil, 0o644)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, tree := stamping(t, stampedLayout())
			stamp, _ := lies(t, tree, "a")
			change(t, filepath.Join(dir, "units/a"))
			if _, ok := tree.Unchanged("a", stamp); ok {
				t.Error("the unit is as it was")
			}
		})
	}
	for name, change := range map[string]func(t *testing.T, dir string){
		"a text of the same size": func(t *testing.T, dir string) { poke(t, dir+"/rules/r/one.yml") },
		"a file of the same text": func(t *testing.T, dir string) {
			must(t, os.Rename(dir+"/rules/r/one.yml", dir+"/rules/r/two.yml"))
			lay(t, dir, "rules/r/one.yml", "one")
		},
		"a link on the way": func(t *testing.T, dir string) {
			must(t, os.Rename(dir+"/rules/r", dir+"/r"), os.Symlink("../r", dir+"/rules/r"))
		},
	} {
		t.Run("of a file, "+name, func(t *testing.T) {
			t.Parallel()
			dir, tree := stamping(t, stampedLayout())
			stamp, _ := lies(t, tree, "rules/r/one.yml")
			change(t, dir)
			if _, ok := tree.Unchanged("rules/r/one.yml", stamp); ok {
				t.Error("the unit is as it was")
			}
		})
	}
}

// TestAStampHoldsForWhatIsRead: with another layout a unit is as it was if the same files of it are read.
func TestAStampHoldsForWhatIsRead(t *testing.T) {
	t.Parallel()
	dir, tree := stamping(t, stampedLayout())
	stamp, files := lies(t, tree, "a")
	for name, tt := range map[string]struct {
		change func(*fleet.Kind)
		ok     bool
	}{
		"another name":         {func(k *fleet.Kind) { k.Name = "other" }, true},
		"one file less":        {func(k *fleet.Kind) { k.File = func(file string) bool { return file == "one.yml" } }, false},
		"all files":            {func(k *fleet.Kind) { k.File = nil }, false},
		"as large as it is":    {func(k *fleet.Kind) { k.Limit = files.Size() }, true},
		"smaller":              {func(k *fleet.Kind) { k.Limit = files.Size() - 1 }, false},
		"no unit is a unit":    {func(k *fleet.Kind) { k.Except = []string{"units/a/"} }, false},
		"not where units were": {func(k *fleet.Kind) { k.At = []string{"apps/*/"} }, false},
	} {
		l := stampedLayout()
		tt.change(&l.Kinds[0])
		if _, ok := stamps(t, dir, l, 0).Unchanged("a", stamp); ok != tt.ok {
			t.Errorf("%s: unchanged %v", name, ok)
		}
	}
}

func TestWhatHasNoStamp(t *testing.T) {
	t.Parallel()
	dir, tree := stamping(t, stampedLayout())
	lay(t, dir, "units/deep/sub/one.yml", "")
	lay(t, dir, "units/linked/one.yml", "")
	must(t, os.Symlink("one.yml", filepath.Join(dir, "units/linked/two.yml")))
	for n := range mostLeft + 1 {
		lay(t, dir, fmt.Sprintf("units/full/%d", n), "")
	}
	pass(t)
	none := func(name string, tree *Tree, unit id.Unit) {
		t.Helper()
		if _, _, stamp, _ := tree.Stamp(t.Context(), unit); stamp != nil {
			t.Errorf("%s: a stamp", name)
		}
	}
	none("folders", tree, "deep")
	none("links", tree, "linked")
	none("many files that are not read", tree, "full")
	none("none", tree, "absent")
	none("changed a moment ago", stamps(t, dir, stampedLayout(), settled), "a")
	elsewhere := stamps(t, dir, stampedLayout(), 0)
	elsewhere.device = func() (uint64, bool) { return 1 << 40, true }
	none("on another device", elsewhere, "a")
	unknown := stamps(t, dir, stampedLayout(), 0)
	unknown.device = func() (uint64, bool) { return 0, false }
	none("on an unknown file system", unknown, "a")
	stamp, _ := lies(t, tree, "a")
	for _, other := range []*Tree{elsewhere, unknown} {
		if _, ok := other.Unchanged("a", stamp); ok {
			t.Error("a unit elsewhere is as it was")
		}
	}
}

// TestFileSystemsThatTellNothing: what the kernel makes up has no times of changes.
func TestFileSystemsThatTellNothing(t *testing.T) {
	t.Parallel()
	tree, err := Open("/proc/self", fleet.Layout{Kinds: []fleet.Kind{{Name: "unit", At: []string{"*"}}}})
	if err != nil {
		t.Skip(err)
	}
	defer tree.Close()
	if _, ok := tree.device(); ok {
		t.Error("/proc has stamps")
	}
}

// TestStampsAgreeWithReading, whatever is done to a unit in whatever order.
func TestStampsAgreeWithReading(t *testing.T) {
	t.Parallel()
	dir, tree := stamping(t, stampedLayout())
	r := rand.New(rand.NewPCG(1, 2))
	a, b := filepath.Join(dir, "units/a"), filepath.Join(dir, "units/b")
	one := func(unit string) string {
		return filepath.Join(unit, []string{"one.yml", "two.yml", "read.me"}[r.IntN(3)])
	}
	text := func() []byte { return []byte{"ab"[r.IntN(2)], "ab"[r.IntN(2)]} }
	edits := []func() error{
		func() error { return os.WriteFile(one(a), text(), 0o644) },
		func() error { return os.Remove(one(a)) },
		func() error { return os.Rename(one(a), one(b)) },
		func() error { return os.Rename(one(b), one(a)) },
		func() error { return os.Link(one(a), one(b)) },
		func() error { return os.Symlink("one.yml", one(a)) },
		func() error { return os.Chtimes(one(a), time.Unix(1, 0), time.Unix(1, 0)) },
		func() error {
			return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
		},
	}
	known, same := map[string]id.Digest{}, 0
	for range 60 {
		for range r.IntN(3) {
			_ = edits[r.IntN(len(edits))]()
		}
		pass(t)
		for _, unit := range []id.Unit{"a", "b"} {
			files, _, err := tree.Unit(t.Context(), unit)
			for stamp, digest := range known {
				if _, ok := tree.Unchanged(unit, []byte(stamp)); ok {
					if same++; err != nil || digest != files.Digest() {
						t.Fatalf("%s is as it was, and another one: %v", unit, err)
					}
				}
			}
			if files, _, stamp, err := tree.Stamp(t.Context(), unit); err == nil && stamp != nil {
				known[string(stamp)] = files.Digest()
			}
		}
	}
	if same < 20 || len(known) < 20 {
		t.Errorf("%d stamps were made, and %d held", len(known), same)
	}
}
