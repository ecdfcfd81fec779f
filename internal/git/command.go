// Package git runs the git that is installed: it asks it about revisions, and reads commits with it.
// Every git runs in a folder that is named, and in no other one that a variable points to, as
// hooks have them. None of them changes the repository, but to fetch what a partial clone lacks.
package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Command is a git that runs in a folder, until ctx ends.
func Command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-C", dir}, args...)...)
	cmd.Env = append(environment(os.Environ()), "LC_ALL=C")
	cmd.WaitDelay = time.Second
	return cmd
}

// aside are the variables that point git at something else than the folder, as they are set in a
// hook, and those that change what a path means to it.
var aside = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"}

// environment is that of a process without what would make git look elsewhere.
func environment(all []string) []string {
	return slices.DeleteFunc(all, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(aside, name)
	})
}

// Output is what git prints; an *Error has what it says instead.
func Output(ctx context.Context, dir string, args ...string) (string, error) {
	return outputOf(ctx, Command(ctx, dir, args...), args[0])
}

func outputOf(ctx context.Context, cmd *exec.Cmd, name string) (string, error) {
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", failed(ctx, name, said.String(), err)
	}
	return string(out), nil
}

// failed is the error of a git that has ended with one.
func failed(ctx context.Context, name, said string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("git is not installed here")
	}
	return &Error{name, strings.TrimSpace(said), err}
}

// Error is git's no.
type Error struct {
	command, said string
	err           error
}

func (e *Error) Error() string {
	if e.said == "" {
		return fmt.Sprintf("git %s: %v", e.command, e.err)
	}
	line, _, _ := strings.Cut(e.said, "\n")
	return fmt.Sprintf("git %s: %s", e.command, strings.TrimPrefix(line, "fatal: "))
}

func (e *Error) Unwrap() error { return e.err }

// IsObject says whether a text is the name of an object.
func IsObject(text string) bool {
	if len(text) != sha1.Size*2 && len(text) != sha256.Size*2 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
