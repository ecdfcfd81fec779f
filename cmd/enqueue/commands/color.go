package commands

import (
	"io"

	"golang.org/x/term"
)

// colorWhen is when a report is coloured.
type colorWhen string

const (
	colorAuto   colorWhen = "auto" // on a terminal
	colorAlways colorWhen = "always"
	colorNever  colorWhen = "never"
)

// environment gives the value of a variable, "" where it is not set.
type environment func(name string) string

// isOn says whether a variable is set, and not to what means no.
func (env environment) isOn(name string) bool {
	value := env(name)
	return value != "" && value != "0" && value != "false"
}

// isDumb says whether the terminal takes no control sequences.
func (env environment) isDumb() bool { return env("TERM") == "dumb" }

// colored says whether what goes to a stream is coloured. The flag goes before all
// variables, and NO_COLOR before those that ask for colour.
func colored(when colorWhen, terminal bool, env environment) bool {
	switch {
	case when != colorAuto:
		return when == colorAlways
	case env("NO_COLOR") != "":
		return false
	case env.isOn("FORCE_COLOR"), env.isOn("CLICOLOR_FORCE"):
		return true
	case env("CLICOLOR") == "0":
		return false
	}
	return terminal && !env.isDumb()
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}
