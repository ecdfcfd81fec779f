package commands

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/internal/cli"
)

// marked is a checker of which nothing is asked but what marks its repositories.
type marked struct {
	check.Kind
	marker string
}

func (m marked) Layout() check.Layout { return check.Layout{Marker: m.marker, Units: "services"} }

// TestTheNearestRepositoryIsMeant, whichever checker's it is, and whatever the environment
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
		f := scopeFlags{program: cli.Program{Kinds: check.Kinds{marked{marker: "first.conf"}, marked{marker: "second.conf"}}}}
		s, err := f.open(cli.NewLog(io.Discard, "enqueue", 0))
		if err != nil {
			t.Fatal(err)
		}
		s.Fleet.Close()
		if got := s.Checks[0].Layout().Marker; got != c.marker || !isSameFolder(s.Fleet.Dir(), c.from) {
			t.Errorf("from %s: %s by %s, want it by %s", c.from, s.Fleet.Dir(), got, c.marker)
		}
	}
}
