package schema

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seed306eabeb/muster/document"
)

var update = flag.Bool("update", false, "write golden files; read them before committing")

// TestMessages: each file of testdata has schemas, of which the first is compiled,
// documents in docs/, and what is said of all of them.
func TestMessages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := messages(a)
			last := &a.Files[len(a.Files)-1]
			if *update {
				if last.Name != "want" {
					a.Files = append(a.Files, txtar.File{Name: "want"})
					last = &a.Files[len(a.Files)-1]
				}
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(last.Data), got); d != "" {
				t.Errorf("%s: - expected, + got\n%s", file, d)
			}
		})
	}
}

// messages are what is said of the schemas and documents of an archive.
func messages(a *txtar.Archive) string {
	files, paths := fstest.MapFS{}, []string{}
	for _, f := range a.Files {
		if f.Name != "want" && !strings.HasPrefix(f.Name, "docs/") {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			paths = append(paths, f.Name)
		}
	}
	var out bytes.Buffer
	r, found := NewRegistry(files, paths)
	s, more := r.Compile(paths[0], Options{})
	for _, line := range append(said(found), said(more)...) {
		out.WriteString(line + "\n")
	}
	for _, f := range a.Files {
		name, isDoc := strings.CutPrefix(f.Name, "docs/")
		if !isDoc || s == nil {
			continue
		}
		format, _ := document.FormatOf(name)
		file := document.Reader{}.Read(name, f.Data, format)
		lines := said(file.Findings)
		for _, d := range file.Docs {
			lines = append(lines, said(checked(s, d))...)
		}
		if len(lines) == 0 {
			lines = []string{name + ": ok"}
		}
		out.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return out.String()
}
