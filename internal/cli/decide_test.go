package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/config"
)

// TestASuspectNeedsNoCommands: a file of definitions that cannot be read any more is not what a suspect
// dies of, which may need none of them.
func TestASuspectNeedsNoCommands(t *testing.T) {
	t.Parallel()
	cmd := Program{Configs: config.Builtin()}.NewDecideCmd()
	said := new(strings.Builder)
	cmd.SetArgs([]string{"--" + commandsFlag + "=/nowhere/commands.yaml"})
	cmd.SetIn(strings.NewReader("no task"))
	cmd.SetOut(io.Discard)
	cmd.SetErr(said)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	if err := cmd.ExecuteContext(t.Context()); err == nil || strings.Contains(err.Error(), "nowhere") {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(said.String(), "/nowhere/commands.yaml") {
		t.Errorf("it said %q", said)
	}
}
