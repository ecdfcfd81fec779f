//go:build linux

package main

import (
	"context"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/test/machine"
)

// surroundings says where and with what this bench runs.
func surroundings(ctx context.Context) about {
	a := about{date: time.Now().UTC().Format(time.DateOnly), platform: machine.Platform(), processor: machine.Processor()}
	a.versions = []string{"muster " + commit(ctx), runtime.Version(), machine.Redis(),
		"asynq " + module("github.com/hibiken/asynq"), "go-redis " + module("github.com/redis/go-redis/v9")}
	return a
}

// commit names what is measured.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}

const unknown = "of unknown version"

// module is the version of a dependency of this program.
func module(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return unknown
}
