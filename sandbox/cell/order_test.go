package cell

import (
	"bufio"
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestImportsAreInitialisedEarly, so that a cell does not wait for the rest of its program.
func TestImportsAreInitialisedEarly(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			if late := []string{`"path"`, `"path/filepath"`, `"regexp"`, `"text/template"`, `"log/slog"`, `"os/exec"`}; slices.Contains(late, imported.Path.Value) {
				t.Errorf("%s imports %s, which is initialised late", name, imported.Path.Value)
			}
		}
	}
}

// TestSend: what is sent is read, and a name that leads out of the folder is not.
func TestSend(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"a": true, "a/b.yaml": true, "../a": false, "/a": false, "a/../b": false, "a//b": false} {
		var text bytes.Buffer
		err := Send(&text, Order{Folder: "/job"}, func(put Put) error { return put(name, 4, strings.NewReader("text")) })
		if err != nil {
			t.Fatal(err)
		}
		in := stream{bufio.NewReader(&text)}
		if o, err := readOrder(in); err != nil || o.Folder != "/job" {
			t.Fatalf("%+v, %v", o, err)
		}
		read := map[string]string{}
		err = readFiles(in, func(name string, text []byte) error { read[name] = string(text); return nil })
		if (err == nil) != ok || ok && read[name] != "text" {
			t.Errorf("%s: %q, %v", name, read, err)
		}
	}
	why := errors.New("gone")
	if err := Send(&bytes.Buffer{}, Order{}, func(Put) error { return why }); !errors.Is(err, why) {
		t.Errorf("%v; want %v", err, why)
	}
}
