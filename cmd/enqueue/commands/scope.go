package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/scope"
)

// repoEnv names the environment variable that says where the repository is to those who
// stand in none.
const repoEnv = "SHIPCAT_MANIFEST_DIR"

// scopeFlags choose the repository and its regions.
type scopeFlags struct {
	program cli.Program
	repo    string
	rev     string // of the commit that is verified, "" for what lies in the folder
	regions []string
	what    config.Config   // once the repository is loaded
	bare    cli.Program     // without the commands that this process offers
	offers  *command.Offers // that this process has; nil for none
	// known: units that are known by git's names for their files need not be read.
	known bool
	// unnamed tells, once git has looked at the folder, why it names no files there; nil where it is not asked.
	unnamed func() error
}

func (f *scopeFlags) add(cmd *cobra.Command) {
	f.addRepo(cmd, f.nearest())
	cmd.Flags().StringArrayVar(&f.regions, "region", nil, "a `REGION` of the configuration, or an alias of one; repeatable (default all)")
	complete(cmd, "region", f.completeRegions)
}

// nearest says in a help which repository is meant without --repo.
func (f *scopeFlags) nearest() string {
	return "the repository's `DIR` (default the nearest folder upwards with a " + markers(f.program, " or ") + ", else $" + repoEnv + ")"
}

// addRepo adds the flag that chooses the repository alone.
func (f *scopeFlags) addRepo(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&f.repo, "repo", "", usage)
	complete(cmd, "repo", folders)
}

// open opens the repository as a whole. The caller closes the scope's Fleet.
func (f *scopeFlags) open(ctx context.Context, log *slog.Logger) (scope.Scope, error) {
	if f.rev != "" {
		return f.openCommit(ctx, log)
	}
	dir, what, err := f.load(log)
	if err != nil {
		return scope.Scope{}, err
	}
	s, err := f.openAs(dir, what)
	if tree, ok := s.Fleet.(*worktree.Tree); ok && f.known {
		f.unnamed = tree.Index(ctx, worktree.Worth)
	}
	return s, err
}

// sayUnnamed tells, when units have been looked for, why git's names were of no use.
func (f *scopeFlags) sayUnnamed(log *slog.Logger) {
	if f.unnamed == nil {
		return
	}
	if err := f.unnamed(); err != nil {
		log.Debug("all files are read: git does not say which of them are as they were", "err", err)
	}
}

// offer gives the program the commands that flags define. The caller calls end when nothing runs
// any more.
func (f *scopeFlags) offer(ctx context.Context, flags *cli.CommandFlags, log *slog.Logger) (end func(), err error) {
	f.bare = f.program
	if f.offers, end, err = flags.Open(ctx, log); f.offers == nil {
		return end, err
	}
	for _, r := range f.offers.Refused() {
		log.Warn("command is not offered", "command", r.Name, "why", r.Why)
	}
	f.program = f.program.Offering(slices.Concat(f.offers.Kinds(), f.offers.Refusing()))
	return end, nil
}

// load is the folder of the repository, and what is verified there.
func (f *scopeFlags) load(log *slog.Logger) (dir string, what config.Config, err error) {
	if dir, err = f.find(log); err != nil {
		return "", config.Config{}, err
	}
	if what, err = config.Load(dir, f.program.Configs); err != nil {
		return "", config.Config{}, f.cannotOpen(dir, err)
	}
	f.what = what
	return dir, what, nil
}

// openAs opens what load has told of.
func (f *scopeFlags) openAs(dir string, what config.Config) (scope.Scope, error) {
	tree, err := worktree.Open(dir, what.Layout)
	if err != nil {
		return scope.Scope{}, f.cannotOpen(dir, err)
	}
	return f.scope(tree, what), nil
}

func (f *scopeFlags) scope(units scope.Fleet, what config.Config) scope.Scope {
	return scope.Scope{Fleet: units, Checks: what.Checks, Regions: f.regions, Mistakes: what.Findings, Locate: what.Locate}
}

// cannotOpen says why a folder is no repository, and who named it.
func (f *scopeFlags) cannotOpen(dir string, err error) error {
	if f.repo == "" && dir == os.Getenv(repoEnv) {
		return cli.Usagef("$%s: %v", repoEnv, err)
	}
	return cli.Usagef("%v", err)
}

// markers are what helps call the files that mark a repository.
func markers(p cli.Program, between string) string {
	return strings.Join(config.Markers(p.Configs), between)
}

// find is the folder that --repo names, the nearest repository upwards, or else the one
// that the environment names.
func (f *scopeFlags) find(log *slog.Logger) (string, error) {
	if f.repo != "" {
		return f.repo, nil
	}
	dir, _, err := worktree.Find(".", config.Markers(f.program.Configs)...)
	switch named := os.Getenv(repoEnv); {
	case err == nil && named != "" && !isSameFolder(named, dir):
		log.Warn(fmt.Sprintf("$%s is not used, for you are in the repository %s: pass --repo to verify another one", repoEnv, dir))
	case err != nil && named != "":
		return named, nil
	case err != nil && f.rev != "":
		return gitAround("."), nil // the commit may have what the folder has not
	case err != nil:
		return "", nowhere(err)
	}
	return dir, nil
}

// nowhere says that there is no repository, and what may have been meant for one.
func nowhere(err error) error {
	if none := (*worktree.NoMarkerError)(nil); !errors.As(err, &none) {
		return cli.Usagef("%v", err)
	}
	if dir, _, found := worktree.Find(".", config.Misnamed); found == nil {
		return cli.Usagef("%v: %s has a %s: call it %s", err, dir, config.Misnamed, config.Marker)
	}
	return cli.Usagef("%v; where there is none yet, `enqueue init` proposes a %s", err, config.Marker)
}

func isSameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
