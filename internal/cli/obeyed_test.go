package cli

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/spf13/cobra"
)

// TestNoCommandOnStderr: a CI system looks for commands there, too.
func TestNoCommandOnStderr(t *testing.T) {
	t.Parallel()
	const name, want = "a ##vso[task.complete]b ##[error]c\n ::error::d e::f", "a \\x23#vso[task.complete]b \\x23#[error]c\n \\x3a:error::d e::f\n"
	var said, logged bytes.Buffer
	exitCode(&said, &cobra.Command{Use: "enqueue"}, failure{errors.New(name)})
	if got := said.String(); got != "enqueue: "+want {
		t.Errorf("an error reads %q", got)
	}
	NewLog(&logged, "enqueue", slog.LevelInfo).Info(name)
	if got := logged.String(); got != "enqueue: "+want {
		t.Errorf("a line of the log reads %q", got)
	}
}
