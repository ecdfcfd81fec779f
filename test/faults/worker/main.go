//go:build unix

// Command worker is the product's, with units that make trouble: of a kind of check more,
// and in repositories that a muster.yaml governs.
package main

import (
	"os"

	"github.com/seed306eabeb/muster/cmd/worker/commands"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/test/trouble"
)

func main() {
	cli.CollectAbove(cli.WorkerHeap)
	os.Exit(cli.Main(commands.New(cli.Program{Configs: trouble.Configs()})))
}
