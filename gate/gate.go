// Package gate keeps a change under review from switching off what judges it. The policy comes
// from the commit that the change has left, and so do the marks in files; what the change would
// switch off is said and not done. Checks themselves run as the change has them.
package gate

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/policy"
)

// State is what a repository says of itself at one time.
type State struct {
	Config config.Config
	Policy policy.Policy // with the baseline and the owners
	Files  fs.FS
	// Unread says in a line each what of the policy is there and cannot be read. It hides nothing.
	Unread []string
}

// Reader reads a state. Top are the files of the git repository, in which the one that is
// verified lies in a folder, "." where they are the same.
type Reader func(top fs.FS, folder string) (State, error)

// Change is what is judged: a commit, or "" for the checkout of the folder.
type Change struct{ Dir, Commit string }

// Open is the policy by which a change is judged that is to be merged into a revision: what now says it would be after it. It is that of the last commit that both have,
// for what was decided since is none of the change's doing: it is judged by when the change is
// tested as it will be merged, which CI systems do.
func Open(ctx context.Context, change Change, rev string, now State, read Reader) (policy.Policy, error) {
	base, err := revision.Base(ctx, change.Dir, change.Commit, rev)
	if err != nil {
		return policy.Policy{}, err
	}
	tree, folder, err := revision.OpenTop(ctx, change.Dir, base)
	if err != nil {
		return policy.Policy{}, err
	}
	defer tree.Close()
	before, err := read(tree, folder)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("read the policy of %s (%.12s): %w", rev, base, err)
	}
	before.Policy.Owners.Files = now.Policy.Owners.Files // of the units, which are those of the change
	changes, err := changesOf(ctx, tree, change, base)
	if err != nil {
		return policy.Policy{}, err
	}
	p := now.Policy
	p.Severities, p.Ignores, p.Limits = before.Policy.Severities, before.Policy.Ignores, before.Policy.Limits
	p.Baseline, p.Owners = before.Policy.Baseline, before.Policy.Owners
	p.Borrowed = config.Borrowed(before.Config, now.Config)
	p.Proposed = append(before.Unread, config.Loosened(before.Config, now.Config)...)
	p.Proposed = append(p.Proposed, changedSchemas(before, now)...)
	beside, err := changedBeside(before, now)
	if err != nil {
		return policy.Policy{}, err
	}
	p.Proposed = append(p.Proposed, beside...)
	p.Proposed = append(p.Proposed, policy.Loosened(before.Policy, now.Policy)...)
	added, err := addedMarks(tree, changes, now.Files)
	if err != nil {
		return policy.Policy{}, err
	}
	p.Distrusted = added
	p.Proposed = append(p.Proposed, toldMarks(added)...)
	return p, nil
}

func changesOf(ctx context.Context, tree *revision.Tree, c Change, base string) ([]revision.Change, error) {
	if c.Commit != "" {
		return tree.ChangesIn(ctx, c.Dir, base, c.Commit)
	}
	return tree.Changes(ctx, c.Dir, base)
}
