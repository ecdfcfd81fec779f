package cli

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/worker"
)

// Program is what a main says of itself to its commands.
type Program struct {
	Version string          // of the release; "" for a build from source
	Configs []config.Config // of repositories, the default first
	Timing  Timing
}

// Kinds are the kinds of check that tasks may name.
func (p Program) Kinds() check.Kinds { return config.Kinds(p.Configs) }

// Timing is how long a program bears with what does not come. The zero value stands for
// that of a released program.
type Timing struct {
	Ping   time.Duration // for a Redis to answer at the start
	Ledger ledger.Timing
	Run    run.Timing
	Worker worker.Timing
	// Unattended is how long a run in CI waits for a worker, unless it was told otherwise.
	Unattended time.Duration
}

// Patience is how long a run in CI waits for a worker.
func (p Program) Patience() time.Duration { return cmp.Or(p.Timing.Unattended, 2*time.Minute) }

// VersionText is what `version` prints: the release, or what the Go tool knows of
// the source.
func (p Program) VersionText() string {
	info, ok := debug.ReadBuildInfo()
	if p.Version != "" || !ok {
		return p.Version
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v = fmt.Sprintf("%s (%.12s)", v, s.Value)
		}
	}
	return v
}
