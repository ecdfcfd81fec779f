package isolate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/seed306eabeb/muster/internal/child"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

const (
	// maxAnswer bounds what is read of a child's answer. A verdict has a few kilobytes.
	maxAnswer = 32 << 20
	// waitDelay is how long a dead child's streams may stay open, in the hands of a child
	// of its own.
	waitDelay = time.Second
)

// errSilent is why a child is killed that does not answer in time.
var errSilent = errors.New("no answer")

// ask decides a task in one child. The error is a deathError if the child ends without an
// answer.
func (d Decider) ask(ctx context.Context, t tasks.Task, asked []byte) (verdict.Verdict, error) {
	limit := t.Longest() + d.grace()
	within, cancel := context.WithTimeoutCause(ctx, limit, errSilent)
	defer cancel()
	cmd, said, err := d.command(within, asked)
	if err != nil {
		return verdict.Verdict{}, err
	}
	out := &bounded{left: maxAnswer}
	cmd.Stdout = out
	ended, err := child.Start(cmd)
	if err != nil {
		return verdict.Verdict{}, fmt.Errorf("start a process that verifies %q: %w", t.Unit, err)
	}
	<-ended
	switch a, v, err := out.decode(t); {
	case cmd.ProcessState.Success() && err == nil && a.Undecided != "":
		return v, errors.New(a.Undecided)
	case cmd.ProcessState.Success() && err == nil:
		return v, nil
	case ctx.Err() != nil:
		return verdict.Verdict{}, context.Cause(ctx)
	case errors.Is(context.Cause(within), errSilent):
		return verdict.Verdict{}, fmt.Errorf("the process that verified it did not answer within %s, and was killed: raise --unit-timeout or see what it waits for", limit)
	default:
		return verdict.Verdict{}, deathError(describe(cmd.ProcessState, err, said.last()))
	}
}

func (d Decider) grace() time.Duration {
	if d.Grace > 0 {
		return d.Grace
	}
	return defaultGrace
}

// command is a child that lives until ctx ends. What it says of itself goes to said.
func (d Decider) command(ctx context.Context, asked []byte) (cmd *exec.Cmd, said *words, err error) {
	path, name, err := self()
	if err != nil {
		return nil, nil, fmt.Errorf("find this program: %w", err)
	}
	said = new(words)
	cmd = exec.CommandContext(ctx, path, d.Args...)
	cmd.Args[0] = name
	cmd.Stdin = bytes.NewReader(asked)
	cmd.Stderr = said
	cmd.WaitDelay = waitDelay
	// Without the stacks, the last line of a Go program that panics says why.
	cmd.Env = append(os.Environ(), "GOTRACEBACK=none")
	return cmd, said, nil
}

// procSelf is this program on Linux, also when its file was replaced since.
const procSelf = "/proc/self/exe"

// self is the path of this program, and its name.
func self() (path, name string, err error) {
	path, err = os.Executable()
	if err != nil {
		return "", "", err
	}
	name = filepath.Base(path)
	if _, err := os.Stat(procSelf); err == nil {
		path = procSelf
	}
	return path, name, nil
}

// describe says how a child died that ended in a state, with an answer that could not be
// decoded for the reason given, and the last that it said.
func describe(state *os.ProcessState, undecodable error, last string) string {
	how := state.String()
	if state.Success() || errors.Is(undecodable, errTooLong) { // who writes on may die of the closed pipe
		how = fmt.Sprintf("its answer cannot be read: %v", undecodable)
	}
	if last != "" {
		how += ": " + last
	}
	return how
}

// bounded keeps what a child answers, until it is too much.
type bounded struct {
	text bytes.Buffer
	left int
}

// errTooLong ends the reading of an answer. The child then writes into a closed pipe.
var errTooLong = fmt.Errorf("it is longer than %d MiB", maxAnswer>>20)

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.left = -1
		return 0, errTooLong
	}
	b.left -= len(p)
	return b.text.Write(p)
}

// decode reads what was answered about a task.
func (b *bounded) decode(t tasks.Task) (a answer, v verdict.Verdict, err error) {
	if b.left < 0 {
		return a, v, errTooLong
	}
	if err := json.Unmarshal(b.text.Bytes(), &a); err != nil || a.Undecided != "" && a.Verdict == nil {
		return a, v, err
	}
	if v, err = verdict.Decode(a.Verdict); err == nil && v.Unit != t.Unit {
		err = fmt.Errorf("it is about %q", v.Unit)
	}
	return a, v, err
}
