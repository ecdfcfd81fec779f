//go:build unix

// Command steps takes the steps of files, as units of package trouble do, and says what it has
// found: it is a command for workers to offer. It exits 1 where it has found something, and 2
// where it cannot go on.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/seed306eabeb/muster/test/trouble/steps"
)

func main() {
	flag.String("mark", "", "a `WORD` to find this process by, which means nothing else")
	one := flag.String("step", "", "take this `STEP` in place of those of files")
	flag.Parse()
	os.Exit(run(context.Background(), *one, flag.Args(), os.Stdout, os.Stderr))
}

func run(ctx context.Context, one string, files []string, stdout, stderr io.Writer) (code int) {
	if one != "" {
		if _, err := steps.TakeAll(ctx, []byte(one), ""); err != nil {
			fmt.Fprintln(stderr, "steps:", err)
			return 2
		}
		return 0
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err == nil {
			var found []steps.Bad
			found, err = steps.TakeAll(ctx, text, "")
			for _, f := range found {
				fmt.Fprintf(stdout, "%s:%d:1: error: the unit says %s\n", name, f.Line, f.Step)
				code = 1
			}
		}
		if err != nil {
			fmt.Fprintf(stderr, "steps: %s: %v\n", name, err)
			return 2
		}
	}
	return code
}
