package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// git is one that runs in a folder.
func git(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-C", dir}, args...)...)
	cmd.Env = append(environment(os.Environ()), "LC_ALL=C")
	cmd.WaitDelay = time.Second
	return cmd
}

// output is what git prints, or what it says instead.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := git(ctx, dir, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("git is not installed here")
	case err != nil:
		return "", &gitError{args[0], strings.TrimSpace(said.String()), err}
	}
	return string(out), nil
}

// gitError is git's no.
type gitError struct {
	command, said string
	err           error
}

func (e *gitError) Error() string {
	if e.said == "" {
		return fmt.Sprintf("git %s: %v", e.command, e.err)
	}
	line, _, _ := strings.Cut(e.said, "\n")
	return fmt.Sprintf("git %s: %s", e.command, strings.TrimPrefix(line, "fatal: "))
}

func (e *gitError) Unwrap() error { return e.err }

// Base is the commit at which the change in a folder's checkout has left a revision: the last
// one that both have. What the revision has got since is none of the change's doing.
func Base(ctx context.Context, dir, rev string) (commit string, err error) {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsAny(rev, "\x00\n\r") {
		return "", fmt.Errorf("%q is no revision: give a branch, a tag or a commit", rev)
	}
	if _, err := output(ctx, dir, "rev-parse", "--git-dir"); err != nil {
		return "", fmt.Errorf("the folder cannot be compared with %q: %w", rev, err)
	}
	theirs, err := output(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", fmt.Errorf("the revision %q is not in this clone: %s", rev, howToFetch(ctx, dir, rev))
	}
	base, err := output(ctx, dir, "merge-base", "HEAD", strings.TrimSpace(theirs))
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", fmt.Errorf("the checkout and the revision %q have no commit in common: %s", rev, howToFetch(ctx, dir, rev))
	}
	return strings.TrimSpace(base), nil
}

// howToFetch says how a clone gets what it lacks.
func howToFetch(ctx context.Context, dir, rev string) string {
	fetch := "git fetch origin " + rev
	if branch, ok := strings.CutPrefix(rev, "origin/"); ok {
		fetch = fmt.Sprintf("git fetch origin %s:refs/remotes/origin/%[1]s", branch)
	}
	if shallow, err := output(ctx, dir, "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(shallow) == "true" {
		return fmt.Sprintf("the clone is shallow: check out with fetch-depth: 0 (GitHub) or GIT_DEPTH: 0 (GitLab), or run `git fetch --unshallow origin` and `%s`", fetch)
	}
	return fmt.Sprintf("run `%s`, or check out with all branches", fetch)
}
