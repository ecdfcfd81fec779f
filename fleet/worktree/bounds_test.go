package worktree

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed306eabeb/muster/bundle"
)

// Files that are kept and folders count, files that nobody keeps do not.
func TestReadBoundsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 3 {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint("folder", i)), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"kept", "not"} {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(name, i)), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for bound := range 9 {
		r := newReader(root, "d", func(p string) bool { return p[0] == 'k' }, 1<<20)
		r.files = bound
		b, err := r.read([]string{"."})
		var large *bundle.TooLargeError
		switch {
		case bound >= 6 && (err != nil || b.Len() != 3):
			t.Errorf("bound %d: %d files, %v", bound, b.Len(), err)
		case bound < 6 && (!errors.As(err, &large) || *large != bundle.TooLargeError{Dir: "d", Unit: "files", Limit: bound, Size: bound + 1}):
			t.Errorf("bound %d: error = %v", bound, err)
		}
	}
}
