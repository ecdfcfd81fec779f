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
func excerpt(sections []*section) string {
	for _, s := range sections {
		if s.grid != nil {
			return s.grid.markdown(func(f *figure) string { return number(median(f.samples)) })
		}
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
