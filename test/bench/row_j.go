//go:build linux

package main

import (
	"context"
	"fmt"
)

var sixChecks = row{
	letter: "j", title: "Six checks, against one",
	what: "The CPU time, user and system, of `enqueue validate` over the ports of vcpkg, folders with a JSON file each, with the six checks of " +
		"[examples/fleets/vcpkg.muster.yaml](../examples/fleets/vcpkg.muster.yaml): a schema, three rules, and claims that each dependency exists and that none comes back; " +
		"against the schema alone.",
	measure: measureSixChecks,
}

// sixGoal is how many times the CPU time of the schema alone all six checks may take.
const sixGoal = 2.5

func measureSixChecks(ctx context.Context, b *bench, s *section) error {
	all, err := example(ctx, "vcpkg.muster.yaml")
	if err != nil {
		return err
	}
	one, err := b.ports("ports", portSchema)
	if err != nil {
		return err
	}
	six, err := b.ports("ports-six", all)
	if err != nil {
		return err
	}
	of := fmt.Sprintf(", %s ports", number(float64(one.services)))
	sixes, ones := s.figure("six checks"+of, "s"), s.figure("the schema alone"+of, "s")
	err = b.rounds(ctx, "j", func() error {
		seconds, err := b.cpu(ctx, six)
		if err != nil {
			return err
		}
		sixes.add(seconds)
		seconds, err = b.cpu(ctx, one)
		ones.add(seconds)
		return err
	})
	s.paired("six checks / the schema alone", "×", sixes, ones, ratio).atMost(sixGoal)
	return err
}
