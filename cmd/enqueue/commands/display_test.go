package commands

import (
	"bytes"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/report"
)

// TestHowMuchIsShownWhere: a terminal has lines and fewer findings than a log, and a file has
// them all; who asks gets what was asked for everywhere.
func TestHowMuchIsShownWhere(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	for _, c := range []struct {
		args                    []string
		onTerminal, inLog, file report.Options
	}{
		{nil, report.Options{Snippets: true, MaxFindings: 50}, report.Options{MaxFindings: 200}, report.Options{}},
		{[]string{"--snippets"}, report.Options{Snippets: true, MaxFindings: 50}, report.Options{Snippets: true, MaxFindings: 200}, report.Options{Snippets: true}},
		{[]string{"--snippets=never", "--max-findings", "0"}, report.Options{}, report.Options{}, report.Options{}},
		{[]string{"--max-findings=7", "--snippets=auto"}, report.Options{Snippets: true, MaxFindings: 7}, report.Options{MaxFindings: 7}, report.Options{MaxFindings: 7}},
		{[]string{"--show", "warning", "--show-hidden"}, report.Options{Snippets: true, MaxFindings: 50, Show: "warning", ShowHidden: true},
			report.Options{MaxFindings: 200, Show: "warning", ShowHidden: true}, report.Options{Show: "warning", ShowHidden: true}},
	} {
		var f displayFlags
		cmd := &cobra.Command{Use: "check"}
		f.add(cmd)
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if err := f.check(); err != nil {
			t.Errorf("%q: %v", c.args, err)
		}
		got := []report.Options{f.choose(report.Options{}, terminal), f.choose(report.Options{}, &bytes.Buffer{}), f.choose(report.Options{}, nil)}
		got[0].Width = 0 // the terminal's own
		if diff := cmp.Diff([]report.Options{c.onTerminal, c.inLog, c.file}, got, cmpopts.IgnoreUnexported(report.Options{})); diff != "" {
			t.Errorf("%q on a terminal, in a log, in a file (-want +got):\n%s", c.args, diff)
		}
	}
}
