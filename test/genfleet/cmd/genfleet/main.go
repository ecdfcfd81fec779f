// Command genfleet writes a deterministic fleet of service manifests, some of
// them with a defect on request:
//
//	genfleet -n 10000 -bad 0.02 -seed 1 -out DIR
//
// DIR/EXPECTED.json names the services with a defect.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed306eabeb/muster/test/genfleet"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "genfleet:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("genfleet", flag.ExitOnError)
	var (
		o     genfleet.Options
		kinds = flags.String("kinds", "", "comma-separated `names` of the kinds of defect to use (default all)")
		out   = flags.String("out", "", "`folder` to write to; it must hold no services folder yet")
		list  = flags.Bool("list-kinds", false, "list the kinds of defect and exit")
	)
	flags.IntVar(&o.Services, "n", 100, "number of services")
	flags.Float64Var(&o.Bad, "bad", 0, "fraction of the services that get one defect, 0 to 0.5")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *list {
		return listKinds(stdout)
	}
	if *out == "" {
		return fmt.Errorf("no folder to write to: add -out DIR")
	}
	o.Kinds = strings.FieldsFunc(*kinds, func(r rune) bool { return r == ',' })
	_, err := genfleet.Write(*out, o)
	return err
}

func listKinds(w io.Writer) error {
	for _, k := range genfleet.Kinds() {
		if _, err := fmt.Fprintf(w, "%-24s %s\n", k.Name, k.Rule); err != nil {
			return err
		}
	}
	return nil
}
