package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestRunWritesAFleet(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	if err := run([]string{"-n", "3", "-out", out}, nil); err != nil {
		t.Fatal(err)
	}
	manifests, err := filepath.Glob(filepath.Join(out, "services", "*", "manifest.yml"))
	if err != nil || len(manifests) != 3 {
		t.Errorf("got %d manifests (%v), want 3", len(manifests), err)
	}
}

func TestRunNeedsAFolder(t *testing.T) {
	t.Parallel()
	err := run([]string{"-n", "3"}, nil)
	if err == nil || err.Error() != "no folder to write to: add -out DIR" {
		t.Errorf("got error %v", err)
	}
}

func TestRunListsTheKinds(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-list-kinds"}, &out); err != nil {
		t.Fatal(err)
	}
	const line = "bad-cron                 a cron schedule that does not parse\n"
	if !strings.Contains(out.String(), line) {
		t.Errorf("got:\n%swant a line %q", out.String(), line)
	}
}
