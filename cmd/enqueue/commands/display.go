package commands

import (
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/report"
)

// snippetsWhen is when findings are shown with their lines.
type snippetsWhen string

const (
	snippetsAuto   snippetsWhen = "auto" // on a terminal
	snippetsAlways snippetsWhen = "always"
	snippetsNever  snippetsWhen = "never"
)

// The findings that text shows in full, unless it is told.
const (
	mostOnTerminal = 50
	mostInLog      = 200 // stdout that is none; a file has all of them
)

// asFits is no number that anybody gives: as many findings as fit the place.
const asFits = math.MinInt

// displayFlags choose how much people see.
type displayFlags struct {
	snippets    snippetsWhen
	maxFindings int   // asFits, or how many
	level       level // "" where it is not given
	showHidden  bool
}

// level is the severity of findings.
type level string

func (f *displayFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	cli.Choose(cmd, &f.snippets, "snippets", "show the lines of findings `WHEN`, always without a word; auto is on a terminal", snippetsAuto, snippetsAlways, snippetsNever)
	flags.Lookup("snippets").NoOptDefVal = string(snippetsAlways)
	flags.IntVar(&f.maxFindings, "max-findings", asFits, "show the worst `N` findings of text in full and count the others; 0 for all (default 50 on a terminal, 200 elsewhere on stdout, all in files)")
	flags.Lookup("max-findings").DefValue = "0" // the default is said above
	cli.Choose(cmd, &f.level, "show", "the weakest `SEVERITY` of findings that people are shown; exit codes and counts are the same", "warning", "error", "info")
	f.level = ""
	flags.BoolVar(&f.showHidden, "show-hidden", false, "list the findings that are suppressed, in the baseline or off, with the reason")
}

// check refuses what makes no sense.
func (f *displayFlags) check() error {
	if f.maxFindings < 0 && f.maxFindings != asFits {
		return cli.Usagef("--max-findings %d: want 0 or more", f.maxFindings)
	}
	return nil
}

// choose adds to options what a report for people shows at a place: w is where stdout leads, nil in a
// file.
func (f *displayFlags) choose(o report.Options, w io.Writer) report.Options {
	o.Snippets, o.Show, o.ShowHidden, o.MaxFindings = f.snippets == snippetsAlways, string(f.level), f.showHidden, max(f.maxFindings, 0)
	if w == nil {
		return o
	}
	most := mostInLog
	if isTerminal(w) {
		most, o.Width = mostOnTerminal, widthOf(w)
		o.Snippets = o.Snippets || f.snippets == snippetsAuto
	}
	if f.maxFindings < 0 {
		o.MaxFindings = most
	}
	return o
}
