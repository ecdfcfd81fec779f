package config

import (
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/manifest"
)

// Builtin are the configurations of repositories that say nothing of themselves but by what
// lies in them, the default first.
func Builtin() []Config { return []Config{shipcat()} }

// shipcat is the configuration of a repository of shipcat manifests.
func shipcat() Config {
	return Config{Checks: check.Kinds{manifest.New()}, Layout: fleet.Layout{Marker: manifest.Marker, Kinds: []fleet.Kind{{
		Name: "service", At: []string{manifest.Services + "/*/"}, ByName: true, File: manifest.IsServiceFile,
		Shared: manifest.SharedPaths(), SharedFile: manifest.IsSharedFile,
	}}}}
}
