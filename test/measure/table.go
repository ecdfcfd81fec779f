package main

import (
	"strings"
	"unicode/utf8"
)

// table is rows of cells, a head first. A column of numbers stands to the right,
// and so does its head; text stands to the left.
type table [][]string

func (t table) String() string {
	widths, numeric := t.columns()
	var b strings.Builder
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if numeric[i] {
				cell, space = space+cell, ""
			}
			line.WriteString(cell + space + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// columns are the width of each column, and whether numbers are all that it has.
func (t table) columns() (widths []int, numeric []bool) {
	for r, row := range t {
		for i, cell := range row {
			if i == len(widths) {
				widths, numeric = append(widths, 0), append(numeric, true)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			if r > 0 && cell != "" && (cell[0] < '0' || cell[0] > '9') {
				numeric[i] = false
			}
		}
	}
	return widths, numeric
}
