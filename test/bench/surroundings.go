//go:build linux

package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/test/machine"
	"github.com/seed306eabeb/muster/test/processes"
)

// surroundings says where and with what this bench runs.
func surroundings(ctx context.Context) (about, error) {
	commit, err := commit(ctx)
	if err != nil {
		return about{}, err
	}
	a := about{date: time.Now().UTC().Format(time.DateOnly), platform: machine.Platform(), processor: machine.Processor()}
	a.versions = []string{"muster " + commit, runtime.Version(), machine.Redis(),
		"asynq " + module("github.com/hibiken/asynq"), "go-redis " + module("github.com/redis/go-redis/v9")}
	return a, nil
}

func commit(ctx context.Context) (string, error) {
	root, err := processes.Root(ctx)
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil {
		return "", fmt.Errorf("name the commit that was measured: git describe: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// module is the version of a dependency of this program.
func module(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "of unknown version"
}
