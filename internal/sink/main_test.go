//go:build unix

package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed306eabeb/muster/internal/sink"
)

// The test binary is also a program that writes a report to the target which targetEnv
// names, under the umask that umaskEnv gives.
const (
	targetEnv = "MUSTER_SINK_TARGET"
	umaskEnv  = "MUSTER_SINK_UMASK"
)

// What the program exits with.
const (
	refused = 2 // before the report
	failed  = 3 // at the report
)

func TestMain(m *testing.M) {
	target := os.Getenv(targetEnv)
	if target == "" {
		goleak.VerifyTestMain(m) // neither a wait that was left nor a report leaves a goroutine
		return
	}
	if mask, err := strconv.ParseInt(os.Getenv(umaskEnv), 8, 0); err == nil {
		syscall.Umask(int(mask))
	}
	os.Exit(program(target))
}

func program(target string) int {
	t, err := find(target)
	if err != nil {
		fmt.Println(err)
		return refused
	}
	if err := t.Write(context.Background(), says("report")); err != nil {
		fmt.Println(err)
		return failed
	}
	return 0
}

// find is what a command does before its work.
func find(name string) (sink.Target, error) {
	t, err := sink.Find(name)
	if err != nil {
		return t, err
	}
	return t, t.Probe()
}

func says(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// nobody has no rights but those that everybody has.
const nobody = 65534

// asNobody runs the program, as another user if this one is root, to whom nothing is
// refused. The binary is in a folder that others may not enter: they find it by its link.
func asNobody(t *testing.T, target string) (code int, said string) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return runProgram(t, cmd, target)
}

func runProgram(t *testing.T, cmd *exec.Cmd, target string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &out, "/"
	cmd.Env = append(os.Environ(), targetEnv+"="+target, "GORACE=atexit_sleep_ms=0")
	err := cmd.Run()
	exit := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}
