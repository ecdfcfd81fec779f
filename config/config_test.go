package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
)

var known = []config.Config{{Layout: fleet.Layout{Marker: "first.conf"}}, {Layout: fleet.Layout{Marker: "second.conf"}}}

// TestTheMarkerChooses: the first configuration whose marker a folder has.
func TestTheMarkerChooses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		files []string
		want  string
		says  []string // of the error
	}{
		{files: []string{"first.conf"}, want: "first.conf"},
		{files: []string{"second.conf", "README.md"}, want: "second.conf"},
		{files: []string{"second.conf", "first.conf"}, want: "first.conf"},
		{files: []string{"README.md"}, says: []string{"is not the root of a repository", "no first.conf and no second.conf", "--repo"}},
	} {
		dir := t.TempDir()
		for _, name := range tt.files {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := config.Load(dir, known)
		if got.Layout.Marker != tt.want || (err != nil) != (tt.says != nil) {
			t.Errorf("with %q: %q, %v; want %q", tt.files, got.Layout.Marker, err, tt.want)
		}
		for _, words := range tt.says {
			if !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), dir) {
				t.Errorf("with %q: %v, want an error that says %q of %s", tt.files, err, words, dir)
			}
		}
	}
}

func TestNoFolderIsNoRepository(t *testing.T) {
	t.Parallel()
	_, err := config.Load(filepath.Join(t.TempDir(), "none"), known)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "first.conf") || !strings.Contains(err.Error(), "--repo") {
		t.Errorf("absent folder: error = %v", err)
	}
}

// TestMistakesOfAllKindsAtOnce: those of the file, and those that its checks find in expressions.
func TestMistakesOfAllKindsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "muster: 1\nunits:\n  app:\n    at: apps/*.yaml\n    cheks: []\n    checks:\n      - {rule: \"slef.x == 1\"}\n      - {schema: none.json}\n"
	for name, data := range map[string]string{config.Marker: text, "apps/a.yaml": "x: 1"} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := config.Load(dir, config.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, f := range got.Findings {
		rules = append(rules, f.Rule+" "+f.Place.String())
	}
	if want := []string{"C108 muster.yaml:5:5", "C301 muster.yaml:7:17", "C203 muster.yaml:8:18"}; !slices.Equal(rules, want) {
		t.Errorf("found %q, want %q", rules, want)
	}
}

func TestMarkers(t *testing.T) {
	t.Parallel()
	if got := config.Markers(known); !slices.Equal(got, []string{"first.conf", "second.conf"}) {
		t.Errorf("markers %q", got)
	}
}
