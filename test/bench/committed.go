//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// commit makes a repository of git's of a folder, if it is none, and commits what is there. It is packed as a clone
// is, and not by a git in the background, beside what is measured.
func (b *bench) commit(ctx context.Context, dir string) error {
	const script = `cd "$1" && { test -d .git || git init -q; } && git config gc.auto 0 && git config maintenance.auto false && git add -A && ` +
		`git -c user.name=bench -c user.email=bench@localhost commit -q -m fleet --allow-empty && git repack -a -d -q && git update-index -q --refresh`
	return b.shell(ctx, script, dir)
}

// shell runs a script that is to succeed.
func (b *bench) shell(ctx context.Context, script string, args ...string) error {
	e, err := b.command(ctx, "/bin/sh", append([]string{"-c", script, "sh"}, args...)...)
	if err == nil && e.code != 0 {
		err = fmt.Errorf("%s exited %d; it said: %.500s", e.command, e.code, e.stdout)
	}
	return err
}

// committed is the fleet of n services in a repository of git's, all of it committed.
func (b *bench) committed(ctx context.Context, n int) (testFleet, error) {
	f, err := b.fleet(n)
	if err == nil {
		err = b.commit(ctx, f.dir)
	}
	return f, err
}

// shortLived is a folder for what one run keeps.
func (b *bench) shortLived(name string) (dir string, drop func() error, err error) {
	dir, err = os.MkdirTemp(b.dir, name+"-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// The flags of a cache.
const (
	cacheOff  = "--cache=off"
	cacheAuto = "--cache=auto"
	// writes makes workers keep what they decide.
	writes = "--cache-domain=main"
)

func cacheDir(dir string) string { return "--cache-dir=" + filepath.Join(dir, "cache") }

// kept is a redis-server whose workers have verified a fleet and kept that.
type kept struct {
	redis *server
	*workers
}

// keep starts a redis-server and workers, and verifies a fleet with them once. The caller must
// close it.
func (b *bench) keep(ctx context.Context, f testFleet, count int, workerArgs []string, runArgs ...string) (k *kept, err error) {
	k = &kept{}
	if k.redis, err = startServer(ctx); err != nil {
		return nil, err
	}
	if k.workers, err = startWorkers(ctx, b.shipped, k.redis.process.URL(), count, append(workerArgs, writes)...); err == nil {
		_, err = k.run(ctx, b, f, runArgs...)
	}
	if err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

// run is the time of a run that asks the cache.
func (k *kept) run(ctx context.Context, b *bench, f testFleet, args ...string) (float64, error) {
	return b.enqueue(ctx, b.shipped, f, append([]string{"run", cacheAuto, "--redis", k.redis.process.URL()}, args...)...)
}

func (k *kept) close() error {
	if k.workers != nil {
		k.stop()
	}
	return k.redis.close()
}
