package worktree_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
)

// manyFolders is the size of a large fleet.
const manyFolders = 100_000

// BenchmarkUnits lists a large fleet of units by name, and of units by path.
func BenchmarkUnits(b *testing.B) {
	dir := b.TempDir()
	for i := range manyFolders {
		if err := os.MkdirAll(filepath.Join(dir, "units", fmt.Sprintf("unit-%06d", i)), 0o755); err != nil {
			b.Fatal(err)
		}
	}
	for name, layout := range map[string]fleet.Layout{"ByName": layout, "ByPath": {Kinds: []fleet.Kind{{Name: "unit", At: []string{"units/*/"}}}}} {
		b.Run(name, func(b *testing.B) {
			f, err := worktree.Open(dir, layout)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range f.Units(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != manyFolders {
					b.Fatalf("%d units", n)
				}
			}
		})
	}
}

// BenchmarkUnit reads small units, as an enqueuer does.
func BenchmarkUnit(b *testing.B) {
	files := map[string]string{}
	for i := range 1000 {
		for _, name := range []string{"main.yml", "dev.yml", "prod.yml", "notes.txt"} {
			files[fmt.Sprintf("units/unit-%03d/%s", i, name)] = strings.Repeat("key: value\n", 40)
		}
	}
	dir := checkout(b, files)
	for name, layout := range map[string]fleet.Layout{"ByName": layout, "ByPath": {Kinds: []fleet.Kind{{Name: "unit", At: []string{"units/*/"}, File: layout.Kinds[0].File}}}} {
		b.Run(name, func(b *testing.B) {
			f, err := worktree.Open(dir, layout)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			names := names(b, f)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, _, err := f.Unit(b.Context(), id.Unit(names[i%len(names)])); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
