package commands

import (
	"context"
	"path/filepath"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/scope"
)

// checkout is what a report names as verified, as it was before a run.
type checkout struct {
	scope  scope.Scope
	before revision.Revision
}

func lookAt(ctx context.Context, s scope.Scope) checkout {
	if tree, ok := committed(s.Fleet); ok {
		return checkout{s, revision.Revision{Commit: tree.ID()}}
	}
	return checkout{s, revision.Of(ctx, s.Fleet.Dir())}
}

// after looks again once a run is over, and says what the report says of the checkout.
// Files beside the units are none of a selection's business.
func (c checkout) after(ctx context.Context) *report.Checkout {
	r := &report.Checkout{Folder: c.scope.Fleet.Dir(), Commit: c.before.Commit, Branch: c.before.Branch}
	if abs, err := filepath.Abs(r.Folder); err == nil {
		r.Folder = abs
	}
	tree, isCommit := committed(c.scope.Fleet)
	if isCommit {
		r.Ref, r.Pointers = tree.Rev(), tree.Pointers()
	} else if r.Commit != "" {
		r.MovedTo = c.before.MovedTo(revision.Of(ctx, c.scope.Fleet.Dir()))
	}
	if c.scope.Selection.Whole() {
		r.Files = c.scope.Fleet.PlainFiles()
		_, r.Units, _ = c.scope.Fleet.Layout().ByName()
		if isCommit {
			r.Unseen = shown(tree.Unseen())
		}
	}
	return r
}

// shown are paths as reports have them.
func shown(paths []string) (all []string) {
	for _, p := range paths {
		all = append(all, string(fleet.NameOf(p)))
	}
	return all
}
