package commands

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/report"
)

// TestEveryFormatIsOffered: what --format takes, says in its help, and completes is the list
// of package report.
func TestEveryFormatIsOffered(t *testing.T) {
	t.Parallel()
	var f outputFlags
	cmd := &cobra.Command{Use: "check"}
	f.add(cmd)
	flag := cmd.Flags().Lookup("format")
	offered, _ := completeFormats(cmd, nil, "")
	for _, name := range report.FormatNames() {
		if !strings.Contains(flag.Usage, " "+name+",") && !strings.Contains(flag.Usage, " "+name+" or ") {
			t.Errorf("the help does not name %s: %s", name, flag.Usage)
		}
		if !slices.Contains(offered, name) || !slices.Contains(offered, name+"=") {
			t.Errorf("%s is not completed: %q", name, offered)
		}
		f.formats = []string{name, name + "=file"}
		got, err := f.destinations()
		if err != nil || len(got) != 2 || got[0].String() != name || got[1].String() != name+"=file" {
			t.Errorf("--format %s leads to %v, %v", name, got, err)
		}
	}
	if want := "[" + report.Formats()[0].Name + "]"; flag.DefValue != want || len(offered) != 2*len(report.Formats()) {
		t.Errorf("the default is %s, want %s; completed are %q", flag.DefValue, want, offered)
	}
}

// TestAnUnknownFormatIsAnsweredWithTheList.
func TestAnUnknownFormatIsAnsweredWithTheList(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"xml", "", "Text", "text,json", "=report", "jso"} {
		f := outputFlags{formats: []string{arg}}
		_, err := f.destinations()
		if err == nil {
			t.Errorf("--format %q is taken", arg)
			continue
		}
		for _, name := range report.FormatNames() {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("--format %q: %v: does not name %s", arg, err, name)
			}
		}
	}
}
