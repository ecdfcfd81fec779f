// Command genrepo writes a deterministic repository that a muster.yaml governs, some of its
// units with a mistake on request:
//
//	genrepo -n 10000 -bad 0.02 -seed 1 -out DIR
//
// DIR/EXPECTED.json says what is found.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/seed306eabeb/muster/test/genrepo"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "genrepo:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("genrepo", flag.ExitOnError)
	var o genrepo.Options
	out := flags.String("out", "", "`folder` to write to; it must have no muster.yaml yet")
	flags.IntVar(&o.Units, "n", 100, "number of units")
	flags.Float64Var(&o.Bad, "bad", 0, "mistakes for each unit, 0 to 0.5")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return fmt.Errorf("no folder to write to: add -out DIR")
	}
	_, err := genrepo.Write(*out, o)
	return err
}
