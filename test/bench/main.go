//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/seed306eabeb/muster/internal/cli"
)

func main() {
	cli.CollectAbove(cli.WorkerHeap) // what runs in this process stands for a worker's inside
	knowNothing()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := execute(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// knowNothing leaves the programs that are measured without the cache of who measures: what they are asked for
// they would know from the time before. Go's own cache stays where it is.
func knowNothing() {
	if dir, err := os.UserCacheDir(); err == nil && os.Getenv("GOCACHE") == "" {
		os.Setenv("GOCACHE", filepath.Join(dir, "go-build"))
	}
	os.Setenv("XDG_CACHE_HOME", "/dev/null/none")
}

// execute measures what args ask for, prints it, and writes the pages that they name.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("row", "", "measure the row of this `letter` alone")
	quick := flags.Bool("quick", false, "measure less, for a look")
	runs := flags.Int("runs", 0, "measure everything `N` times, where a look needs less")
	page := flags.String("page", "", "write the figures to this `file`")
	readme := flags.String("readme", "", "refresh the break-even table in this `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if (*only != "" || *quick || *runs > 0) && (*page != "" || *readme != "") {
		return errors.New("-page and -readme are for the whole bench: leave out -row, -quick and -runs")
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	about := surroundings(ctx) // now, for the checkout may change meanwhile
	sections, err := measureAll(ctx, chooseSize(*quick, *runs), outsideHere(), chosen, stderr)
	fmt.Fprint(stdout, terminal(sections))
	if err != nil {
		return err
	}
	return publish(about, sections, *page, *readme)
}

// measureAll goes on after a row that failed, and tells of all that did.
func measureAll(ctx context.Context, s size, o outside, chosen []*row, progress io.Writer) (sections []*section, err error) {
	b, err := newBench(ctx, s, o, progress)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	var failed []error
	for _, r := range chosen {
		section, err := b.measure(ctx, r)
		if err != nil {
			failed = append(failed, err)
			b.say("%v", err)
			continue
		}
		sections = append(sections, section)
	}
	return sections, errors.Join(failed...)
}

// publish writes the pages that have a name.
func publish(a about, sections []*section, page, readme string) error {
	if page != "" {
		if err := os.WriteFile(page, []byte(markdown(a, sections)), 0o644); err != nil {
			return fmt.Errorf("write the figures: %w", err)
		}
	}
	if readme != "" {
		return refresh(readme, excerpt(a, sections))
	}
	return nil
}

// refresh puts the break-even table into a file that has a place for it.
func refresh(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("refresh the break-even table: %w", err)
	}
	fresh, err := refreshed(string(text), table)
	if err != nil {
		return fmt.Errorf("refresh the break-even table in %s: %w", file, err)
	}
	return os.WriteFile(file, []byte(fresh), 0o644)
}
