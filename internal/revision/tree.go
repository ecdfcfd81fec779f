package revision

import (
	"cmp"
	"context"
	"errors"

	"github.com/seed306eabeb/muster/internal/git"
)

// MostBlob is how many bytes a file of a Tree may have that is read.
const MostBlob = git.MostBlob

// Tree is a folder of a repository as a commit has it: its files, without touching the
// checkout. It is a fs.ReadLinkFS. Close ends the git that it reads with.
type Tree struct {
	*git.Files
	objects *git.Objects
	below   []*git.Objects // of submodules that were at other commits
}

// Open opens the folder dir as a commit has it.
func Open(ctx context.Context, dir, commit string) (*Tree, error) {
	commit, folder, err := git.CommitOf(ctx, dir, commit)
	if err != nil {
		return nil, err
	}
	return open(ctx, dir, commit, folder)
}

// OpenTop opens the whole repository around the folder dir as a commit has it, and says where the folder lies in it,
// "." for the same.
func OpenTop(ctx context.Context, dir, commit string) (t *Tree, folder string, err error) {
	commit, folder, err = git.CommitOf(ctx, dir, commit)
	if err != nil {
		return nil, "", err
	}
	t, err = open(ctx, dir, commit, "")
	return t, cmp.Or(folder, "."), err
}

func open(ctx context.Context, dir, commit, folder string) (*Tree, error) {
	objects := git.OpenObjects(ctx, dir)
	tree, err := git.OpenTree(ctx, objects, commit, folder)
	if err != nil {
		return nil, errors.Join(err, objects.Close())
	}
	return &Tree{Files: git.NewFiles(ctx, tree), objects: objects}, nil
}

// Close ends the git that the tree reads with.
func (t *Tree) Close() error {
	err := t.objects.Close()
	for _, b := range t.below {
		err = errors.Join(err, b.Close())
	}
	return err
}
