//go:build amd64 || arm64

package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/sandbox/cell"
)

const (
	// look is how often a job is looked at.
	look = 25 * time.Millisecond
	// patience is how long a job that has its own disk, and bounds of the kernel, is not looked at: each look
	// makes entries below /proc, and to end a process that has many of them takes the kernel as long as half of a
	// quick linter.
	patience = 200 * time.Millisecond
	// procOfAll is where this process sees all that it may see.
	procOfAll = "/proc"
	// inode is what a file or a folder costs, whatever it has in it.
	inode = 4096
)

// watch ends the job when it takes too much of something, or when ctx ends, until over is closed.
func (r *run) watch(ctx context.Context, over <-chan struct{}) {
	late := time.NewTimer(r.job.Limits.Time)
	defer late.Stop()
	tick := time.NewTicker(r.firstLook())
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			r.stop("", "")
			return
		case <-late.C:
			r.stop(OutOfTime, fmt.Sprintf("it took longer than %s", r.job.Limits.Time))
			return
		case <-tick.C:
			tick.Reset(look)
			if ending, why := r.excess(); ending != "" {
				r.stop(ending, why)
				return
			}
		}
	}
}

// firstLook is how long a job is not looked at.
func (r *run) firstLook() time.Duration {
	if r.means.namespaces {
		return patience
	}
	return look
}

// excess is what the job takes too much of; "" while there is nothing.
func (r *run) excess() (Ending, string) {
	limits := r.job.Limits
	proc, all := r.process.inside()
	if len(all) > limits.Processes {
		return OutOfProcesses, fmt.Sprintf("it had %d processes at once; it may have %d", len(all), limits.Processes)
	}
	if memory(proc, all, private) > limits.Memory && memory(proc, all, proportional) > limits.Memory {
		return OutOfMem, fmt.Sprintf("it took more than %d MiB", limits.Memory>>20)
	}
	if !r.means.namespaces && used(r.order.Home) > limits.Disk+r.order.Files {
		return OutOfDisk, fmt.Sprintf("it wrote more than %d MiB", limits.Disk>>20)
	}
	if !r.means.namespaces && cell.DiskFull(r.order.Home) {
		r.box.full.Store(time.Now().UnixNano())
		return r.noRoom()
	}
	return "", ""
}

// noRoom is how a job ends whose disk is full. What a program does then says nothing of its files.
func (r *run) noRoom() (Ending, string) {
	if r.means.namespaces {
		return OutOfDisk, "its disk is full"
	}
	return NoRoom, "the disk is full that the folders of all jobs lie on, /dev/shm or that of temporary files: make it larger, in a container by --shm-size"
}

// descendants are all processes that a process has started, and those have.
func descendants(pid int) (all []int) {
	for next := []int{pid}; len(next) > 0; next = next[1:] {
		children := cell.Children(next[0])
		all, next = append(all, children...), append(next, children...)
	}
	return all
}

// memory is what processes have, each as measured by of.
func memory(proc string, pids []int, of func(proc string, pid int) (int64, bool)) (all int64) {
	for _, pid := range pids {
		if bytes, ok := of(proc, pid); ok {
			all += bytes
		}
	}
	return all
}

// private is the memory of a process without that of files. What a process shares with the one that
// it was forked off counts for both.
func private(proc string, pid int) (int64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("%s/%d/statm", proc, pid))
	if err != nil {
		return 0, false
	}
	var size, resident, shared int64
	if n, _ := fmt.Sscan(string(text), &size, &resident, &shared); n < 3 {
		return 0, false
	}
	return (resident - shared) * int64(os.Getpagesize()), true
}

// proportional is the memory of a process, with its share of what it shares; private where this process may not
// know.
func proportional(proc string, pid int) (int64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("%s/%d/smaps_rollup", proc, pid))
	if err != nil {
		return private(proc, pid)
	}
	for line := range bytes.Lines(text) {
		words := bytes.Fields(line)
		if len(words) > 1 && string(words[0]) == "Pss_Anon:" {
			kib, err := strconv.ParseInt(string(words[1]), 10, 64)
			return kib << 10, err == nil
		}
	}
	return private(proc, pid)
}

// measurable says whether the memory of processes, and whose they are, can be read.
func measurable() bool {
	_, ok := private(procOfAll, os.Getpid())
	_, err := os.ReadFile("/proc/thread-self/children")
	return ok && err == nil
}

// used is what the files of a folder take.
func used(folder string) (all int64) {
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it is gone, or closed to us: nobody writes into what he cannot open
		}
		all += inode
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				all += stat.Blocks * 512
			}
		}
		return nil
	})
	return all
}
