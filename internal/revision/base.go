package revision

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/internal/git"
)

// Base is the commit at which the change in a folder's checkout has left a revision: the last
// one that both have. What the revision has got since is none of the change's doing.
func Base(ctx context.Context, dir, rev string) (commit string, err error) {
	theirs, err := git.Commit(ctx, dir, rev)
	if refused := (*git.Error)(nil); errors.As(err, &refused) {
		return "", fmt.Errorf("the folder cannot be compared with %q: %w", rev, err)
	}
	if err != nil {
		return "", err
	}
	base, err := git.Output(ctx, dir, "merge-base", "HEAD", theirs)
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", fmt.Errorf("the checkout and the revision %q have no commit in common: %s", rev, git.HowToFetch(ctx, dir, rev))
	}
	return strings.TrimSpace(base), nil
}
