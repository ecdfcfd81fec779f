package git

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
)

// Commit is the commit that a revision stands for now in the repository around a folder. An error
// says how a clone that has it not gets it.
func Commit(ctx context.Context, dir, rev string) (commit string, err error) {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsAny(rev, "\x00\n\r") {
		return "", fmt.Errorf("%q is no revision: give a branch, a tag or a commit", rev)
	}
	out, err := Output(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	switch {
	case err == nil:
		return strings.TrimSpace(out), nil
	case ctx.Err() != nil:
		return "", err
	}
	if _, err := Output(ctx, dir, "rev-parse", "--git-dir"); err != nil {
		return "", err
	}
	return "", fmt.Errorf("the revision %q is not in this clone: %s", rev, HowToFetch(ctx, dir, rev))
}

// CommitOf is Commit, and beside it the path that the folder has in the repository, as Prefix says it.
func CommitOf(ctx context.Context, dir, rev string) (commit, folder string, err error) {
	var both sync.WaitGroup
	var none error
	both.Go(func() { folder, none = Prefix(ctx, dir) })
	commit, err = Commit(ctx, dir, rev)
	both.Wait()
	return commit, folder, cmp.Or(err, none)
}

// HowToFetch says how a clone gets a revision that it lacks.
func HowToFetch(ctx context.Context, dir, rev string) string {
	fetch := "git fetch origin " + rev
	if branch, ok := strings.CutPrefix(rev, "origin/"); ok {
		fetch = fmt.Sprintf("git fetch origin %s:refs/remotes/origin/%[1]s", branch)
	}
	if shallow, err := Output(ctx, dir, "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(shallow) == "true" {
		return fmt.Sprintf("the clone is shallow: check out with fetch-depth: 0 (GitHub) or GIT_DEPTH: 0 (GitLab), or run `git fetch --unshallow origin` and `%s`", fetch)
	}
	return fmt.Sprintf("run `%s`, or check out with all branches", fetch)
}
