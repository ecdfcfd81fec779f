package worktree

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

// TestDirectReadingIsReading: a unit that is read in few system calls is the one that is read
// at leisure, and where something is unusual it is left to that.
func TestDirectReadingIsReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, file := range []string{"apps/a/b/flat/x.yml", "apps/a/b/flat/y.yml", "apps/a/b/deep/x/y.yml", "rules/a/b/c.yml", "rules/d.yml", "rules/large.yml", "top.yml", "elsewhere/flat/x.yml"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		text := []byte("at: " + file)
		if file == "rules/large.yml" {
			text = bytes.Repeat([]byte("x"), 2000)
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"apps/a/alias": "b", "apps/a/b/alias": "flat", "rules/alias.yml": "d.yml", "apps/out": "../elsewhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := Open(dir, fleet.Layout{Kinds: []fleet.Kind{
		{Name: "app", At: []string{"apps/**/*/"}, File: func(p string) bool { return p != "y.yml" }}, {Name: "rule", At: []string{"rules/**/*.yml", "*.yml"}, Limit: 1000},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	for unit, direct := range map[id.Unit]bool{
		"apps/a/b/flat": true, "rules/a/b/c.yml": true, "rules/d.yml": true, "top.yml": true, "elsewhere/flat": false,
		"apps/a/b/deep": false, "apps/a/alias/flat": false, "apps/a/b/alias": false, "apps/out/flat": false, "rules/alias.yml": false, "rules/large.yml": false, "rules/none.yml": false,
	} {
		files, kind, ok := tree.readDirect(unit, nil)
		if ok != direct {
			t.Errorf("%s: read directly: %v, want %v", unit, ok, direct)
		}
		slow, slowKind, err := tree.readAt(unit, 0)
		if ok && (err != nil || kind != slowKind || files.Digest() != slow.Digest()) {
			t.Errorf("%s is %v of kind %d, and at leisure %v of kind %d, %v", unit, files.Digest(), kind, slow.Digest(), slowKind, err)
		}
	}
}
