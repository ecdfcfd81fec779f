package manifest

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// repo is a repository in memory: paths and texts. Two texts are signs: a file
// that is absent, and one that is a named pipe.
type repo map[string]string

const (
	absent    = "(absent)\n"
	namedPipe = "(a named pipe)\n"
)

// exampleRepo is the valid repository over which examples are laid.
func exampleRepo(tb testing.TB) repo {
	tb.Helper()
	r := repo{}
	root := os.DirFS("testdata/example")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		r[path] = string(data)
		return err
	})
	if err != nil || len(r) < 4 {
		tb.Fatalf("read the example repository: %d files, %v", len(r), err)
	}
	return r
}

// lay puts an example of a rule over r, as Rules says.
func (r repo) lay(example string) repo {
	out := maps.Clone(r)
	if !strings.HasPrefix(example, "-- ") {
		example = "-- services/svc/manifest.yml --\n" + example
	}
	for _, f := range txtar.Parse([]byte(example)).Files {
		base, known := out[f.Name]
		text := string(f.Data)
		if known && text != absent && text != namedPipe {
			text = layKeys(base, text)
		}
		out[f.Name] = text
	}
	return out
}

// layKeys replaces the top-level keys of a YAML text by those of another.
func layKeys(base, over string) string {
	overKeys := map[string]bool{}
	for _, block := range topLevel(over) {
		overKeys[keyOf(block)] = true
	}
	var b strings.Builder
	for _, block := range topLevel(base) {
		if !overKeys[keyOf(block)] {
			b.WriteString(block)
		}
	}
	b.WriteString(over)
	return b.String()
}

// topLevel cuts a text into its top-level keys with their values.
func topLevel(text string) []string {
	var blocks []string
	start, at := 0, 0
	for line := range strings.Lines(text) {
		if at > start && !strings.ContainsAny(line[:1], " -#\n") {
			blocks, start = append(blocks, text[start:at]), at
		}
		at += len(line)
	}
	return append(blocks, text[start:])
}

func keyOf(block string) string {
	key, _, _ := strings.Cut(block, ":")
	return key
}

func (r repo) fs() fs.FS {
	files := fstest.MapFS{}
	for path, text := range r {
		switch text {
		case absent:
		case namedPipe:
			files[path] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
		default:
			files[path] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
	}
	return files
}

// services are the folders of services/, sorted.
func (r repo) services() []string {
	var names []string
	for path := range r {
		if rest, ok := strings.CutPrefix(path, "services/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r repo) open(tb testing.TB) *session {
	tb.Helper()
	s, err := open(r.fs())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (r repo) unit(tb testing.TB, name string) check.Unit {
	tb.Helper()
	sub, err := fs.Sub(r.fs(), "services/"+name)
	if err != nil {
		tb.Fatal(err)
	}
	return check.Unit{Name: id.Unit(name), Dir: Services + "/" + name, Files: sub}
}

// check audits a service in all regions.
func (r repo) check(tb testing.TB, name string) verdict.Decision {
	tb.Helper()
	s := r.open(tb)
	d, err := s.Check(context.Background(), r.unit(tb, name), s.Regions())
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// found are the findings of an example of svc.
func found(tb testing.TB, example string) []verdict.Finding {
	tb.Helper()
	return exampleRepo(tb).lay(example).check(tb, "svc").Findings
}
