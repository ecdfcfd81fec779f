package cli

import (
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/manifest"
)

// UnitLimit is the most bytes that a worker takes of a unit. An enqueuer packs none that is
// larger, because no kind's limit is (see fleet.Kind).
const UnitLimit = fleet.UnitLimit

// Configs are the configurations of repositories that a released program knows, the default
// first.
func Configs() []config.Config {
	return []config.Config{{Layout: shipcatLayout(), Checks: check.Checkers{manifest.New()}}}
}

// shipcatLayout is that of a repository of shipcat manifests.
func shipcatLayout() fleet.Layout {
	return fleet.Layout{Marker: manifest.Marker, Kinds: []fleet.Kind{{
		Name: "service", At: []string{manifest.Services + "/*/"}, ByName: true, File: manifest.IsServiceFile,
		Shared: manifest.SharedPaths(), SharedFile: manifest.IsSharedFile,
	}}}
}
