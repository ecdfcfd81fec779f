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
	// Sources has the lines around findings; nil where none are shown. Text shows them with
	// Snippets alone.
	Sources  Sources
	Snippets bool
	Width    int // the columns of a line of a snippet; 0 for a default
	// Show is the weakest level of findings that people see: error, warning or info; "" is
	// warning, or info with Verbose.
	Show        string
	ShowHidden  bool // list the findings that do not stand
	MaxFindings int  // people see so many findings in full at most; 0 for all
	// Owners are those whose units alone the report has (see Report.ShownTo); none for all.
	Owners []string
	// Rules are the rules that findings are of, by code, as far as they are known.
	Rules map[string]verdict.Rule
	// Version is that of the program that reports, "" where it is not known.
	Version string
	// Exit is the command's exit code, nil where it is not known.
	Exit *int
	// Folder is where the repository lies in the checkout that a platform shows, with forward
	// slashes; "" where it is all of it. It goes before the files that annotations, and formats which
	// a platform reads, name.
	Folder string
	shared *lists // nil for the options of one format
}

// Format is a way to write a report.
type Format struct {
	Name string // a lower-case word, which --format takes
	Doc  string // one line about whom it is for and what it is, no final period
	// Write writes the whole report to w, whatever stands in it, and returns the first
	// error of w.
	Write func(w io.Writer, r Report, o Options) error
	// Omits says in a line what Write leaves out of a report because the platform that reads the
	// format takes no more, or does not show it; "" where that is nothing. nil omits nothing.
	Omits func(r Report) string
	// Follow begins a report that is written while the run goes on, which is then what Write
	// would have written of its end, or more. nil for a format that is written at the end.
	Follow func(w io.Writer, o Options) *Events
}

// Formats are all formats, and the default is the first. docs/new-formats.md says what one
// needs.
func Formats() []Format {
	return []Format{
		textFormat,
		conciseFormat,
		jsonFormat,
		ndjsonFormat,
		sarifFormat,
		junitFormat,
		gitlabFormat,
		checkstyleFormat,
		rdjsonFormat,
		githubFormat,
		azureFormat,
		markdownFormat,
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
