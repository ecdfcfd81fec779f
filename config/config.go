// Package config says what the units of a repository are and which checks they get. What a
// repository is, is told by what lies in it: Load chooses among the configurations that a
// program knows, each by its layout's marker.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
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
	// Declaration is what a marker says that does so, once it is loaded; nil for others.
	Declaration *Declaration
}

// Settings are all values in force, and where they come from.
func (c Config) Settings() []Setting {
	if c.Declaration != nil {
		return c.Declaration.Settings()
	}
	return builtinSettings(c)
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
			if all.Named(k.Name()) == nil {
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
	for _, c := range inOrder(known) {
		_, err := root.Stat(c.Layout.Marker)
		switch {
		case err == nil && c.Declared:
			return c.load(root.FS())
		case err == nil:
			if _, err := root.Stat(Misnamed); err == nil {
				return Config{}, fmt.Errorf("%s has a %s beside its %s, which nobody reads: call it %s, or something else", dir, Misnamed, c.Layout.Marker, Marker)
			}
			return c, nil
		case !errors.Is(err, fs.ErrNotExist):
			return Config{}, fmt.Errorf("open the repository %s: %w", dir, err)
		}
	}
	if _, err := root.Stat(Misnamed); err == nil {
		return Config{}, fmt.Errorf("%s has a %s, which nobody reads: call it %s", dir, Misnamed, Marker)
	}
	return Config{}, fmt.Errorf("%s is not the root of a repository: it has no %s: name the folder that has one with --repo DIR", dir, strings.Join(Markers(known), " and no "))
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

// load reads what the marker says. With mistakes nothing is said of where units lie.
func (c Config) load(files fs.FS) (Config, error) {
	d, err := ReadDeclaration(files)
	if err != nil {
		return Config{}, err
	}
	c.Declaration, c.Findings, c.Locate = d, d.Findings, d.Locate
	if verdict.HasError(d.Findings) {
		c.Findings = d.withThoseOfChecks(files)
		return c, nil
	}
	c.Layout = d.Layout
	return c, nil
}
