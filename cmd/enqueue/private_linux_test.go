package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed306eabeb/muster/internal/redisconn"
)

func init() { linuxCommands["kill-private-redis"] = killPrivateRedis }

// killPrivateRedis kills the redis-server of the script's last background command, once
// that has put a task into it.
func killPrivateRedis(ts *testscript.TestScript, _ bool, _ []string) {
	all := ts.BackgroundCmds()
	parent := all[len(all)-1].Process.Pid
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if pid, socket := redisOf(parent); pid != 0 && hasRun(socket) {
			ts.Check(syscall.Kill(pid, syscall.SIGKILL))
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("no private Redis with a task after 30s")
		}
	}
}

// redisOf finds the redis-server that a process has started, and its socket.
func redisOf(parent int) (pid int, socket string) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		stat, _ := os.ReadFile(filepath.Join(dir, "stat"))
		_, state, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(state); len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		for title := range strings.SplitSeq(string(line), "\x00") {
			if _, path, ok := strings.Cut(title, "unixsocket:"); ok {
				pid, _ = strconv.Atoi(filepath.Base(dir))
				return pid, strings.TrimSpace(path)
			}
		}
	}
	return 0, ""
}

// hasRun says whether a run has begun in a Redis.
func hasRun(socket string) bool {
	target, err := redisconn.Parse("unix://" + socket)
	if err != nil {
		return false
	}
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	keys, err := conn.Plain().Keys(context.Background(), "asynq:*:t:*").Result()
	return err == nil && len(keys) > 0
}
