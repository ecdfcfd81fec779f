package commit_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/commit"
	"github.com/seed306eabeb/muster/id"
)

// imported is a repository with a commit of so many services of three files each, which are packed.
func imported(t testing.TB, services int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	git(t, dir, "init", "--quiet", "--bare", "--initial-branch", "main")
	var in strings.Builder
	in.WriteString("commit refs/heads/main\ncommitter t <t@example.org> 0 +0000\ndata 0\n")
	for i := range services {
		for _, name := range []string{"manifest.yml", "values.yml", "templates/app.j2"} {
			text := fmt.Sprintf("name: service-%d\nfile: %s\n%s", i, name, strings.Repeat("key: value\n", 60))
			fmt.Fprintf(&in, "M 100644 inline services/service-%06d/%s\ndata %d\n%s\n", i, name, len(text), text)
		}
	}
	cmd := exec.Command("git", "-C", dir, "fast-import", "--quiet")
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMemory: a commit costs the names of its units, and of the files of the last ones.
func TestMemory(t *testing.T) {
	const units, most = 5_000, 400 // bytes a unit of three files
	dir := imported(t, units)
	before := held()
	tree := open(t, dir, "main", services)
	for unit := range tree.Units(t.Context()) {
		if files, _, ok := tree.Files(t.Context(), unit); !ok || len(files) != 3 {
			t.Fatalf("%s: %d files, %t", unit, len(files), ok)
		}
	}
	if n := (held() - before) / units; n > most {
		t.Errorf("a unit costs %d bytes, want %d at most", n, most)
	}
	runtime.KeepAlive(tree)
}

// held is how many bytes are in use.
func held() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// BenchmarkOpen lists a commit.
func BenchmarkOpen(b *testing.B) {
	dir := imported(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		c, err := commit.Open(b.Context(), dir, "main")
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// BenchmarkFiles names the files of units that are known by name, and by path.
func BenchmarkFiles(b *testing.B) {
	dir := imported(b, 10_000)
	for name, layout := range map[string]fleet.Layout{"ByName": services, "ByPath": {Kinds: []fleet.Kind{{Name: "unit", At: []string{"services/*/"}}}}} {
		b.Run(name, func(b *testing.B) {
			tree := open(b, dir, "main", layout)
			units := all(b, tree)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if files, _, ok := tree.Files(b.Context(), units[i%len(units)]); !ok || len(files) != 3 {
					b.Fatalf("%d files, %t", len(files), ok)
				}
			}
		})
	}
}

// BenchmarkUnit reads units, as many at once as there are cores.
func BenchmarkUnit(b *testing.B) {
	tree := open(b, imported(b, 10_000), "main", services)
	units := make(chan id.Unit, 1000)
	go func() {
		defer close(units)
		for {
			for _, unit := range all(b, tree) {
				select {
				case units <- unit:
				case <-b.Context().Done():
					return
				}
			}
		}
	}()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if files, _, err := tree.Unit(b.Context(), <-units); err != nil || files.Len() != 3 {
				b.Errorf("%d files, %v", files.Len(), err)
				return
			}
		}
	})
}
