package isolate

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestAChildIsKilledFirst when the memory runs out: before its parent, too.
func TestAChildIsKilledFirst(t *testing.T) {
	t.Parallel()
	v, err := decide(t, "oom")
	if err != nil || len(v.Findings()) != 1 || v.Findings()[0].Message != "1000" {
		t.Errorf("the child's oom_score_adj: %+v, %v; want 1000", v.Findings(), err)
	}
}

// TestAChildDiesWithItsParent, which has no time to end it.
func TestAChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	began := filepath.Join(t.TempDir(), "began")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self, parentArg, "hang "+began)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	within(t, "the child begins", func() bool {
		text, _ := os.ReadFile(began)
		n, _ := fmt.Sscan(string(text), &pid)
		return n == 1
	})
	_ = parent.Process.Kill()
	_ = parent.Wait()
	within(t, "the child ends", func() bool { return gone(pid) })
}

// gone says whether a process has ended; one that nobody has waited for yet has, too.
func gone(pid int) bool {
	var state, name string
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		fmt.Sscan(string(status), &pid, &name, &state)
	}
	return state == "Z" || syscall.Kill(pid, 0) != nil
}

func within(t *testing.T, what string, there func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for late := time.After(20 * time.Second); !there(); {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("not within 20s: %s", what)
		}
	}
}
