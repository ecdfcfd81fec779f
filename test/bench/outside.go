//go:build linux

package main

import "os"

// The environment variables with what is not ours to ship.
const (
	// peerEnv names the program to compare validate with: the folder of its source, or the
	// program.
	peerEnv = "MUSTER_PEER"
	// fleetsEnv names a folder of unpacked repositories: nf-core, vcpkg.
	fleetsEnv = "MUSTER_FLEETS"
	// conftestEnv and cueEnv name these two programs.
	conftestEnv = "MUSTER_CONFTEST"
	cueEnv      = "MUSTER_CUE"
	// chartsEnv names a folder of Helm charts, and toolsEnv one of programs that are looked for
	// there before they are on PATH: helm.
	chartsEnv = "MUSTER_CHARTS"
	toolsEnv  = "MUSTER_TOOLS"
)

// outside is what is measured, or compared with, and is not ours to ship. Each is a path, or
// "" for none.
type outside struct{ peer, fleets, conftest, cue, charts, tools string }

func outsideHere() outside {
	return outside{peer: os.Getenv(peerEnv), fleets: os.Getenv(fleetsEnv), conftest: os.Getenv(conftestEnv), cue: os.Getenv(cueEnv),
		charts: os.Getenv(chartsEnv), tools: os.Getenv(toolsEnv)}
}

// absentError says what a row cannot be measured without, and has not got.
type absentError struct{ what string }

func (e *absentError) Error() string { return e.what }
