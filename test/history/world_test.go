package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/commit"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// fleetOf are the units of a folder or a commit, and what they share, opened.
type fleetOf struct {
	scope.Resolved
	// names are what git calls the files of a unit, as fleet.Named has them.
	names   func(context.Context, id.Unit) (files []blob.File, kind int, ok bool)
	recipes []*cache.Recipe // by the index of a kind in the layout
	limit   time.Duration
	closers []io.Closer
}

// settings are what a verdict depends on beside the bytes in the repository.
type settings struct {
	regions []string // selected; none for all
	limit   time.Duration
	engine  func(check.Kind) check.Kind // another engine of a kind; nil for its own
}

// errNothing: nothing can be verified, for what units share has mistakes.
var errNothing = errors.New("nothing can be verified")

// open opens the repository in a folder. The caller closes it, if there is no error. The error is
// errNothing, or a *scope.UsageError, where the repository is not as it should be.
func open(ctx context.Context, dir string, set settings) (*fleetOf, error) {
	what, err := config.Load(dir, config.Builtin())
	if err != nil {
		return nil, err
	}
	f := &fleetOf{limit: set.limit}
	tree := func(layout fleet.Layout) (*worktree.Tree, error) {
		tree, err := worktree.Open(dir, layout)
		if err == nil {
			f.closers = append(f.closers, tree)
		}
		return tree, err
	}
	return f, f.resolve(ctx, what, set, func(layout fleet.Layout) (scope.Fleet, error) {
		boundless := layout
		boundless.Kinds = slices.Clone(layout.Kinds)
		for i := range boundless.Kinds {
			boundless.Kinds[i].Limit = fleet.MostUnit // git names files of any size
		}
		named, err := tree(boundless)
		if err != nil {
			return nil, err
		}
		f.names = func(ctx context.Context, unit id.Unit) ([]blob.File, int, bool) {
			files, kind, err := named.Unit(ctx, unit)
			if err != nil {
				return nil, 0, false
			}
			names, err := blob.Of(files, blob.SHA1)
			return names, kind, err == nil
		}
		return tree(layout)
	})
}

// openCommit is open of a commit of the git repository in a folder.
func openCommit(ctx context.Context, dir, rev string, set settings) (*fleetOf, error) {
	c, err := commit.Open(ctx, dir, rev)
	if err != nil {
		return nil, err
	}
	f := &fleetOf{limit: set.limit, closers: []io.Closer{c}}
	what, found, err := config.LoadFiles(c.FS(), config.Builtin())
	if err != nil || !found {
		return nil, errors.Join(err, errors.New("the commit is of no repository"), f.close())
	}
	return f, f.resolve(ctx, what, set, func(layout fleet.Layout) (scope.Fleet, error) {
		tree, err := c.Fleet(layout)
		if err != nil {
			return nil, err
		}
		f.names = tree.Files
		return tree, nil
	})
}

// resolve opens what a configuration says, by a source of its layout. On an error it closes all.
func (f *fleetOf) resolve(ctx context.Context, what config.Config, set settings, source func(fleet.Layout) (scope.Fleet, error)) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if verdict.HasError(what.Findings) {
		return fmt.Errorf("%w: %v", errNothing, what.Findings[0].Message)
	}
	checks, layout := append(slices.Clone(what.Checks), readme{}), what.Layout
	if set.engine != nil {
		for i, k := range what.Checks {
			checks[i] = set.engine(k)
		}
	}
	layout.Kinds = slices.Clone(layout.Kinds)
	for i, k := range layout.Kinds {
		if k.Checks != nil {
			layout.Kinds[i].Checks = append(slices.Clone(k.Checks), readme{}.Name())
		}
	}
	units, err := source(layout)
	if err != nil {
		return err
	}
	f.Resolved, err = scope.Scope{Fleet: units, Checks: checks, Regions: set.regions, Mistakes: what.Findings, Locate: what.Locate}.Resolve(ctx)
	if err != nil {
		return err
	}
	if f.Invalid() {
		return fmt.Errorf("%w: %s", errNothing, f.Findings()[0].Message)
	}
	for i, k := range layout.Kinds {
		kind := f.Of(i)
		f.recipes = append(f.recipes, cache.NewRecipe(kind.Session.Facts(), kind.Shared.Digest(), f.Regions, set.limit, k.MaxBytes()))
	}
	return nil
}

func (f *fleetOf) close() (err error) {
	for _, c := range f.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

// unit is a unit as it was read.
type unit struct {
	name  id.Unit
	files bundle.Bundle
	kind  int
	err   error // why it could not be
	// names are what git calls its files; none where it cannot know them.
	names  []cache.Key
	isFile bool
}

// read reads all units, with the names of their files.
func (f *fleetOf) read(ctx context.Context) (all []unit, err error) {
	for name, err := range f.Fleet.Units(ctx) {
		if err != nil {
			return nil, err
		}
		u := unit{name: name}
		u.files, u.kind, u.err = f.Fleet.Unit(ctx, name)
		if files, kind, ok := f.names(ctx, name); ok {
			if u.err != nil {
				u.kind = kind
			}
			u.names, u.isFile = f.recipes[kind].Names(files), cache.IsFile(f.Path(name), files)
		}
		all = append(all, u)
	}
	return all, nil
}

// decide makes the verdict about a unit, of which some parts may be known.
func (f *fleetOf) decide(ctx context.Context, u unit, known map[string]verdict.Part) verdict.Verdict {
	if u.err != nil {
		return f.Unpackable(u.name, u.kind, u.err)
	}
	v, _ := f.Of(u.kind).Session.Decide(ctx, check.Request{Unit: u.name, Path: f.Path(u.name), Files: u.files, Regions: f.Regions, Limit: f.limit, Known: known})
	return v
}

// ask is the question about a unit whose digests are known.
func (f *fleetOf) ask(u unit, digests []id.Digest) cache.Question {
	return cache.Question{Recipe: f.recipes[u.kind], Unit: cache.Unit{Unit: u.name, Path: f.Path(u.name), File: u.isFile, Digests: digests}}
}

// said is what a verdict says, and what it is about, as one text.
func said(t *testing.T, v verdict.Verdict) string {
	t.Helper()
	text, err := v.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return v.Path + "\n" + string(text)
}

// told is what the parts of a verdict say, as one text: two of the same text make the same report.
func told(t *testing.T, v verdict.Verdict) (text string) {
	t.Helper()
	for _, p := range v.Parts {
		body, _, err := verdict.EncodeDecision(p.Decision)
		if err != nil {
			t.Fatal(err)
		}
		text += p.Check + " " + p.Failure + " " + string(body) + "\n"
	}
	return text
}
