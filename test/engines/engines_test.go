package engines

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/test/processes"
)

// The change of the second program: one word of one message.
const (
	changed = "manifest/verify_alerts.go"
	was, is = "expected whole minutes", "expected full minutes"
)

// teller is a command that says its engine and links little else.
const teller = `package main

import "github.com/seed306eabeb/muster/manifest"

func main() { print(manifest.New().Engine()) }
`

// TestEngine compares the engines of this test, which may be built for the race detector,
// of the command enqueue, and of other commands in copies of the module.
func TestEngine(t *testing.T) {
	t.Parallel()
	own := manifest.New().Engine()
	t.Run("the command", func(t *testing.T) {
		t.Parallel()
		root, err := processes.Root(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said := build(t, root, "./cmd/enqueue", "version")
		if want := "checker manifest engine " + own + "\n"; !strings.Contains(said, want) {
			t.Errorf("enqueue version says %q, want the engine of this test: %q", said, want)
		}
	})
	t.Run("the same sources elsewhere", func(t *testing.T) {
		t.Parallel()
		if got := build(t, copied(t), "./teller"); got != own {
			t.Errorf("engine %s, and this test has %s: want the same, whatever the folder and the flags", got, own)
		}
	})
	t.Run("another message", func(t *testing.T) {
		t.Parallel()
		dir := copied(t)
		replace(t, filepath.Join(dir, changed))
		if got := build(t, dir, "./teller"); got == own || len(got) != len(own) {
			t.Errorf("engine %s with another message, and %s without: want another one of the same length", got, own)
		}
	})
}

// copied is a folder with the module's sources, as far as its commands need them, and
// with the teller.
func copied(t *testing.T) string {
	t.Helper()
	root, err := processes.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(root, path)
		switch {
		case err != nil || relErr != nil:
			return err
		case e.IsDir() && name != "." && (strings.HasPrefix(name, ".") || name == "test" || name == "tools" || e.Name() == "testdata"):
			return fs.SkipDir
		case !isSource(name):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return write(filepath.Join(to, name), text)
	})
	if err := errors.Join(err, write(filepath.Join(to, "teller", "main.go"), []byte(teller))); err != nil {
		t.Fatal(err)
	}
	return to
}

// isSource says whether the module's commands are made of a file.
func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".go":
		return !strings.HasSuffix(name, "_test.go")
	case ".s":
		return true
	}
	return name == "go.mod" || name == "go.sum"
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// replace changes the message of a file.
func replace(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), was) {
		t.Fatalf("%s does not hold %q: choose another message", path, was)
	}
	if err := write(path, []byte(strings.Replace(string(text), was, is, 1))); err != nil {
		t.Fatal(err)
	}
}

// build makes a command of the module in dir, without symbols and with a version, and
// returns what it says.
func build(t *testing.T, dir, command string, args ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w -X main.version=v0.0.0-test", "-o", program, command)
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", command, err, out)
	}
	said, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, said)
	}
	return string(said)
}
