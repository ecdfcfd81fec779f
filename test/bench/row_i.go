//go:build linux

package main

import (
	"context"
	"fmt"
	"path/filepath"
)

var oneSchema = row{
	letter: "i", title: "One schema, against reading the files",
	what: "The CPU time, user and system, of `enqueue validate` over the modules of nf-core, YAML files that a muster.yaml gives one check, the repository's JSON Schema: " +
		"from its start to its exit, against a program that reads the same files into nodes with the same parser (yaml.v3, with the heap that `enqueue` has) and does nothing with them.",
	measure: measureOneSchema,
}

// readingGoal is how many times the CPU time of reading the files validate may take.
const readingGoal = 2

func measureOneSchema(ctx context.Context, b *bench, s *section) error {
	f, err := b.modules("modules")
	if err != nil {
		return err
	}
	programs, err := b.build(ctx, "nodes", "./test/bench/nodes")
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s files", number(float64(f.services)))
	ours, reading := s.figure("validate"+of, "s"), s.figure("yaml.v3 alone"+of, "s")
	err = b.rounds(ctx, "i", func() error {
		seconds, err := b.cpu(ctx, f)
		if err != nil {
			return err
		}
		ours.add(seconds)
		e, err := b.command(ctx, filepath.Join(programs, "nodes"), f.dir, moduleFile)
		if want := fmt.Sprintf("%d files\n", f.services); err == nil && e.stdout != want {
			err = fmt.Errorf("%s said %q, want %q", e.command, e.stdout, want)
		}
		reading.add(e.cpu.Seconds())
		return err
	})
	s.paired("validate / yaml.v3 alone", "×", ours, reading, ratio).atMost(readingGoal)
	return err
}
