package commands

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet/commit"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/scope"
)

// addRef adds the flag that names a commit, and the one that says that none is meant.
func (f *scopeFlags) addRef(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.rev, "ref", "", "the commit that `REV` stands for, a branch, a tag or a commit's name, as git has it, in place of the files of the folder")
	complete(cmd, "ref", completeNothing)
	cmd.Flags().Bool("worktree", false, "the files of the folder as they lie there, committed or not (default without --ref)")
	cmd.MarkFlagsMutuallyExclusive("ref", "worktree")
}

// openCommit opens the commit that is named.
func (f *scopeFlags) openCommit(ctx context.Context, log *slog.Logger) (scope.Scope, error) {
	dir, err := f.find(log)
	if err != nil {
		return scope.Scope{}, err
	}
	s, err := f.openCommitIn(ctx, dir)
	switch {
	case ctx.Err() != nil:
		return scope.Scope{}, ctx.Err()
	case err != nil:
		return scope.Scope{}, cli.Usagef("--ref %s: %v", f.rev, err)
	}
	return s, nil
}

// openCommitIn opens the commit that is named as it has a folder.
func (f *scopeFlags) openCommitIn(ctx context.Context, dir string) (scope.Scope, error) {
	c, err := commit.Open(ctx, dir, f.rev)
	if err != nil {
		return scope.Scope{}, err
	}
	what, err := f.loadCommit(c)
	if err == nil {
		var tree *commit.Tree
		if tree, err = c.Fleet(what.Layout); err == nil {
			f.what = what
			return f.scope(tree, what), nil
		}
	}
	c.Close()
	return scope.Scope{}, err
}

// loadCommit is what is verified in a commit.
func (f *scopeFlags) loadCommit(c *commit.Commit) (config.Config, error) {
	what, found, err := config.LoadFiles(c.FS(), f.program.Configs)
	switch {
	case err != nil:
		return what, fmt.Errorf("open commit %.12s of %s: %w", c.ID(), c.Dir(), err)
	case !found:
		return what, fmt.Errorf("commit %.12s has no %s in %s: name the folder that has one with --repo DIR", c.ID(), markers(f.program, " and no "), c.Dir())
	}
	return what, nil
}

// gitAround is the folder of the git repository that a folder is in, or itself: a bare one has no other.
func gitAround(dir string) string {
	if top, _, ok := revision.Top(dir); ok {
		return top
	}
	return dir
}

// committed are the units of a commit, where they are.
func committed(units scope.Fleet) (*commit.Tree, bool) {
	tree, ok := units.(*commit.Tree)
	return tree, ok
}
