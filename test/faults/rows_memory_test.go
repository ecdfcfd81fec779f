//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// greedy has a service whose check takes more memory than its worker's group may have.
func greedy(t *testing.T, f *figures) {
	w := newWorld(t)
	w.crowd(64, "sleep 50ms")
	const name = "unit-000005"
	w.unit(name, "sleep 20ms", "eat 4000")
	stop := w.keepAs(limited(t, 400<<20), "--concurrency", "8")
	begin := time.Now()
	o := w.enqueue().outcome(long)
	f.took("whole run", time.Since(begin))
	deaths := stop()
	f.note("workers killed", float64(deaths), "")
	w.truth(o, map[string]string{name: "failed"})
	r, _ := o.err(name)
	if want := "2 processes died while each verified this unit and nothing else: signal: killed"; !strings.Contains(r.Cause, want) {
		t.Errorf("the cause is %q, want %q", r.Cause, want)
	}
	if deaths > 1 {
		t.Errorf("%d workers died, want the first one at most", deaths)
	}
}

// limited makes a program that becomes a worker in a memory group with a limit.
func limited(t *testing.T, bytes int) string {
	t.Helper()
	group := memoryGroup(t, bytes)
	program := filepath.Join(t.TempDir(), "limited-worker")
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%s/cgroup.procs\nexec %s \"$@\"\n", group, filepath.Join(programs, "worker"))
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return program
}

// memoryGroup makes a group of processes that have a limit on their memory together, and
// of which the kernel kills one when they reach it. That takes root.
func memoryGroup(t *testing.T, bytes int) string {
	t.Helper()
	root, file := "/sys/fs/cgroup", "memory.max"
	if _, err := os.Stat(root + "/memory/memory.limit_in_bytes"); err == nil {
		root, file = root+"/memory", "memory.limit_in_bytes" // version 1
	}
	group, err := os.MkdirTemp(root, "muster-faults-")
	if err != nil {
		t.Fatalf("make a memory group: %v", err)
	}
	t.Cleanup(func() {
		await(t, long, "an empty memory group", func() bool { return syscall.Rmdir(group) == nil })
	})
	if err := os.WriteFile(filepath.Join(group, file), fmt.Append(nil, bytes), 0o644); err != nil {
		t.Fatal(err)
	}
	return group
}
