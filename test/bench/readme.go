//go:build linux

package main

import (
	"fmt"
	"strings"
)

// The marks between which the README has its table.
const (
	excerptBegin = "<!-- break-even: written by make bench -->"
	excerptEnd   = "<!-- /break-even -->"
)

// excerpt is what the README shows: what real manifests take, and then the first grid,
// medians only.
func excerpt(a about, sections []*section) string {
	for _, s := range sections {
		if s.grid != nil {
			table := s.grid.markdown(func(f *figure) string { return number(median(f.samples)) })
			return fmt.Sprintf(excerptFormat, a.platform, realManifests(sections), table)
		}
	}
	return ""
}

const excerptFormat = `On one machine (%s) that enqueuer, Redis and workers share, as [docs/benchmarks.md](docs/benchmarks.md) has it with all other figures:
%s
%s`

// realManifests says what the row about the queue's cost has measured, "" without it.
func realManifests(sections []*section) string {
	for _, s := range sections {
		if s.row.letter != queueCost.letter || len(s.figures) < 2 {
			continue
		}
		queued, local := s.figures[0], s.figures[1]
		_, services, _ := strings.Cut(local.name, ", ")
		return fmt.Sprintf("\n%s with real manifests take `enqueue validate` **%s s**, and `enqueue run` with %d workers %s s (`make bench ROW=%s`). In the table a check costs what its line says, "+
			"and no manifest is read:\n", services, number(median(local.samples)), runWorkers, number(median(queued.samples)), s.row.letter)
	}
	return ""
}

// refreshed puts a table between the marks of a text.
func refreshed(text, table string) (string, error) {
	before, rest, begins := strings.Cut(text, excerptBegin)
	_, after, ends := strings.Cut(rest, excerptEnd)
	if !begins || !ends {
		return "", fmt.Errorf("it has no place for it: write %s and %s around one", excerptBegin, excerptEnd)
	}
	return before + excerptBegin + "\n" + table + excerptEnd + after, nil
}
