package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeModule writes a module with these files, and is its root.
func writeModule(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.org/m\n")
	for name, text := range files {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// measured is the report on a module with one file, a.go.
func measured(t *testing.T, text string) *report {
	t.Helper()
	m, err := load(writeModule(t, map[string]string{"a.go": "package a\n" + text}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return measure(m)
}

// only is the one sample that there has to be.
func only(t *testing.T, samples []sample) sample {
	t.Helper()
	if len(samples) != 1 {
		t.Fatalf("%d samples, want one: %v", len(samples), samples)
	}
	return samples[0]
}

func TestExecute(t *testing.T) {
	t.Parallel()
	root := writeModule(t, map[string]string{
		"a.go":      "package a\n\n// T is wide.\ntype T struct{ a, b, c int }\n\nvar rows = []struct{ a, b, c, d int }{}\n",
		"a_test.go": "package a\n",
		"p/p.go":    "package p\n\nfunc F(a int) {\n\tprintln(a)\n}\n",
		"p/more.go": "package p\n",
	})
	const want = `Left out: tests, testdata, vendor, generated files, and what is below tools, x.

measure                                  of  median  p90  p99  max  where
lines of a function                       1       3    3    3    3  p/p.go:3 F
statements of a function                  1       1    1    1    1  p/p.go:3 F
tokens of a function body                 1       4    4    4    4  p/p.go:3 F
cyclomatic complexity                     1       1    1    1    1  p/p.go:3 F
parameters of a function                  1       1    1    1    1  p/p.go:3 F
lines of a file                           3       5    6    6    6  a.go
fields of a struct, table rows left out   1       3    3    3    3  a.go:4 T
methods of an interface                   0       0    0    0

total
production lines that are not blank               9
test lines, in _test.go files                     1
test lines per production line                0.111
lines of other files below the skipped paths      0
both kinds per production line                0.111
share of lines with only a comment            0.111
func init                                         0
package-level variables                           1

widest structs  fields  where
struct in rows       4  a.go:6  a table row
T                    3  a.go:4
A table row is an anonymous struct in a slice, array or map that is written out.

package  exported  undocumented  files  lines
.               1             0      1      4
p               1             1      2      5
all             2             1      3      9
`
	var out strings.Builder
	if err := execute([]string{"-skip", "tools/, x,", filepath.Join(root, "p")}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("printed:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestExecuteNamesStructsThatAreTooWide(t *testing.T) {
	t.Parallel()
	root := writeModule(t, map[string]string{"a.go": `package a

type three struct{ a, b, c int }
type two struct{ a, b int }
type four struct{ a, b, c, d int }

var rows = []struct{ a, b, c, d, e int }{}
`})
	for limit, want := range map[string]string{
		"0": "",
		"4": "",
		"2": "structs with more than 2 fields: four has 4 (a.go:5), three has 3 (a.go:3)",
	} {
		var out strings.Builder
		err := execute([]string{"-max-struct", limit, root}, &out, &out)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("-max-struct %s: %q, want %q", limit, got, want)
		}
		if !strings.Contains(out.String(), "widest structs") {
			t.Errorf("-max-struct %s prints no measures:\n%s", limit, out.String())
		}
	}
}

func TestExecuteTellsWhatItCannotMeasure(t *testing.T) {
	t.Parallel()
	broken := writeModule(t, map[string]string{"p/a.go": "package p\n\nfunc {\n"})
	empty := writeModule(t, map[string]string{"a_test.go": "package a\n"})
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{broken}, "p/a.go:3:6: expected"},
		{[]string{empty}, "no production code"},
		{[]string{t.TempDir()}, "no go.mod"},
		{[]string{"a", "b"}, "one directory at most"},
		{[]string{"a", "-max-struct=1"}, "one directory at most"},
		{[]string{"-max-struct", "wide"}, "invalid value"},
	} {
		var out strings.Builder
		err := execute(tt.args, &out, &out)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("measure %q: %v, want an error that says %q", tt.args, err, tt.want)
		}
	}
}
