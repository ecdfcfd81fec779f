package report

import (
	"bufio"
	"io"

	"github.com/seed306eabeb/muster/verdict"
)

// Findings writes findings for people, in the form that Text gives them, without
// anything around them. It returns the first error of w.
func Findings(w io.Writer, fs []verdict.Finding, o Options) error {
	t := &text{Writer: bufio.NewWriter(w), paint: palette(o.Color)}
	t.findings(fs)
	return t.Flush()
}
