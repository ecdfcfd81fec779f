//go:build amd64 || arm64

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// TestPrograms: however a program behaves, what came of it is told, and it holds nobody up.
func TestPrograms(t *testing.T) {
	b, self := newBox(t), program(t)
	sh := func(script string) []string { return []string{"/bin/sh", "-c", script} }
	for _, test := range []struct {
		name  string
		argv  []string
		limit func(l *Limits)
		want  func(r Result) bool
	}{
		{name: "it does its work", argv: sh(`cat unit/a && echo no >&2; exit 3`), want: func(r Result) bool {
			return r.Ending == Exited && r.Exit == 3 && string(r.Stdout) == "text" && string(r.Stderr) == "no\n"
		}},
		{name: "it prints 100 MB", argv: sh(`head -c 100000000 /dev/zero; echo end >&2`), want: func(r Result) bool {
			return r.Ending == Exited && r.OutTruncated && !r.ErrTruncated && len(r.Stdout) == 1<<20 && string(r.Stderr) == "end\n"
		}},
		{name: "it prints no text", argv: sh(`printf '\377\000\001'`), want: func(r Result) bool { return r.Ending == Exited && string(r.Stdout) == "\xff\x00\x01" }},
		{name: "it says where it is", argv: sh(`pwd; echo $TMPDIR`), want: func(r Result) bool { return string(r.Stdout) == r.Folder+"\n"+r.Scratch+"\n" }},
		{name: "it leaves children", argv: sh(`sleep 600 & sleep 600 & echo started`), want: func(r Result) bool { return r.Ending == Exited && r.Exit == 0 && r.Took < 10*time.Second }},
		{name: "it becomes a daemon", argv: sh(`setsid sh -c 'setsid sleep 600 & exec sleep 600' & echo started`), want: func(r Result) bool { return r.Ending == Exited && r.Took < 10*time.Second }},
		{name: "it hangs", argv: sh(`sleep 600`), limit: func(l *Limits) { l.Time = 300 * time.Millisecond }, want: func(r Result) bool { return r.Ending == OutOfTime }},
		{name: "it does not hear", argv: sh(`trap '' TERM INT HUP; while :; do sleep 1; done`), limit: func(l *Limits) { l.Time = 300 * time.Millisecond }, want: func(r Result) bool { return r.Ending == OutOfTime }},
		{name: "it closes its streams and goes on", argv: sh(`exec >&- 2>&- <&-; sleep 600`), limit: func(l *Limits) { l.Time = 300 * time.Millisecond }, want: func(r Result) bool { return r.Ending == OutOfTime && r.Took < 10*time.Second }},
		{name: "it stops itself", argv: sh(`kill -STOP $$`), limit: func(l *Limits) { l.Time = 300 * time.Millisecond }, want: func(r Result) bool { return r.Ending == OutOfTime }},
		{name: "it exits as one that was killed", argv: sh(`exit 137`), want: func(r Result) bool { return r.Ending == Exited && r.Exit == 137 }},
		{name: "it dies of a signal", argv: sh(`kill -SEGV $$`), want: func(r Result) bool { return r.Ending == Killed && r.Signal == "SIGSEGV" }},
		{name: "it kills itself", argv: sh(`kill -KILL $$`), want: func(r Result) bool { return r.Ending == Killed && r.Signal == "SIGKILL" }},
		{name: "it kills all that it sees", argv: sh(`kill -KILL -1; sleep 1; exit 4`), want: func(r Result) bool { return r.Ending == Exited || r.Ending == Killed }},
		{name: "it fills the memory fast", argv: []string{self, "memory", "fast"}, limit: func(l *Limits) { l.Memory = 64 << 20 }, want: func(r Result) bool { return r.Ending == OutOfMem }},
		{name: "it fills the memory slowly", argv: []string{self, "memory", "slowly"}, limit: func(l *Limits) { l.Memory = 64 << 20 }, want: func(r Result) bool { return r.Ending == OutOfMem }},
		{name: "it fills the disk", argv: sh(`i=0; while :; do head -c 500000 /dev/zero > f$i || exit 5; i=$((i+1)); done`), want: func(r Result) bool { return r.Ending == OutOfDisk }},
		{name: "it fills the disk with one file", argv: sh(`cat /dev/zero > f; sleep 1`), want: func(r Result) bool { return r.Ending == OutOfDisk || r.Ending == Exited && r.Exit != 0 }},
		{name: "it fills the disk with empty files", argv: sh(`i=0; while :; do : > $i || exit 5; i=$((i+1)); done`), limit: func(l *Limits) { l.Disk = 1 << 20 }, want: func(r Result) bool { return r.Ending == OutOfDisk }},
		// One that the kernel has refused more may have fewer by the first look, and then waits.
		{name: "it forks without end", argv: sh(`f() { f | f & }; f; sleep 600`), limit: func(l *Limits) { l.Time = 2 * time.Second }, want: func(r Result) bool { return r.Ending == OutOfProcesses || r.Ending == OutOfTime }},
		{name: "it has too many processes", argv: sh(`i=0; while [ $i -lt 100 ]; do sleep 600 & i=$((i+1)); done; sleep 600`), want: func(r Result) bool { return r.Ending == OutOfProcesses }},
		{name: "its folders cannot be removed", argv: sh(`mkdir -p a/b && chmod 0 a/b a || mkdir -m 0 c`), want: func(r Result) bool { return r.Ending == Exited }},
		{name: "it is not there", argv: []string{"/nowhere/program"}, want: func(r Result) bool { return r.Ending == NoProgram }},
		{name: "it is none", argv: []string{"/etc/ld.so.cache"}, want: func(r Result) bool { return r.Ending == NoProgram }},
	} {
		for mix, m := range mixes(b) {
			t.Run(test.name+", "+mix, func(t *testing.T) {
				j := job(test.argv...)
				if test.limit != nil {
					test.limit(&j.Limits)
				}
				j = with(j, fstest.MapFS{"unit/a": {Data: []byte("text")}})
				r, err := b.run(context.Background(), j, m)
				if err != nil || !test.want(r) {
					r.Stdout, r.Stderr = r.Stdout[:min(200, len(r.Stdout))], r.Stderr[:min(200, len(r.Stderr))]
					t.Errorf("%+v, %v\n%s\n%s", r, err, r.Stdout, r.Stderr)
				}
				nothingLeft(t, b)
			})
		}
	}
}

// nothingLeft: no process of a job is there, nor a folder.
func nothingLeft(t *testing.T, b *Box) {
	t.Helper()
	all := descendants(os.Getpid())
	for _, s := range b.spawners {
		all = slices.DeleteFunc(all, func(pid int) bool { return pid == s.process.Pid })
	}
	for _, pid := range all {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		t.Errorf("process %d is left: %q", pid, text)
	}
	entries, err := os.ReadDir(b.home)
	if err != nil || len(entries) != 2 { // the lock, and where roots are built
		t.Errorf("%d entries are left in the folder of the box, %v", len(entries), err)
	}
}

// TestTheEndOfItsContext is that of a job.
func TestTheEndOfItsContext(t *testing.T) {
	b := newBox(t)
	for mix, m := range mixes(b) {
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("enough")
		time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
		if r, err := b.run(ctx, job("/bin/sleep", "600"), m); !errors.Is(err, why) {
			t.Errorf("%s: %+v, %v", mix, r, err)
		}
		nothingLeft(t, b)
	}
}

// TestTheMachineHasNoName for a program in namespaces: what it says would be another thing on another one.
func TestTheMachineHasNoName(t *testing.T) {
	b := newBox(t)
	for mix, m := range mixes(b) {
		r, err := b.run(context.Background(), job("/bin/uname", "-n"), m)
		if err != nil || r.Exit != 0 || m.namespaces && string(r.Stdout) != "localhost\n" {
			t.Errorf("%s: %q, %+v, %v", mix, r.Stdout, r, err)
		}
	}
}

// TestCloseEndsJobs, and none begins after it.
func TestCloseEndsJobs(t *testing.T) {
	b := newBox(t)
	time.AfterFunc(100*time.Millisecond, func() { _ = b.Close() })
	if r, err := b.Run(context.Background(), job("/bin/sleep", "600")); !errors.Is(err, errClosed) {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := b.Run(context.Background(), job("/bin/true")); !errors.Is(err, errClosed) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestNothingIsLeft of a worker that is killed: its programs end, and the next one removes its folders.
func TestNothingIsLeft(t *testing.T) {
	for _, mix := range []string{"namespaces", "none"} {
		t.Run(mix, func(t *testing.T) {
			dir := base(t)
			worker := exec.Command(program(t), "worker", dir, mix)
			if err := worker.Start(); err != nil {
				t.Fatal(err)
			}
			var all []int
			within(t, "the program runs", func() bool {
				all = descendants(worker.Process.Pid)
				return len(all) > 2
			})
			_ = worker.Process.Kill()
			_ = worker.Wait()
			for _, pid := range all {
				within(t, fmt.Sprintf("process %d ends", pid), func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) })
			}
			within(t, "its folder is empty", func() bool {
				b, err := New(Options{Base: dir})
				if err != nil {
					t.Fatal(err)
				}
				left, _ := filepath.Glob(dir + "/" + prefix + "*")
				_ = b.Close()
				return len(left) == 1
			})
		})
	}
}

func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(text), ") ")
	return err != nil || strings.HasPrefix(after, "Z")
}

func within(t *testing.T, what string, there func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(20 * time.Second); !there(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("not within 20s: %s", what)
		}
	}
}

// actWorker is a process that runs a job which has children, and is killed.
func actWorker(dir, mix string) {
	b, err := New(Options{Base: dir})
	if err != nil {
		panic(err)
	}
	m := b.means
	m.namespaces = m.namespaces && mix == "namespaces"
	_, _ = b.run(context.Background(), job("/bin/sh", "-c", "sleep 600 & setsid sleep 600 & sleep 600; :"), m)
	os.Exit(0)
}

// actMemory takes more and more of it.
func actMemory(how string) {
	var all [][]byte
	for {
		next := make([]byte, 1<<20)
		for i := range next {
			next[i] = 1
		}
		all = append(all, next)
		if how == "slowly" {
			time.Sleep(2 * time.Millisecond)
		}
		if len(all) > 1<<14 {
			os.Exit(9)
		}
	}
}

// TestADiskThatJobsShareIsFull: what a program has made of that is not to be believed.
func TestADiskThatJobsShareIsFull(t *testing.T) {
	if !newBox(t).means.namespaces {
		return // there is no small disk to be had
	}
	cmd := exec.Command(program(t), "full", base(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if want := "no room\nno room\nexited\nno room\nbuild the walls of a program: lay out the files: write unit/a: no space left on device\n"; err != nil || string(out) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}

// actFull says how jobs end whose folders lie on a disk of 1 MiB: one that fills it and does not
// care, one that would go on for long, one that finds room, one beside another
// that fills it, and one whose files find none.
func actFull(dir string) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		panic(err)
	}
	b, err := New(Options{Base: dir})
	if err != nil {
		panic(err)
	}
	m := b.means
	m.namespaces = false
	for _, script := range []string{`cat /dev/zero > f; exit 0`, `cat /dev/zero > f; sleep 600`, `echo text > f`} {
		r, err := b.run(context.Background(), job("/bin/sh", "-c", script), m)
		if err != nil {
			panic(err)
		}
		fmt.Println(r.Ending)
	}
	fmt.Println(beside(b, m))
	large := with(job("/bin/true"), fstest.MapFS{"unit/a": {Data: make([]byte, 2<<20)}})
	_, err = b.run(context.Background(), large, m)
	fmt.Println(err)
	os.Exit(0)
}

// beside is how a job ends that does nothing while another one fills the disk and is ended.
func beside(b *Box, m means) Ending {
	began, over := make(chan struct{}), make(chan Ending)
	go func() {
		close(began)
		r, _ := b.run(context.Background(), job("/bin/sh", "-c", "sleep 1"), m)
		over <- r.Ending
	}()
	<-began
	_, _ = b.run(context.Background(), job("/bin/sh", "-c", "sleep 0.3; cat /dev/zero > f; sleep 600"), m)
	return <-over
}
