package commands

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/scope"
)

// repoEnv names the environment variable that --repo defaults to.
const repoEnv = "SHIPCAT_MANIFEST_DIR"

// scopeFlags choose what is verified.
type scopeFlags struct {
	program cli.Program
	repo    string
	regions []string
}

func (f *scopeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.repo, "repo", "", "the repository's `DIR` (default $"+repoEnv+", else the nearest folder upwards with a shipcat.conf)")
	cmd.Flags().StringArrayVar(&f.regions, "region", nil, "a `REGION` or alias of shipcat.conf; repeatable (default all)")
}

// open finds the repository and the checker whose marker it has. The caller closes
// the scope's Fleet.
func (f *scopeFlags) open(selection scope.Selection) (scope.Scope, error) {
	checker, dir, err := f.find()
	if err != nil {
		return scope.Scope{}, err
	}
	checkout, err := fleet.Open(dir, checker.Layout(), cli.UnitLimit)
	if err != nil {
		return scope.Scope{}, cli.Usagef("%v", err)
	}
	return scope.Scope{Fleet: checkout, Checker: checker, Regions: f.regions, Selection: selection}, nil
}

// find asks the checkers in their order. Where none knows the repository, the
// default one says what it looks for.
func (f *scopeFlags) find() (check.Checker, string, error) {
	all := f.program.Checkers
	dir := cmp.Or(f.repo, os.Getenv(repoEnv))
	if dir != "" {
		has := func(c check.Checker) bool {
			_, err := os.Stat(filepath.Join(dir, c.Layout().Marker))
			return err == nil
		}
		return all[max(slices.IndexFunc(all, has), 0)], dir, nil
	}
	var none error
	for _, c := range all {
		dir, err := fleet.Find(".", c.Layout().Marker)
		if err == nil {
			return c, dir, nil
		}
		none = cmp.Or(none, err)
	}
	return nil, "", cli.Usagef("%v", none)
}
