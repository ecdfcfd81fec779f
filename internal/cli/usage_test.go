package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/policy"
)

// ship is a command with what the commands of this project have.
func ship() *cobra.Command {
	root := Group(&cobra.Command{Use: "ship"})
	nothing := func(*cobra.Command, []string) error { return nil }
	sail := &cobra.Command{Use: "sail", Args: NoArgs, RunE: nothing}
	sail.Flags().String("region", "", "a `REGION`")
	sail.Flags().DurationP("timeout", "t", time.Second, "")
	sail.Flags().Int("knots", 0, "")
	sail.Flags().Bool("fast", false, "")
	harbour := Group(&cobra.Command{Use: "harbour"})
	harbour.AddCommand(&cobra.Command{Use: "enter", Args: OneArg("name", "on the chart"), RunE: nothing}, &cobra.Command{Use: "leave", Args: NoArgs, RunE: nothing})
	root.AddCommand(sail, harbour, &cobra.Command{Use: "sink", Hidden: true, RunE: nothing},
		&cobra.Command{Use: "anchor", RunE: nothing}, &cobra.Command{Use: "row", RunE: nothing}, &cobra.Command{Use: "steer", RunE: nothing}, &cobra.Command{Use: "load", RunE: nothing})
	root.SetHelpCommand(NewHelpCmd())
	root.SetFlagErrorFunc(flagError)
	root.SilenceErrors, root.SilenceUsage = true, true
	return root
}

// TestMistakesSayWhatWasMeant and how to go on.
func TestMistakesSayWhatWasMeant(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"sial"}, "ship: unknown command \"sial\" for \"ship\": did you mean sail?\nsee `ship --help`\n"},
		{[]string{"harb"}, "ship: unknown command \"harb\" for \"ship\": did you mean harbour?\nsee `ship --help`\n"},
		{[]string{"sink2"}, "ship: unknown command \"sink2\" for \"ship\"\nsee `ship --help`\n"},
		{[]string{"harbour", "entr"}, "ship harbour: unknown command \"entr\" for \"ship harbour\": did you mean enter?\nsee `ship harbour --help`\n"},
		{[]string{"harbour", "xyz"}, "ship harbour: unknown command \"xyz\" for \"ship harbour\": want one of enter, leave\nsee `ship harbour --help`\n"},
		{[]string{"help", "sial"}, "ship help: unknown command \"sial\" for \"ship\": did you mean sail?\n"},
		{[]string{"help", "harbour", "leav"}, "ship help: unknown command \"leav\" for \"ship harbour\": did you mean leave?\n"},
		{[]string{"help", "sink"}, "ship help: unknown command \"sink\" for \"ship\"\n"},
		{[]string{"harbour", "enter"}, "ship harbour enter: the name is missing: on the chart\nsee `ship harbour enter --help`\n"},
		{[]string{"harbour", "enter", "a", "b"}, "ship harbour enter: want one name, but got 2: on the chart\nsee `ship harbour enter --help`\n"},
		{[]string{"sail", "on"}, "ship sail: it takes no arguments, but got \"on\"\nsee `ship sail --help`\n"},
		{[]string{"sail", "--regoin", "x"}, "ship sail: unknown flag --regoin: did you mean --region?\nsee `ship sail --help`\n"},
		{[]string{"sail", "-region=x"}, "ship sail: unknown flag -region: did you mean --region?\nsee `ship sail --help`\n"},
		{[]string{"sail", "-x"}, "ship sail: unknown flag -x\nsee `ship sail --help`\n"},
		{[]string{"sail", "--nothing-like-it"}, "ship sail: unknown flag --nothing-like-it\nsee `ship sail --help`\n"},
		{[]string{"row", "--knots", "3"}, "ship row: unknown flag --knots: it is one of `ship sail`\nsee `ship row --help`\n"},
		{[]string{"sail", "--region"}, "ship sail: --region needs a value: --region REGION\nsee `ship sail --help`\n"},
		{[]string{"sail", "--timeout", "5"}, "ship sail: --timeout \"5\": want a number with its unit, such as 90s, 5m or 1h30m\nsee `ship sail --help`\n"},
		{[]string{"sail", "-t", "5"}, "ship sail: --timeout \"5\": want a number with its unit, such as 90s, 5m or 1h30m\nsee `ship sail --help`\n"},
		{[]string{"sail", "--knots", "many"}, "ship sail: --knots \"many\": want a whole number\nsee `ship sail --help`\n"},
		{[]string{"sail", "--fast=very"}, "ship sail: --fast \"very\": want true or false, behind =\nsee `ship sail --help`\n"},
	} {
		cmd := ship()
		guard(cmd)
		cmd.SetArgs(tt.args)
		cmd.SetErr(&bytes.Buffer{})
		var said bytes.Buffer
		at, err := cmd.ExecuteC()
		if code := exitCode(&said, at, err); code != policy.ExitConfig || said.String() != tt.want {
			t.Errorf("%q: exit %d, %q; want %q", tt.args, code, said.String(), tt.want)
		}
	}
}

func TestAddressesInWrongPlacesAreHidden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ message, arg, want string }{
		{`open redis://me:pw@h/0: no such file`, "redis://me:pw@h/0", `open redis://***@h/0: no such file`},
		{`unknown "redis://a:p@s:s@h"`, "redis://a:p@s:s@h", `unknown "redis://***@h"`},
		{`unknown "redis://a:p\"q@h"`, `--queue=redis://a:p"q@h`, `unknown "redis://***@h"`},
		{`redis:/:pw@h is no folder`, "redis://:pw@h", `redis:/***@h is no folder`},
		{`unknown "me@h"`, "me@h", `unknown "me@h"`},
		{`unknown "redis://h/0"`, "redis://h/0", `unknown "redis://h/0"`},
	} {
		if got := hideUserinfo(tt.message, []string{"run", tt.arg}); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.message, got, tt.want)
		}
	}
}
