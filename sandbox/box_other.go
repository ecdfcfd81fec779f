//go:build !linux || !(amd64 || arm64)

package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Box runs jobs without walls: this system has none that this package knows.
type Box struct {
	home   string
	shared *processors
	life   context.Context
	end    context.CancelFunc
}

// New makes a box.
func New(o Options) (*Box, error) {
	home, err := os.MkdirTemp(o.Base, "muster-box-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for jobs: %w", err)
	}
	b := &Box{home: home, shared: newProcessors()}
	b.life, b.end = context.WithCancel(context.Background())
	return b, nil
}

// Close ends all jobs and removes their folders.
func (b *Box) Close() error {
	b.end()
	return os.RemoveAll(b.home)
}

// Walls says of all walls that they cannot be had.
func (b *Box) Walls() (all []Standing) {
	for _, w := range Walls() {
		all = append(all, Standing{Wall: w, Why: "this system has none"})
	}
	return all
}

// Run runs a job whose operator does without all walls.
func (b *Box) Run(ctx context.Context, j Job) (res Result, err error) {
	if err := errors.Join(j.check(), lacking(j, b.Walls())); err != nil {
		return res, err
	}
	processors := b.shared.join()
	defer b.shared.leave()
	home, err := os.MkdirTemp(b.home, "job")
	if err != nil {
		return res, fmt.Errorf("make a folder for a job: %w", err)
	}
	defer os.RemoveAll(home)
	res.Folder, res.Scratch = home+"/muster-000000000000", home+"/muster-000000000000.tmp"
	dir := filepath.Join(res.Folder, filepath.FromSlash(j.Dir))
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Mkdir(res.Scratch, 0o755), j.each(func(name string, _ int64, from io.Reader) error {
		to := filepath.Join(res.Folder, filepath.FromSlash(name))
		text, err := io.ReadAll(from)
		return errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, text, 0o644))
	})); err != nil {
		return res, err
	}
	within, cancel := context.WithTimeout(ctx, j.Limits.Time)
	defer cancel()
	defer context.AfterFunc(b.life, cancel)()
	cmd := exec.CommandContext(within, j.Argv[0], j.Argv[1:]...)
	out, said := kept{most: j.Limits.Output}, kept{most: j.Limits.Output}
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, j.env(res.Scratch, processors), &out, &said, time.Second
	began := time.Now()
	err = cmd.Run()
	res.Took = time.Since(began)
	out.into(&res.Stdout, &res.OutTruncated)
	said.into(&res.Stderr, &res.ErrTruncated)
	switch {
	case ctx.Err() != nil:
		return Result{}, cause(ctx)
	case b.life.Err() != nil:
		return Result{}, errClosed
	case within.Err() != nil:
		res.Ending, res.Why = OutOfTime, fmt.Sprintf("it took longer than %s", j.Limits.Time)
	case cmd.ProcessState == nil:
		res.Ending, res.Why = NoProgram, err.Error()
	case cmd.ProcessState.Exited():
		res.Ending, res.Exit = Exited, cmd.ProcessState.ExitCode()
	default:
		res.Ending, res.Signal = Killed, cmd.ProcessState.String()
	}
	res.Stdout, res.Stderr = bytes.Clone(res.Stdout), bytes.Clone(res.Stderr)
	return res, nil
}
