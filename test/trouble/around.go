//go:build unix

package trouble

import (
	"cmp"
	"context"
	"io/fs"
	"os"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/verdict"
)

// Step begins a line by which a unit of a repository with a muster.yaml makes trouble, in any
// of its files: it is a comment there.
const Step = "# do: "

// Configs are the product's, in which what a muster.yaml declares is checked around trouble, and
// Config.
func Configs() []config.Config {
	all := config.Builtin()
	for _, c := range all {
		for i, k := range c.Checks {
			if k.Name() == declared.Name {
				c.Checks[i] = Around(k)
			}
		}
	}
	return append(all, Config())
}

// Around is a kind of check whose units take their steps before they are checked. It finds what
// the kind finds alone, but for what the steps do.
func Around(k check.Kind) check.Kind { return around{k} }

type around struct{ check.Kind }

func (a around) Engine() string { return cmp.Or(os.Getenv(EngineEnv), a.Kind.Engine()) }

func (a around) Open(shared fs.FS) (check.Session, error) {
	s, err := a.Kind.Open(shared)
	if err != nil {
		return nil, err
	}
	if r, ok := s.(check.Regional); ok {
		return aroundRegions{aroundSession{s}, r}, nil
	}
	return aroundSession{s}, nil
}

type aroundSession struct{ check.Session }

// Rules are those of the session around which the trouble is made.
func (a aroundSession) Rules() []verdict.Rule {
	if r, ok := a.Session.(check.Ruled); ok {
		return r.Rules()
	}
	return nil
}

func (a aroundSession) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	found, err := allSteps(ctx, u)
	if err != nil {
		return verdict.Decision{Regions: []string{}}, err
	}
	d, err := a.Session.Check(ctx, u, regions)
	d.Findings = append(d.Findings, found...)
	return d, err
}

// allSteps takes the steps of all files of a unit.
func allSteps(ctx context.Context, u check.Unit) (found []verdict.Finding, err error) {
	err = fs.WalkDir(u.Files, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(u.Files, file)
		if err != nil {
			return err
		}
		some, err := takeAll(ctx, text, Step, u.At(file))
		found = append(found, some...)
		return err
	})
	return found, err
}

// aroundRegions is for a session that has regions.
type aroundRegions struct {
	aroundSession
	regional check.Regional
}

func (a aroundRegions) Regions() []string                 { return a.regional.Regions() }
func (a aroundRegions) Region(name string) (string, bool) { return a.regional.Region(name) }
