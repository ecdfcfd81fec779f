//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/test/processes"
)

// definitions writes what commands are, for workers to offer, and returns their flag.
func (b *bench) definitions(name, text string) (flag string, err error) {
	file := filepath.Join(b.dir, name+".commands.yaml")
	return "--commands=" + file, writeFile(file, "muster: 1\ncommands:\n"+text)
}

// tool is the path of somebody else's program: of toolsEnv if that has it, or else of PATH.
func (b *bench) tool(name string) (string, error) {
	if dir := b.outside.tools; dir != "" {
		if path := filepath.Join(dir, name); isFile(path) {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &absentError{fmt.Sprintf("%s is missing: it is not on PATH, and %s named no folder with it.", name, toolsEnv)}
	}
	return path, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// copied makes a repository of n copies of each of the folders of a collection that have the
// file: copy/00/NAME, copy/01/NAME.
func (b *bench) copied(name, collection, file, musterYAML string, n int) (dir string, units []string, err error) {
	dir = filepath.Join(b.dir, name)
	folders, err := filepath.Glob(filepath.Join(collection, "*", file))
	if err == nil && len(folders) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return dir, nil, fmt.Errorf("%s: there is no folder with a %s: %w", collection, file, err)
	}
	for i := range n {
		for _, f := range folders {
			unit := filepath.Join("copy", fmt.Sprintf("%02d", i), filepath.Base(filepath.Dir(f)))
			if err := os.CopyFS(filepath.Join(dir, unit), os.DirFS(filepath.Dir(f))); err != nil {
				return dir, nil, err
			}
			units = append(units, unit)
		}
	}
	return dir, units, writeFile(filepath.Join(dir, "muster.yaml"), musterYAML)
}

// event is a line of a run's NDJSON, as far as it is looked at.
type event struct{ Event, Service, Kind string }

// follow runs enqueue with NDJSON and hands on each event and how long after the start it came,
// until it is told that it was enough: then the command is killed.
func (b *bench) follow(ctx context.Context, programs string, args []string, each func(e event, after time.Duration) (enough bool)) (err error) {
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "enqueue"), append(args, "--quiet", "--format", "ndjson")...)
	cmd.Env = processes.Environment("HOME=" + b.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { _ = cmd.Wait() }() // killed, or ended with its stream
	defer func() { _ = cmd.Cancel() }()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		after := time.Since(begin)
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("read the events of %q: %w", args, err)
		}
		if each(e, after) {
			return nil
		}
	}
	return errors.Join(fmt.Errorf("the events of %q ended too early; it said: %.500s", args, said.String()), lines.Err(), context.Cause(ctx))
}
