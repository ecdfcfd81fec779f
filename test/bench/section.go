//go:build linux

package main

import "context"

// row is one question that the bench answers by measuring.
type row struct {
	letter  string
	title   string
	what    string // is measured, in a sentence or two
	measure func(context.Context, *bench, *section) error
}

// section is what one row has measured.
type section struct {
	row     *row
	figures []*figure
	grid    *grid    // nil but for a row that compares two ways
	notes   []string // what a reader must know of this measuring
}

// figure is the section's figure of a name, a new one at its first mention.
func (s *section) figure(name, unit string) *figure {
	for _, f := range s.figures {
		if f.name == name {
			return f
		}
	}
	f := &figure{name: name, unit: unit}
	s.figures = append(s.figures, f)
	return f
}

// paired is a new figure made of two, sample by sample.
func (s *section) paired(name, unit string, a, b *figure, combine func(a, b float64) float64) *figure {
	f := s.figure(name, unit)
	f.samples = pairwise(a.samples, b.samples, combine)
	return f
}

func (s *section) note(text string) { s.notes = append(s.notes, text) }

// grid is a table of figures.
type grid struct {
	corner  string
	columns []string
	lines   []gridLine
}

type gridLine struct {
	label string
	cells []*figure
}
