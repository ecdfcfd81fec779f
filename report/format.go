package report

import (
	"io"

	"github.com/seed306eabeb/muster/verdict"
)

// Options choose how much a format for people shows; formats for programs have all of it
// whatever they say.
type Options struct {
	Color   bool // colour severities and places with ANSI sequences
	Verbose bool // show information too
	Quiet   bool // errs and the last line only, without notes; outranks Verbose
	// Sources has the lines around findings; nil where none are shown.
	Sources Sources
	// Rules are the rules that findings are of, by code, as far as they are known.
	Rules map[string]verdict.Rule
}

// Format is a way to write a report.
type Format struct {
	Name string // a lower-case word, which --format takes
	Doc  string // one line about whom it is for and what it is, no final period
	// Write writes the whole report to w, whatever stands in it, and returns the first
	// error of w.
	Write func(w io.Writer, r Report, o Options) error
}

// Formats are all formats, and the default is the first. docs/new-formats.md says what one
// needs.
func Formats() []Format {
	return []Format{
		textFormat,
		jsonFormat,
		htmlFormat,
	}
}

// FormatNamed finds a format.
func FormatNamed(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// FormatNames are the names of all formats, in their order.
func FormatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}
