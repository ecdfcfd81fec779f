// Package commit is the source that reads a commit of a git repository, without a checkout: which units it has
// by a layout, their files as bundles, and what git calls these. The bytes are those that git keeps: no filter
// is applied, and no line ending is another one.
package commit

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/survey"
	"github.com/seed306eabeb/muster/internal/git"
)

// Commit is a folder of a repository as a commit has it. Its methods may be called from several goroutines
// at once, but not after Close.
type Commit struct {
	dir     string
	rev     string
	id      string
	folder  string // in the git repository, "" for the same
	tree    *git.Tree
	files   *git.Files
	objects *git.Objects
}

// Open opens the commit that a revision stands for now, of the git repository that dir is or is in: as much of it as
// lies in the folder that dir is in a checkout. It reads until it is closed, also when ctx has ended: a run that was
// interrupted has a report, too. The caller must Close it.
func Open(ctx context.Context, dir, rev string) (*Commit, error) {
	id, folder, err := git.CommitOf(ctx, dir, rev)
	if err != nil {
		return nil, err
	}
	always := context.WithoutCancel(ctx)
	objects := git.OpenObjects(always, dir)
	tree, err := git.OpenTree(ctx, objects, id, folder)
	if err != nil {
		return nil, errors.Join(err, objects.Close())
	}
	return &Commit{dir, rev, id, folder, tree, git.NewFiles(always, tree), objects}, nil
}

// Rev is the revision that it was opened by.
func (c *Commit) Rev() string { return c.rev }

// ID is the name of the commit.
func (c *Commit) ID() string { return c.id }

// Dir is the folder that the commit was opened with.
func (c *Commit) Dir() string { return c.dir }

// FS are its files. Links that lead out of the folder lead to nothing.
func (c *Commit) FS() fs.FS { return c.files }

// Top are the files of the whole git repository in the commit, and where the folder lies in it, "." for the
// same.
func (c *Commit) Top(ctx context.Context) (top fs.FS, folder string, err error) {
	if c.folder == "" {
		return c.files, ".", nil
	}
	tree, err := git.OpenTree(ctx, c.objects, c.id, "")
	if err != nil {
		return nil, "", err
	}
	return git.NewFiles(context.WithoutCancel(ctx), tree), c.folder, nil
}

// Close ends the git that reads. Bundles stay usable.
func (c *Commit) Close() error { return c.objects.Close() }

// Fleet are the units of the commit by a layout. The layout must be a valid one. Closing either closes both.
func (c *Commit) Fleet(layout fleet.Layout) (*Tree, error) {
	if err := layout.Check(); err != nil {
		return nil, err
	}
	t := &Tree{Commit: c, layout: layout, byName: layout.Named()}
	t.survey = survey.New(surveyed{t}, layout, c.dir)
	t.walk = t.survey.Walk()
	t.namedKind = max(0, slices.IndexFunc(layout.Kinds, func(k fleet.Kind) bool { return k.ByName }))
	if e, err := c.files.Reach(t.byName); err == nil {
		t.named = e
	}
	return t, nil
}

// surveyed are the files for a survey. There is nothing in a submodule, but what one is in place of the folder of all units.
type surveyed struct{ *Tree }

func (s surveyed) Each(ctx context.Context, dir string, do func(fs.DirEntry) error) error {
	if dir == s.byName && s.named.Mode == git.Submodule {
		return submodule(dir, s.named)
	}
	return s.files.Each(ctx, dir, func(d fs.DirEntry) error {
		if git.IsSubmodule(d) {
			s.unseen.add(path.Join(dir, d.Name()))
		}
		return do(d)
	})
}

// submodule says that an entry at a path is one.
func submodule(file string, e git.Entry) error { return &SubmoduleError{file, e.Object()} }

// SubmoduleError says that files are asked for of which a commit has none.
type SubmoduleError struct {
	Path   string // in the folder
	Commit string // of the other repository
}

func (e *SubmoduleError) Error() string {
	return string(fleet.NameOf(e.Path)) + " is a submodule, of which git has no more here than that it is at commit " + e.Commit[:min(12, len(e.Commit))] +
		": verify a checkout of it, without --ref"
}
