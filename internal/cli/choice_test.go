package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/policy"
)

type colour string

func painter() (*cobra.Command, *colour) {
	var c colour
	cmd := &cobra.Command{Use: "paint", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return nil }}
	Choose(cmd, &c, "colour", "paint it `COLOUR`", "red", "green", "blue")
	cmd.SetFlagErrorFunc(flagError)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd, &c
}

func TestAChoiceTakesItsWordsAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want colour
		err  string
	}{
		{nil, "red", ""},
		{[]string{"--colour", "blue"}, "blue", ""},
		{[]string{"--colour=green", "--colour=red"}, "red", ""},
		{[]string{"--colour", "Blue"}, "red", `paint: --colour "Blue": want red, green or blue` + "\n"},
		{[]string{"--colour="}, "red", `paint: --colour "": want red, green or blue` + "\n"},
	} {
		cmd, c := painter()
		cmd.SetArgs(tt.args)
		_, err := cmd.ExecuteC()
		var said bytes.Buffer
		code := exitCode(&said, cmd, err)
		if *c != tt.want || said.String() != tt.err || (code == policy.ExitConfig) != (tt.err != "") {
			t.Errorf("%q: %s, exit %d, said %q; want %s, %q", tt.args, *c, code, said.String(), tt.want, tt.err)
		}
	}
}

func TestAChoiceTellsItsWords(t *testing.T) {
	t.Parallel()
	cmd, _ := painter()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"--help"})
	if err := cmd.Execute(); err != nil || !strings.Contains(out.String(), `--colour COLOUR   paint it COLOUR: red, green or blue (default "red")`) {
		t.Errorf("%v, help:\n%s", err, out.String())
	}
	out.Reset()
	cmd, _ = painter()
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs([]string{"__complete", "--colour", ""})
	if err := cmd.Execute(); err != nil || !strings.HasPrefix(out.String(), "red\ngreen\nblue\n:4\n") {
		t.Errorf("%v, completion:\n%s", err, out.String())
	}
}
