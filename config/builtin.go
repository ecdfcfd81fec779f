package config

import (
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/manifest"
)

// Builtin are the configurations that a program knows, the default first.
func Builtin() []Config { return []Config{shipcat(), declaredConfig()} }

// declaredConfig is the configuration of a repository whose muster.yaml says what is verified.
func declaredConfig() Config {
	return Config{Declared: true, Layout: fleet.Layout{Marker: Marker}, Checks: check.Kinds{declared.New(), manifest.New(), command.Family()}}
}

// shipcat is the configuration of a repository of shipcat manifests.
func shipcat() Config {
	return Config{Checks: check.Kinds{manifest.New()}, Owners: Owners{Teams: manifest.TeamsFile, CodeOwners: ownersAuto}, Layout: fleet.Layout{Marker: manifest.Marker, Kinds: []fleet.Kind{{
		Name: "service", At: []string{manifest.Services + "/*/"}, ByName: true, File: manifest.IsServiceFile,
		Shared: manifest.SharedPaths(), SharedFile: manifest.IsSharedFile,
	}}}}
}
