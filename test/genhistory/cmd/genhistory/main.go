// Command genhistory writes a deterministic git repository with a history, a fleet of shipcat's
// manifests or one that a muster.yaml governs:
//
//	genhistory -dialect muster -n 40 -commits 60 -seed 1 -out DIR
//
// It prints the commits as JSON: what was edited, and which units that has touched. Their messages
// say the same.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/seed306eabeb/muster/test/genhistory"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "genhistory:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("genhistory", flag.ExitOnError)
	var (
		o       genhistory.Options
		dialect = flags.String("dialect", string(genhistory.Shipcat), "what governs the repository, shipcat or muster")
		out     = flags.String("out", "", "`folder` to write to; it must be empty")
		commits = flags.Int("commits", 60, "number of commits")
		format  = flags.String("object-format", "sha1", "how git names objects, sha1 or sha256")
	)
	flags.IntVar(&o.Units, "n", 40, "number of units at the start, at least 8")
	flags.Float64Var(&o.Bad, "bad", 0, "fraction of them that has a mistake, 0 to 0.5")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed")
	flags.StringVar(&o.Command, "command", "", "`name` of a command that a muster.yaml runs on services")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return fmt.Errorf("no folder to write to: add -out DIR")
	}
	o.Dialect = genhistory.Dialect(*dialect)
	history, err := genhistory.Write(ctx, *out, o, *commits, *format)
	if err != nil {
		return err
	}
	to := json.NewEncoder(stdout)
	to.SetIndent("", " ")
	return to.Encode(history)
}
