package commands

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/verdict"
)

// explainOwn is explain with what a muster.yaml says of its own checks beside that.
func (f *scopeFlags) explainOwn(w io.Writer, r verdict.Rule) error {
	if err := explain(w, r); err != nil {
		return err
	}
	_, what, err := f.load(slog.New(slog.DiscardHandler))
	if err != nil || what.Declaration == nil {
		return nil // it is a built-in one
	}
	d, ok := what.Declaration.Check(r.Code)
	if !ok {
		return nil
	}
	lines := []string{"declared: " + d.Place.String(), "asked of: " + d.Of}
	if len(d.In) > 0 {
		lines = append(lines, "in: "+strings.Join(d.In, ", "))
	}
	if d.Runs == "" {
		lines = append(lines, "tests: "+strconv.Itoa(d.Tests))
	} else {
		lines = append(lines, runs(d)...)
	}
	fmt.Fprintln(w)
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, report.Printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// runs says what a check runs, as far as a repository can.
func runs(d config.Declared) []string {
	lines := []string{"runs: " + d.Runs}
	if len(d.Reads) > 0 {
		lines = append(lines, "reads: "+strings.Join(d.Reads, ", "))
	}
	if len(d.With) > 0 {
		lines = append(lines, "with: "+strings.Join(d.With, ", "))
	}
	if len(d.Args) > 0 {
		lines = append(lines, "args: "+strings.Join(d.Args, ", "))
	}
	return append(lines, "what the command is says whoever operates the workers: `enqueue workers` lists what they offer")
}

// mistakeOf is what a finding of a check may be called by a name.
func mistakeOf(name string) (declared.Mistake, bool) {
	all := declared.Mistakes()
	if i := slices.IndexFunc(all, func(m declared.Mistake) bool { return strings.EqualFold(m.Name, name) }); i >= 0 {
		return all[i], true
	}
	return declared.Mistake{}, false
}

func explainMistake(w io.Writer, m declared.Mistake) error {
	text := fmt.Sprintf("%s, a finding of checks with the verb %s\n\n%s.\n", m.Name, m.Verb, m.Summary)
	switch m.Verb {
	case declared.Syntax:
		text = fmt.Sprintf("%s, a finding in files that checks read\n\n%s.\n", m.Name, m.Summary)
	case "deployed":
		text = fmt.Sprintf("%s, a finding in the regions of units\n\n%s.\n", m.Name, m.Summary)
	}
	if m.Doc != "" {
		text += "\n" + m.Doc + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
