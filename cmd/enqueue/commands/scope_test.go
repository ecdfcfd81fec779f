package commands

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/cli"
)

// marked is a configuration of which nothing is asked but what marks its repositories.
func marked(marker string) config.Config {
	return config.Config{Checks: make(check.Kinds, 1), Layout: fleet.Layout{Marker: marker}}
}

// TestTheNearestRepositoryIsMeant, whichever configuration it has, and whatever the environment
// says.
func TestTheNearestRepositoryIsMeant(t *testing.T) {
	outer := t.TempDir()
	inner := filepath.Join(outer, "services", "inner")
	if err := errors.Join(os.MkdirAll(inner, 0o755), os.WriteFile(filepath.Join(outer, "first.conf"), nil, 0o644),
		os.WriteFile(filepath.Join(inner, "second.conf"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	t.Setenv(repoEnv, outer)
	for _, c := range []struct{ from, marker string }{{inner, "second.conf"}, {outer, "first.conf"}} {
		t.Chdir(c.from)
		f := scopeFlags{program: cli.Program{Configs: []config.Config{marked("first.conf"), marked("second.conf")}}}
		s, err := f.open(t.Context(), cli.NewLog(io.Discard, "enqueue", 0))
		if err != nil {
			t.Fatal(err)
		}
		s.Fleet.Close()
		if got := s.Fleet.Layout().Marker; got != c.marker || !isSameFolder(s.Fleet.Dir(), c.from) {
			t.Errorf("from %s: %s by %s, want it by %s", c.from, s.Fleet.Dir(), got, c.marker)
		}
	}
}
