// Command worker verifies services: it takes tasks from a Redis queue and writes
// verdicts back. It needs nothing but that Redis.
package main

import (
	"os"

	"github.com/seed306eabeb/muster/cmd/worker/commands"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
)

// version is set when a release is built.
var version string

func main() {
	cli.CollectAbove(cli.WorkerHeap)
	os.Exit(cli.Main(commands.New(cli.Program{Version: version, Configs: config.Builtin()})))
}
