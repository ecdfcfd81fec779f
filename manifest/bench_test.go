package manifest_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/manifest"
)

// BenchmarkService checks one ordinary service: a manifest of some 75 lines, an
// override and a template, all in memory.
func BenchmarkService(b *testing.B) {
	repo := os.DirFS("testdata/bench")
	s, err := manifest.New().Open(repo)
	if err != nil {
		b.Fatal(err)
	}
	unit := check.Unit{Name: "checkout-api", Files: memory(b, repo, "services/checkout-api")}
	b.ReportAllocs()
	for b.Loop() {
		d, err := s.Check(b.Context(), unit, []string{"dev-uk"})
		if err != nil {
			b.Fatal(err)
		}
		if len(d.Findings) > 0 || len(d.Regions) != 1 {
			b.Fatalf("the service is not valid as it should be: %+v", d)
		}
	}
}

// memory copies a folder into memory.
func memory(tb testing.TB, repo fs.FS, folder string) fs.FS {
	tb.Helper()
	files := fstest.MapFS{}
	entries, err := fs.ReadDir(repo, folder)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range entries {
		data, err := fs.ReadFile(repo, folder+"/"+e.Name())
		if err != nil {
			tb.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	return files
}
