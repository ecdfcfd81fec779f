package commands

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
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
	regions []string
}

func (f *scopeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.repo, "repo", "", "the repository's `DIR` (default the nearest folder upwards with a shipcat.conf, else $"+repoEnv+")")
	cmd.Flags().StringArrayVar(&f.regions, "region", nil, "a `REGION` or alias of shipcat.conf; repeatable (default all)")
	complete(cmd, "repo", folders)
	complete(cmd, "region", f.completeRegions)
}

// open opens the repository as a whole. The caller closes the scope's Fleet.
func (f *scopeFlags) open(log *slog.Logger) (scope.Scope, error) {
	dir, err := f.find(log)
	if err != nil {
		return scope.Scope{}, err
	}
	checks := checksOf(f.program.Kinds, dir)
	checkout, err := fleet.Open(dir, checks[0].Layout(), cli.UnitLimit)
	switch {
	case err != nil && f.repo == "" && dir == os.Getenv(repoEnv):
		return scope.Scope{}, cli.Usagef("$%s: %v", repoEnv, err)
	case err != nil:
		return scope.Scope{}, cli.Usagef("%v", err)
	}
	return scope.Scope{Fleet: checkout, Checks: checks, Regions: f.regions}, nil
}

// find is the folder that --repo names, the nearest repository upwards, or else the one
// that the environment names.
func (f *scopeFlags) find(log *slog.Logger) (string, error) {
	if f.repo != "" {
		return f.repo, nil
	}
	var markers []string
	for _, c := range f.program.Kinds {
		markers = append(markers, c.Layout().Marker)
	}
	dir, _, err := fleet.Find(".", markers...)
	switch named := os.Getenv(repoEnv); {
	case err == nil && named != "" && !isSameFolder(named, dir):
		log.Warn(fmt.Sprintf("$%s is not used, for you are in the repository %s: pass --repo to verify another one", repoEnv, dir))
	case err != nil && named != "":
		return named, nil
	case err != nil:
		return "", cli.Usagef("%v", err)
	}
	return dir, nil
}

func isSameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// checksOf is the first kind whose marker a folder has. Where none has, it is the default
// one, which says what it looks for.
func checksOf(all check.Kinds, dir string) check.Kinds {
	has := func(k check.Kind) bool {
		_, err := os.Stat(filepath.Join(dir, k.Layout().Marker))
		return err == nil
	}
	return all[max(slices.IndexFunc(all, has), 0):][:1]
}
