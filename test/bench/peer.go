//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// findPeer returns the path of the program, "" where there is none.
func findPeer(ctx context.Context, b *bench) (string, error) {
	if b.outside.peer == "" {
		return "", nil
	}
	info, err := os.Stat(b.outside.peer)
	if err != nil {
		return "", fmt.Errorf("%s: %w", peerEnv, err)
	}
	if !info.IsDir() {
		return b.outside.peer, nil
	}
	program, err := buildPeer(ctx, b)
	if err != nil && ctx.Err() == nil {
		b.say("the program to compare with is left out: %v", err)
		return "", nil
	}
	return program, err
}

// buildPeer builds a copy, for the source may be somebody else's. What cargo has
// compiled is kept among the user's caches.
func buildPeer(ctx context.Context, b *bench) (string, error) {
	if _, err := exec.LookPath("cargo"); err != nil {
		return "", err
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	b.say("building %s", b.outside.peer)
	target := filepath.Join(caches, "muster-bench")
	copied := filepath.Join(b.dir, "peer")
	if err := os.CopyFS(copied, os.DirFS(b.outside.peer)); err != nil {
		return "", fmt.Errorf("copy %s: %w", b.outside.peer, err)
	}
	cmd := exec.CommandContext(ctx, "cargo", "build", "--release", "--offline", "--target-dir", target)
	cmd.Dir = copied
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build it: %w\n%s", err, out)
	}
	program := filepath.Join(target, "release", "validate-rs")
	if _, err := os.Stat(program); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("cargo has built no %s", program)
	}
	return program, nil
}
