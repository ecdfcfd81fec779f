package document

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"
)

// BenchmarkFleet reads the files of real repositories, which lie in a folder each below
// MUSTER_FLEETS, and compares with their parser alone.
func BenchmarkFleet(b *testing.B) {
	for _, fleet := range []struct {
		pattern string
		format  Format
	}{{"nf-core/modules/**/meta.yml", YAML}, {"vcpkg/ports/**/vcpkg.json", JSON}} {
		files := fleetFiles(b, filepath.Dir(filepath.Dir(fleet.pattern)), filepath.Base(fleet.pattern))
		size := 0
		for _, f := range files {
			size += len(f)
		}
		name := filepath.Base(fleet.pattern)
		if fleet.format == YAML {
			b.Run(name+"/yaml.v3", func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					for _, text := range files {
						parse(b, text)
					}
				}
			})
		}
		b.Run(name+"/document", func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, text := range files {
					if f := (Reader{}).Read("f", text, fleet.format); len(f.Docs) == 0 {
						b.Fatal(f.Findings)
					}
				}
			}
		})
	}
}

// parse has yaml.v3 read all documents of a text into nodes.
func parse(b *testing.B, text []byte) {
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			b.Fatal(err)
		}
	}
}

// fleetFiles are the texts of the files with a name below a folder of MUSTER_FLEETS.
func fleetFiles(b *testing.B, folder, name string) [][]byte {
	b.Helper()
	root := os.Getenv("MUSTER_FLEETS")
	if root == "" {
		b.Skip("MUSTER_FLEETS names no folder of repositories (nf-core, vcpkg)")
	}
	var files [][]byte
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != name {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, data)
		return err
	})
	if err != nil || len(files) == 0 {
		b.Fatalf("%d files %s below %s: %v", len(files), name, folder, err)
	}
	return files
}
