package schema

import (
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/document"
)

// BenchmarkCheck holds the files of a fleet against their schemas, and beside it what reading
// them into nodes takes.
func BenchmarkCheck(b *testing.B) {
	for _, f := range fleets {
		b.Run(f.name, func(b *testing.B) {
			dir := fleetFolder(b, f.name)
			texts, docs, with := loaded(b, f, dir)
			b.Run("nodes", func(b *testing.B) {
				for b.Loop() {
					for _, text := range texts {
						var n yaml.Node
						_ = yaml.Unmarshal(text, &n)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(texts)), "µs/file")
			})
			b.Run("check", func(b *testing.B) {
				for b.Loop() {
					for i, d := range docs {
						checked(with[i], d)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(docs)), "µs/doc")
			})
			b.Run("compile", func(b *testing.B) {
				for b.Loop() {
					r, _ := NewRegistry(os.DirFS(dir), f.schemas)
					r.Compile(f.oracle, Options{})
				}
			})
		})
	}
}

// loaded are the files of a fleet, of nf-core the meta.yml alone, and their documents with their schemas.
func loaded(b *testing.B, f fleet, dir string) (texts [][]byte, docs []*document.Document, with []*Schema) {
	b.Helper()
	schemas := f.compiled(b, dir, Options{})
	for _, name := range filesOf(b, f, dir) {
		if f.name == "nf-core" && filepath.Base(name) != "meta.yml" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, text)
		for _, d := range readFile(b, dir, name).Docs {
			docs, with = append(docs, d), append(with, schemas[f.of(name)])
		}
	}
	return texts, docs, with
}
