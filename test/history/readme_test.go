package history

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// readme is a kind of check that all units get beside their own. It reads but a few of their files,
// and one of those that they share, and finds what is in them.
type readme struct{}

func (readme) Name() string          { return "readme" }
func (readme) Engine() string        { return "readme-1" }
func (readme) Rules() []verdict.Rule { return nil }

func (k readme) Open(shared fs.FS) (check.Session, error) {
	teams, err := fs.ReadFile(shared, "teams.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return readmes{k, teams}, err
}

type readmes struct {
	readme
	teams []byte
}

var _ check.Narrow = readmes{}

func (readmes) Findings() []verdict.Finding { return nil }
func (readmes) Joins() []verdict.Join       { return nil }
func (readmes) Traits() check.Traits        { return check.Traits{} }

func (readmes) Reads() func(file string) bool {
	return func(file string) bool {
		end := path.Ext(file)
		return end == ".md" || end == ".j2" || end == ".json" || end == ".tf"
	}
}

func (r readmes) Shared() id.Digest { return id.Digest(fmt.Sprintf("%x", sha256.Sum256(r.teams))) }

func (r readmes) Check(_ context.Context, u check.Unit, _ []string) (verdict.Decision, error) {
	all, err := texts(u.Files)
	f := verdict.Finding{Rule: "X2", Severity: verdict.Warning, Message: fmt.Sprintf("%s %s %s has %s and %s", u.Name, u.Path, u.Dir, all, r.teams), Place: verdict.Place{File: u.Path}}
	return verdict.Decision{Regions: []string{}, Findings: []verdict.Finding{f}}, err
}
