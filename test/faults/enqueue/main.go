//go:build unix

// Command enqueue is the product's, with one kind of check more: units that make trouble.
package main

import (
	"os"

	"github.com/seed306eabeb/muster/cmd/enqueue/commands"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/test/trouble"
)

func main() {
	cli.CollectAbove(cli.EnqueuerHeap)
	os.Exit(cli.Main(commands.New(cli.Program{Configs: append(config.Builtin(), trouble.Config())})))
}
