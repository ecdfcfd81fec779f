//go:build linux

package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/seed306eabeb/muster/test/genfleet"
)

var oneMachine = row{
	letter: "a", title: "One machine",
	what: "The time of `enqueue validate` over real manifests, from its start to its exit, the files being in the page cache: against " +
		"itself with one thread, against `enqueue list | xargs -P 20 -n 20 enqueue validate`, and against a tuned program in Rust (rayon) " +
		"that does about the same work per service.",
	measure: measureOneMachine,
}

// peerGoal is how many times the other program's time validate may take.
const peerGoal = 1.5

func measureOneMachine(ctx context.Context, b *bench, s *section) error {
	peer, err := findPeer(ctx, b)
	if err != nil {
		return err
	}
	if peer == "" {
		s.note("The Rust program is missing: its source was not named by " + peerEnv + ", or could not be built here.")
	}
	for _, n := range []int{b.size.few, b.size.many} {
		f, err := b.fleet(n)
		if err != nil {
			return err
		}
		c := contest{bench: b, section: s, fleet: f, peer: peer, of: fmt.Sprintf(", %s services", number(float64(n)))}
		if err := c.warm(ctx); err != nil {
			return err
		}
		if err := b.rounds(ctx, "a", func() error { return c.round(ctx) }); err != nil {
			return err
		}
		c.conclude(n == b.size.many)
	}
	return nil
}

// contest is validate against the others over one fleet.
type contest struct {
	bench                           *bench
	section                         *section
	fleet                           testFleet
	peer                            string
	of                              string // which fleet
	ours, alone, xargs, all, theirs *figure
}

var oneRegion = "--region=" + genfleet.Region

func (c *contest) warm(ctx context.Context) error {
	_, err := c.bench.enqueue(ctx, c.bench.shipped, c.fleet, "validate", oneRegion)
	return err
}

// round takes each way once.
func (c *contest) round(ctx context.Context) error {
	c.ours = c.section.figure("validate"+c.of, "s")
	if err := c.timed(ctx, c.ours, "validate", oneRegion); err != nil {
		return err
	}
	if c.peer != "" {
		c.theirs = c.section.figure("the Rust program"+c.of, "s")
		if err := c.timedPeer(ctx); err != nil {
			return err
		}
	}
	c.alone = c.section.figure("validate -j 1"+c.of, "s")
	if err := c.timed(ctx, c.alone, "validate", oneRegion, "-j", "1"); err != nil {
		return err
	}
	c.xargs = c.section.figure("list | xargs -P 20 -n 20 validate"+c.of, "s")
	if err := c.timedXargs(ctx); err != nil {
		return err
	}
	c.all = c.section.figure("validate in all regions"+c.of, "s")
	return c.timed(ctx, c.all, "validate")
}

func (c *contest) timed(ctx context.Context, f *figure, args ...string) error {
	seconds, err := c.bench.enqueue(ctx, c.bench.shipped, c.fleet, args...)
	f.add(seconds)
	return err
}

func (c *contest) timedPeer(ctx context.Context) error {
	e, err := c.bench.command(ctx, c.peer, "-C", c.fleet.dir, "-r", genfleet.Region, "par")
	if err != nil {
		return err
	}
	c.theirs.add(e.took.Seconds())
	return e.right(c.fleet, peerCounted, 0, 1)
}

// xargsFailed is the exit code of xargs when a command of it has failed, as one
// does that finds a mistake.
const xargsFailed = 123

func (c *contest) timedXargs(ctx context.Context) error {
	const script = `"$1" list --repo "$2" "$3" | xargs -P 20 -n 20 "$1" validate --repo "$2" "$3" --quiet --cache=off`
	e, err := c.bench.command(ctx, "/bin/sh", "-c", script, "sh", filepath.Join(c.bench.shipped, "enqueue"), c.fleet.dir, oneRegion)
	if err != nil {
		return err
	}
	c.xargs.add(e.took.Seconds())
	return e.right(c.fleet, counted, 0, xargsFailed)
}

// conclude adds what follows from the times.
func (c *contest) conclude(judged bool) {
	c.section.paired("-j 1 / all threads"+c.of, "×", c.alone, c.ours, ratio)
	c.section.paired("xargs / validate"+c.of, "×", c.xargs, c.ours, ratio)
	if c.theirs == nil {
		return
	}
	times := c.section.paired("validate / the Rust program"+c.of, "×", c.ours, c.theirs, ratio)
	if judged {
		times.atMost(peerGoal)
	}
}
