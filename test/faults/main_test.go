//go:build linux

package faults

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/seed306eabeb/muster/test/processes"
)

var (
	whole  = flag.Bool("full", false, "run the whole matrix, each timed row as often as it says")
	only   = flag.Int("row", 0, "run this row alone")
	over   = flag.String("fleet", "", "run rows over this fleet alone, trouble, muster, commands or cache; a row alone is over trouble unless this says otherwise")
	repeat = flag.Int("repeat", 0, "run each chosen row this often at small size and count the broken ones")
	page   = flag.String("page", "", "write what was measured to this file")
)

// programs is the folder with the built commands.
var programs string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "muster-faults-")
	if err == nil {
		defer os.RemoveAll(dir)
		programs, err = dir, processes.Build(context.Background(), dir, processes.Faults)
	}
	if err == nil {
		err = os.Chmod(dir, 0o755) // commands run as another user
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		return 1
	}
	code := m.Run()
	if *whole || *only > 0 {
		fmt.Print(results.table())
	}
	if *page != "" {
		if err := os.WriteFile(*page, []byte(results.page()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "faults:", err)
			return 1
		}
	}
	return code
}
