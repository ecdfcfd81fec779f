// Command measure prints measures of a Go module's production code, so that two
// commits can be compared: how long and how branched its functions are, how wide
// its structs and interfaces, how much it exports, and how much there is of tests
// and comments.
//
// It reads every file by itself, whatever its build tags say, and resolves no
// types: an embedded field or interface counts as one. The measures have a file
// each, which says what is counted.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// notProduction is what serves tests and tools, in every layout that there was.
const notProduction = "test,tools,internal/genfleet,internal/proxy,internal/redistest,internal/layout"

func main() {
	err := execute(os.Args[1:], os.Stdout, os.Stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "measure:", err)
	os.Exit(1)
}

// execute prints the measures of the module that args name. That a struct is too
// wide is an error, told after all measures are.
func execute(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	flags.SetOutput(stderr)
	skip := flags.String("skip", notProduction, "`paths` below the module root that hold no production code, with commas between them")
	maxStruct := flags.Int("max-struct", 0, "fail if a struct that is no table row has more than `N` fields; 0 is no limit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := directory(flags.Args())
	if err != nil {
		return err
	}
	m, err := load(dir, prefixes(*skip))
	if err != nil {
		return err
	}
	r := measure(m)
	if _, err := fmt.Fprint(stdout, r.text()); err != nil {
		return fmt.Errorf("print the measures of %s: %w", dir, err)
	}
	return tooWide(r.structs, *maxStruct)
}

// directory is the root of the module that args name, or else of the one around
// the working directory.
func directory(args []string) (string, error) {
	switch len(args) {
	case 0:
		return moduleRoot(".")
	case 1:
		return moduleRoot(args[0])
	default:
		return "", fmt.Errorf("one directory at most, and flags before it: got %q", args)
	}
}

// prefixes takes a comma separated list apart.
func prefixes(list string) []string {
	var all []string
	for prefix := range strings.SplitSeq(list, ",") {
		if prefix = strings.Trim(prefix, " /"); prefix != "" {
			all = append(all, prefix)
		}
	}
	return all
}
