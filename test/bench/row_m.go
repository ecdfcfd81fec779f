//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/test/genfleet"
)

var allFormats = row{
	letter: "m", title: "All formats at once",
	what: "The CPU time, user and system, of `enqueue validate` over a fleet in which every fifth service has a mistake, from its start to its exit, with every format that there is, each to a file of its own: " +
		"against the same with `--format json=FILE` alone; and with some formats alone.",
	measure: measureFormats,
}

// formatsGoal is how many times the CPU time of json alone all formats together may take.
const formatsGoal = 1.35

// manyBad is the fraction of services with a mistake in a fleet of which there is much to tell.
const manyBad = 0.2

// single are the formats that are measured alone, as far as they are there.
var single = []string{"sarif", "html"}

func measureFormats(ctx context.Context, b *bench, s *section) error {
	f, err := b.badFleet(b.size.many)
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s services", number(float64(f.services)))
	measure := func(name string, formats ...string) error {
		seconds, err := b.cpuOfFormats(ctx, f, formats)
		s.figure(name+of, "s").add(seconds)
		return err
	}
	json, all := func() error { return measure("json alone", "json") }, func() error { return measure("all formats", report.FormatNames()...) }
	err = b.rounds(ctx, "m", func() error {
		// Two pairs, one of them the other way round.
		if err := errors.Join(json(), all(), all(), json()); err != nil {
			return err
		}
		for _, name := range single {
			if slices.Contains(report.FormatNames(), name) {
				if err := measure(name+" alone", name); err != nil {
					return err
				}
			}
		}
		return nil
	})
	s.paired("all formats / json alone", "×", s.figure("all formats"+of, "s"), s.figure("json alone"+of, "s"), ratio).atMost(formatsGoal)
	s.note(fmt.Sprintf("There are %d formats: %v.", len(report.Formats()), report.FormatNames()))
	return err
}

// badFleet is a repository of n generated services with many mistakes.
func (b *bench) badFleet(n int) (testFleet, error) {
	f := testFleet{dir: filepath.Join(b.dir, fmt.Sprintf("bad-fleet-%d", n)), services: n}
	b.say("writing a fleet of %d services with many mistakes", n)
	if err := os.RemoveAll(f.dir); err != nil {
		return f, err
	}
	expected, err := genfleet.Write(f.dir, genfleet.Options{Services: n, Bad: manyBad, Seed: 1})
	f.oks, f.errs = expected.Valid, expected.Invalid
	return f, err
}

// cpuOfFormats is the CPU time of validate with formats, each to a file. A run that has not found
// what there is, or has left a file empty, is no figure.
func (b *bench) cpuOfFormats(ctx context.Context, f testFleet, formats []string) (seconds float64, err error) {
	args := []string{"validate", cacheOff, "--repo", f.dir}
	for _, name := range formats {
		args = append(args, "--format", name+"="+filepath.Join(b.dir, "report."+name))
	}
	e, err := b.command(ctx, filepath.Join(b.shipped, "enqueue"), args...)
	if err == nil && e.code != 1 {
		err = fmt.Errorf("%s exited %d, want 1", e.command, e.code)
	}
	for _, name := range formats {
		if err == nil {
			err = f.reported(filepath.Join(b.dir, "report."+name), name)
		}
	}
	return e.cpu.Seconds(), err
}

var reportedInvalid = regexp.MustCompile(`"invalid": ?(\d+),`)

// reported checks a file, and in the formats that have it the count of units with a mistake.
func (f testFleet) reported(file, format string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	count := reportedInvalid.FindSubmatch(text)
	switch {
	case len(text) == 0:
		err = fmt.Errorf("the report in %s is empty", format)
	case format == "json" && (count == nil || string(count[1]) != strconv.Itoa(f.errs)):
		err = fmt.Errorf("the report in json counts %q units with a mistake, want %d", count, f.errs)
	}
	return errors.Join(err, os.Remove(file))
}
