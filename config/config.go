// Package config says what the units of a repository are and which checks they get. What a
// repository is, is told by what lies in it: Load chooses among the configurations that a
// program knows, each by its layout's marker.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/owners"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// Config is what is verified in a repository.
type Config struct {
	Layout fleet.Layout
	Checks check.Kinds // those that kinds of units name, or else every unit gets
	// Findings are the mistakes of the configuration. With an error nothing is verified, and the
	// layout may be empty.
	Findings []verdict.Finding
	// Locate gives a finding about the configuration its place there; nil leaves it as it is.
	Locate func(verdict.Finding) verdict.Finding
	// Declared: the marker itself says what is verified, with some of Checks.
	Declared bool
	// Declaration is what a muster.yaml says, once it is loaded; nil where there is none.
	Declaration *Declaration
	// Policy is how what is found is judged, and Baseline the file with the findings that were
	// there before.
	Policy   policy.Policy
	Baseline Baseline
	// Owners say where it stands whose the units are.
	Owners Owners
}

// Settings are all values in force, and where they come from.
func (c Config) Settings() []Setting {
	switch {
	case c.Declaration == nil:
		return slices.Concat(builtinSettings(c), c.Baseline.setting(), c.Owners.settings())
	case len(c.Layout.Kinds) > 0 && c.Layout.Marker != Marker:
		return append(builtinSettings(c), c.Declaration.policySettings()...)
	}
	return c.Declaration.Settings()
}

// Markers are the files that mark the root of a repository, one for each configuration, in
// the order in which Load looks for them.
func Markers(known []Config) []string {
	markers := make([]string, len(known))
	for i, c := range inOrder(known) {
		markers[i] = c.Layout.Marker
	}
	return markers
}

// Kinds are the kinds of check that the configurations have, each once.
func Kinds(known []Config) (all check.Kinds) {
	for _, c := range known {
		for _, k := range c.Checks {
			// By its own name: a family has a member for each command, and none that can run it.
			if !slices.ContainsFunc(all, func(other check.Kind) bool { return other.Name() == k.Name() }) {
				all = append(all, k)
			}
		}
	}
	return all
}

// Load is the configuration of the repository in the folder dir: the first of the known ones,
// at least one, whose marker lies there. One that says itself what is verified goes before
// those that a program has built in.
func Load(dir string, known []Config) (Config, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Config{}, fmt.Errorf("open the repository: %w: name the folder that has a %s with --repo DIR", err, strings.Join(Markers(known), " or a "))
	}
	defer root.Close()
	c, found, err := LoadFiles(root.FS(), known)
	switch {
	case err != nil:
		return Config{}, fmt.Errorf("open the repository %s: %w", dir, err)
	case !found:
		return Config{}, fmt.Errorf("%s is not the root of a repository: it has no %s: name the folder that has one with --repo DIR", dir, strings.Join(Markers(known), " and no "))
	}
	return c, nil
}

// LoadFiles is Load of files that lie in no folder. ok is false where there is no marker among
// them.
func LoadFiles(files fs.FS, known []Config) (c Config, ok bool, err error) {
	for _, c := range inOrder(known) {
		_, err := fs.Stat(files, c.Layout.Marker)
		switch {
		case err == nil && c.Declared:
			c, err := c.load(files, known)
			return c, true, err
		case err == nil:
			if _, err := fs.Stat(files, Misnamed); err == nil {
				return Config{}, false, &MisnamedError{c.Layout.Marker}
			}
			c.Baseline, c.Owners.CodeOwners = defaultBaseline(files), cmp.Or(c.Owners.CodeOwners, ownersAuto)
			return c, true, nil
		case !errors.Is(err, fs.ErrNotExist):
			return Config{}, false, err
		}
	}
	if _, err := fs.Stat(files, Misnamed); err == nil {
		return Config{}, false, &MisnamedError{}
	}
	return Config{}, false, nil
}

// MisnamedError says that there is a file that somebody takes for a muster.yaml.
type MisnamedError struct{ beside string } // the marker that is there as well, "" for none

func (e *MisnamedError) Error() string {
	if e.beside != "" {
		return fmt.Sprintf("it has a %s beside its %s, which nobody reads: call it %s, or something else", Misnamed, e.beside, Marker)
	}
	return fmt.Sprintf("it has a %s, which nobody reads: call it %s", Misnamed, Marker)
}

// inOrder are configurations in the order in which Load tries them.
func inOrder(known []Config) []Config {
	ordered := slices.Clone(known)
	slices.SortStableFunc(ordered, func(a, b Config) int { return rank(a) - rank(b) })
	return ordered
}

// rank is 0 for what goes first.
func rank(c Config) int {
	if c.Declared {
		return 0
	}
	return 1
}

// load reads what the marker says, which may leave it to another one of known what is verified.
// With mistakes nothing is said of where units lie.
func (c Config) load(files fs.FS, known []Config) (Config, error) {
	d, err := readDeclaration(files, known)
	if err != nil {
		return Config{}, err
	}
	if d.beside != nil && d.root.Missing("units") {
		c = *d.beside
		c.Layout.Governing = append(slices.Clone(c.Layout.Governing), Marker)
	}
	c.Declaration, c.Findings, c.Locate, c.Policy, c.Baseline, c.Owners = d, d.Findings, d.Locate, d.Policy, d.Baseline, d.Owners
	switch {
	case verdict.HasError(d.Findings):
		c.Findings = d.withThoseOfChecks(files)
	case c.Declared:
		c.Layout = d.Layout
	}
	return c, nil
}

// besides is the first of the known configurations that lies beside a muster.yaml and says of
// itself what is verified, nil if there is none.
func besides(files fs.FS, known []Config) (*Config, error) {
	for _, c := range inOrder(known) {
		if c.Declared {
			continue
		}
		switch _, err := fs.Stat(files, c.Layout.Marker); {
		case err == nil:
			return &c, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("look for %s: %w", c.Layout.Marker, err)
		}
	}
	return nil, nil
}

// AllRules are all the rules that a report of a program with some configurations may name, sorted
// by code.
func AllRules(known []Config) []verdict.Rule {
	return slices.SortedFunc(slices.Values(slices.Concat(Kinds(known).Rules(), fleet.Rules(), Rules(), policy.Rules(), owners.Rules())), func(a, b verdict.Rule) int {
		return strings.Compare(a.Code, b.Code)
	})
}
