package report

import "github.com/seed306eabeb/muster/verdict"

// The ANSI sequences in use.
const (
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	bold   = "\x1b[1m"
	reset  = "\x1b[0m"
)

// paint colours what the eye looks for first: severities and places.
type paint struct{ red, yellow, bold, reset string }

// palette is colourless unless colour is on.
func palette(on bool) paint {
	if !on {
		return paint{}
	}
	return paint{red, yellow, bold, reset}
}

// severity colours a word by how bad it is.
func (p paint) severity(word string, s verdict.Severity) string {
	if s == verdict.Error {
		return p.red + printable(word) + p.reset
	}
	return p.yellow + printable(word) + p.reset
}

func (p paint) place(s string) string { return p.bold + s + p.reset }
