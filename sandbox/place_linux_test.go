package sandbox

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestBoxesBegunAtOnce: none takes the folder of another, which has just been made, for one that is left.
func TestBoxesBegunAtOnce(t *testing.T) {
	t.Parallel()
	dir := base(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				p, err := open(dir)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := os.Stat(p.stage); err != nil {
					t.Error(err)
				}
				if err := p.close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestOutputThatIsNotReadToItsEnd counts as cut: somebody else holds the streams of a cell that has ended.
func TestOutputThatIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	orders, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{}
	e := &executed{run: r, orders: orders, fed: make(chan error, 1), cmd: exec.Command("/bin/sh", "-c", "sleep 600 & echo begun")}
	e.fed <- nil
	r.out.most, r.err.most = 100, 100
	e.cmd.Stdout, e.cmd.Stderr, e.cmd.WaitDelay, e.cmd.SysProcAttr = &r.out, &r.err, 10*time.Millisecond, &syscall.SysProcAttr{Setpgid: true}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-e.cmd.Process.Pid, syscall.SIGKILL) })
	if err := e.wait(); err != nil {
		t.Fatal(err)
	}
	if !r.out.truncated || !r.err.truncated {
		t.Errorf("the output is whole: %+v, %+v", r.out, r.err)
	}
}
