//go:build unix

// Command enqueue is the product's, with units that make trouble: of a kind of check more,
// and in repositories that a muster.yaml governs.
package main

import (
	"os"

	"github.com/seed306eabeb/muster/cmd/enqueue/commands"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/test/trouble"
)

func main() {
	cli.CollectAbove(cli.EnqueuerHeap)
	os.Exit(cli.Main(commands.New(cli.Program{Configs: trouble.Configs()})))
}
