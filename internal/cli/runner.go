package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/seed306eabeb/muster/sandbox"
)

// newRunner makes what runs commands, and what ends it.
func newRunner(*slog.Logger) (sandbox.Runner, func(), error) { return bare{}, func() {}, nil }

// bare runs jobs without any wall, and stands until there are some.
type bare struct{}

func (bare) Walls() (all []sandbox.Standing) {
	for _, w := range sandbox.Walls() {
		all = append(all, sandbox.Standing{Wall: w, By: "none"})
	}
	return all
}

func (bare) Run(ctx context.Context, j sandbox.Job) (r sandbox.Result, err error) {
	if r.Folder, err = os.MkdirTemp("", "muster-job-"); err != nil {
		return r, err
	}
	defer os.RemoveAll(r.Folder)
	for _, t := range j.Files {
		for _, name := range t.Names {
			data, err := fs.ReadFile(t.Files, name)
			if err != nil {
				return r, err
			}
			to := filepath.Join(r.Folder, t.At, name)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return r, err
			}
			if err := os.WriteFile(to, data, 0o644); err != nil {
				return r, err
			}
		}
	}
	limited, cancel := context.WithTimeout(ctx, j.Limits.Time)
	defer cancel()
	cmd := exec.CommandContext(limited, j.Argv[0], j.Argv[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = filepath.Join(r.Folder, j.Dir), j.Env, time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	r.Stdout, r.Stderr = out.Bytes(), errs.Bytes()
	exit := (*exec.ExitError)(nil)
	switch {
	case ctx.Err() != nil:
		return r, context.Cause(ctx)
	case limited.Err() != nil:
		r.Ending = sandbox.OutOfTime
	case err == nil:
		r.Ending = sandbox.Exited
	case errors.As(err, &exit) && exit.Exited():
		r.Ending, r.Exit = sandbox.Exited, exit.ExitCode()
	case errors.As(err, &exit):
		r.Ending, r.Signal = sandbox.Killed, fmt.Sprint(exit.ProcessState)
	default:
		r.Ending = sandbox.NoProgram
	}
	return r, nil
}
