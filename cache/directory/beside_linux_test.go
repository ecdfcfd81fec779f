package directory_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/directory"
)

// TestACopyHasAnotherName, and what lies on another file system none.
func TestACopyHasAnotherName(t *testing.T) {
	t.Parallel()
	around := t.TempDir()
	beside := func(dir, folder string) (string, bool) {
		t.Helper()
		s, err := directory.Open(filepath.Join(around, dir), directory.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return cache.Local(s).Beside(folder)
	}
	name, ok := beside("a", around)
	if !ok {
		t.Skip("the file system does not tell when a folder was made")
	}
	if again, ok := beside("a", around); !ok || again != name {
		t.Errorf("it is %q and then %q, %v", name, again, ok)
	}
	if err := os.Rename(filepath.Join(around, "a"), filepath.Join(around, "was")); err != nil {
		t.Fatal(err)
	}
	if other, ok := beside("a", around); !ok || other == name {
		t.Errorf("two directories are %q, %v", other, ok)
	}
	for _, folder := range []string{"/proc", filepath.Join(around, "absent")} {
		if _, ok := beside("a", folder); ok {
			t.Errorf("it lies on the file system of %s", folder)
		}
	}
}
