// Command enqueue verifies a fleet of service manifests: over a Redis queue with
// any number of workers, or in its own process.
package main

import (
	"os"

	"github.com/seed306eabeb/muster/cmd/enqueue/commands"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
)

// version is set when a release is built.
var version string

func main() {
	cli.CollectAbove(cli.EnqueuerHeap)
	os.Exit(cli.Main(commands.New(cli.Program{Version: version, Configs: config.Builtin()})))
}
