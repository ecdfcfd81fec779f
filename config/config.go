// Package config says what the units of a repository are and which checks they get. What a
// repository is, is told by what lies in it: Load chooses among the configurations that a
// program knows, each by its layout's marker.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
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
}

// Markers are the files that mark the root of a repository, one for each configuration.
func Markers(known []Config) []string {
	markers := make([]string, len(known))
	for i, c := range known {
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

// Load is the configuration of the repository in the folder dir: the first of the known
// ones, at least one, whose marker lies there.
func Load(dir string, known []Config) (Config, error) {
	markers := strings.Join(Markers(known), " or a ")
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Config{}, fmt.Errorf("open the repository: %w: name the folder that has a %s with --repo DIR", err, markers)
	}
	defer root.Close()
	for _, c := range known {
		_, err := root.Stat(c.Layout.Marker)
		if err == nil {
			return c, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Config{}, fmt.Errorf("open the repository %s: %w", dir, err)
		}
	}
	return Config{}, fmt.Errorf("%s is not the root of a repository: it has no %s: name the folder that has one with --repo DIR", dir, markers)
}
