package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/run"
)

// repoEnv names the environment variable that --repo defaults to.
const repoEnv = "SHIPCAT_MANIFEST_DIR"

// scopeFlags choose what is verified.
type scopeFlags struct {
	repo    string
	regions []string
}

func (f *scopeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.repo, "repo", "", "the repository's `DIR` (default $"+repoEnv+", else the nearest folder upwards with a shipcat.conf)")
	cmd.Flags().StringArrayVar(&f.regions, "region", nil, "a `REGION` or alias of shipcat.conf; repeatable (default all)")
}

// open finds the repository. The caller closes the scope's Fleet.
func (f *scopeFlags) open(services []string) (run.Scope, error) {
	checker := cli.Checkers()[0]
	dir, err := f.dir(checker.Layout().Marker)
	if err != nil {
		return run.Scope{}, err
	}
	checkout, err := fleet.Open(dir, checker.Layout(), cli.UnitLimit)
	if err != nil {
		return run.Scope{}, cli.Usagef("%v", err)
	}
	return run.Scope{Fleet: checkout, Checker: checker, Regions: f.regions, Services: services}, nil
}

func (f *scopeFlags) dir(marker string) (string, error) {
	if f.repo != "" {
		return f.repo, nil
	}
	if dir := os.Getenv(repoEnv); dir != "" {
		return dir, nil
	}
	dir, err := fleet.Find(".", marker)
	if err != nil {
		return "", cli.Usagef("%v", err)
	}
	return dir, nil
}
