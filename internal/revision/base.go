package revision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/internal/git"
)

// Base is the commit at which a change has left a revision: the last one that both have. The change is a commit, or
// "" for the checkout of the folder. What the revision has got since is none of the change's doing.
func Base(ctx context.Context, dir, change, rev string) (commit string, err error) {
	theirs, err := git.Commit(ctx, dir, rev)
	if refused := (*git.Error)(nil); errors.As(err, &refused) {
		return "", fmt.Errorf("the folder cannot be compared with %q: %w", rev, err)
	}
	if err != nil {
		return "", err
	}
	base, err := git.Output(ctx, dir, "merge-base", cmp.Or(change, "HEAD"), theirs)
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		what := "the checkout"
		if change != "" {
			what = fmt.Sprintf("commit %.12s", change)
		}
		return "", fmt.Errorf("%s and the revision %q have no commit in common: %s", what, rev, git.HowToFetch(ctx, dir, rev))
	}
	return strings.TrimSpace(base), nil
}
