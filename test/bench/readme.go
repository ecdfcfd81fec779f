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

// excerpt is what the README shows: the first grid, medians only.
func excerpt(a about, sections []*section) string {
	for _, s := range sections {
		if s.grid != nil {
			table := s.grid.markdown(func(f *figure) string { return number(median(f.samples)) })
			return fmt.Sprintf(excerptFormat, a.platform, table)
		}
	}
	return ""
}

const excerptFormat = `On one machine (%s) that enqueuer, Redis and workers share, as [docs/benchmarks.md](docs/benchmarks.md) has it with all other figures:

%s`

// refreshed puts a table between the marks of a text.
func refreshed(text, table string) (string, error) {
	before, rest, begins := strings.Cut(text, excerptBegin)
	_, after, ends := strings.Cut(rest, excerptEnd)
	if !begins || !ends {
		return "", fmt.Errorf("it has no place for it: write %s and %s around one", excerptBegin, excerptEnd)
	}
	return before + excerptBegin + "\n" + table + excerptEnd + after, nil
}
