package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// newHoldCmd makes a command that says which signals end it, and waits for one.
func newHoldCmd() *cobra.Command {
	return &cobra.Command{Use: "hold", RunE: func(cmd *cobra.Command, _ []string) error {
		fmt.Println(endings())
		<-cmd.Context().Done()
		fmt.Println("ended in good order")
		return nil
	}}
}

func TestSignalsThatEndACommand(t *testing.T) {
	t.Parallel()
	// Of signals that this process hears a child has the default: under nohup it would ignore one.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	defer signal.Stop(heard)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		out, last := hold(t, s, "title", "hold")
		if !strings.Contains(out, s.String()) || last != "ended in good order" {
			t.Errorf("%v: it said %q and then %q", s, out, last)
		}
	}
}

// TestNohupIsHeeded: who has SIGHUP ignored wants the command to go on.
func TestNohupIsHeeded(t *testing.T) {
	t.Parallel()
	out, last := hold(t, syscall.SIGTERM, "sh", "-c", `trap "" HUP; exec title hold`)
	if strings.Contains(out, syscall.SIGHUP.String()) || last != "ended in good order" {
		t.Errorf("it said %q and then %q", out, last)
	}
}

// hold runs a command that holds, sends it a signal, and returns its two lines.
func hold(t *testing.T, s syscall.Signal, name string, args ...string) (first, last string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	first = lines.Text()
	if err := cmd.Process.Signal(s); err != nil {
		t.Error(err)
	}
	lines.Scan()
	last = lines.Text()
	if err := cmd.Wait(); err != nil {
		t.Errorf("after %v: %v", s, err)
	}
	return first, last
}
