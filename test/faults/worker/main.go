//go:build unix

// Command worker is the product's, with one kind of check more: units that make trouble.
package main

import (
	"os"

	"github.com/seed306eabeb/muster/cmd/worker/commands"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/test/trouble"
)

func main() {
	cli.CollectAbove(cli.WorkerHeap)
	os.Exit(cli.Main(commands.New(cli.Program{Configs: append(config.Builtin(), trouble.Config())})))
}
