// Package since finds the commit that a state of a repository is compared with. Where none can be
// trusted, everything counts as changed, and it says why: a comparison with the wrong commit would
// find that nothing has changed.
package since

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/seed306eabeb/muster/internal/git"
)

// Base is the commit that something is compared with.
type Base struct {
	// Commit is its name, "" where everything counts as changed.
	Commit string
	// Why says in words why it is this one, or why there is none.
	Why string
}

func everything(format string, args ...any) Base { return Base{Why: fmt.Sprintf(format, args...)} }

// State is what is compared: the checkout of a folder, or a commit that its repository has.
type State struct {
	Dir    string
	Commit string // "" for the checkout
}

// head is the revision that the state stands on.
func (s State) head() string {
	if s.Commit != "" {
		return s.Commit
	}
	return "HEAD"
}

// Of is the commit at which the state has left a revision. An error says that nobody can have meant the
// revision: that the folder is in no repository, or that a clone which has all commits lacks it.
func Of(ctx context.Context, s State, rev string) (Base, error) {
	if strings.Trim(rev, "0") == "" && len(rev) >= 40 {
		return everything("the base is the name of no commit: nothing was there before"), nil
	}
	shallow, err := isShallow(ctx, s.Dir)
	if err != nil {
		return Base{}, fmt.Errorf("%s cannot be compared with %q: %w", s.Dir, rev, err)
	}
	if unborn(ctx, s) {
		return everything("there is no commit yet"), nil
	}
	theirs, err := git.Commit(ctx, s.Dir, rev)
	switch {
	case ctx.Err() != nil:
		return Base{}, ctx.Err()
	case err != nil && shallow:
		return everything("%v", err), nil
	case err != nil:
		return Base{}, err
	}
	return leaving(ctx, s, theirs, rev, shallow)
}

// leaving is the one last commit that a state and another one have in common.
func leaving(ctx context.Context, s State, theirs, rev string, shallow bool) (Base, error) {
	out, err := git.Output(ctx, s.Dir, "merge-base", "--all", s.head(), theirs)
	all := strings.Fields(out)
	switch {
	case ctx.Err() != nil:
		return Base{}, ctx.Err()
	case err != nil && !isNo(err):
		return Base{}, err
	case len(all) == 0 && shallow:
		return everything("the clone does not reach back to where the change has left %s: %s", rev, git.HowToFetch(ctx, s.Dir, rev)), nil
	case len(all) == 0:
		return everything("%s has no commit in common with what is verified", rev), nil
	case len(all) > 1:
		return everything("the change has left %s at %d commits, which were merged crosswise: none of them alone is what was there before", rev, len(all)), nil
	}
	return Base{all[0], "where it has left " + rev}, nil
}

// isNo says whether git has answered no, and not failed.
func isNo(err error) bool {
	exit := (*exec.ExitError)(nil)
	return errors.As(err, &exit) && exit.ExitCode() == 1
}

// ancestor is a commit, if it is one that the state was made from, and not the state's own.
func ancestor(ctx context.Context, s State, commit, what string) (Base, error) {
	shallow, err := isShallow(ctx, s.Dir)
	if err != nil {
		return Base{}, fmt.Errorf("%s cannot be compared with %s: %w", s.Dir, what, err)
	}
	if unborn(ctx, s) {
		return everything("there is no commit yet"), nil
	}
	full, err := git.Commit(ctx, s.Dir, commit)
	switch {
	case ctx.Err() != nil:
		return Base{}, ctx.Err()
	case err != nil:
		return everything("%s is not in this clone: %s", what, git.HowToFetch(ctx, s.Dir, commit)), nil
	}
	_, err = git.Output(ctx, s.Dir, "merge-base", "--is-ancestor", full, s.head())
	switch {
	case ctx.Err() != nil:
		return Base{}, ctx.Err()
	case err != nil && !isNo(err):
		return Base{}, err
	case err != nil && shallow:
		return everything("the clone does not reach back to %s: %s", what, git.HowToFetch(ctx, s.Dir, commit)), nil
	case err != nil:
		return everything("%s is none that this one was made from: the history was replaced", what), nil
	}
	return Base{full, what}, nil
}

// isShallow says whether the repository lacks old commits. It is an error where there is none.
func isShallow(ctx context.Context, dir string) (bool, error) {
	out, err := git.Output(ctx, dir, "rev-parse", "--is-shallow-repository")
	return strings.TrimSpace(out) == "true", err
}

// unborn says whether the state stands on no commit.
func unborn(ctx context.Context, s State) bool {
	_, err := git.Output(ctx, s.Dir, "rev-parse", "--verify", "--quiet", s.head()+"^{commit}")
	return err != nil && ctx.Err() == nil
}
