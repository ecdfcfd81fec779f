// Package revision asks git what a folder is a checkout of. That git is missing, that the
// folder is in no repository, and that git does not look at somebody else's are no errors:
// then nothing is known.
package revision

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/internal/git"
)

// Revision is what HEAD was at one moment.
type Revision struct {
	Commit string // "" if it is not known
	Branch string // "" without one, as after a checkout of a commit
}

// patience is how long git may take. The answer is in two small files, but they may lie on
// a file system that does not answer.
const patience = 2 * time.Second

// Of looks at the repository that dir is in.
func Of(ctx context.Context, dir string) Revision {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := git.Output(ctx, dir, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD")
	if err != nil {
		return Revision{}
	}
	return parse(out)
}

// parse reads two lines: the commit, and the full name of what HEAD stands for, which is
// HEAD without a branch.
func parse(out string) Revision {
	commit, head, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	if !git.IsObject(commit) {
		return Revision{}
	}
	branch, onBranch := strings.CutPrefix(head, "refs/heads/")
	if !onBranch {
		branch = ""
	}
	return Revision{Commit: commit, Branch: branch}
}

// MovedTo is the commit of a later look if it is another one, "" if it is the same or one
// of them is not known.
func (r Revision) MovedTo(later Revision) string {
	if r.Commit == "" || r.Commit == later.Commit {
		return ""
	}
	return later.Commit
}

// Top is the folder of the git repository that dir is in, and where dir lies in it, "." for the
// same. It asks no git. ok is false where there is none.
func Top(dir string) (top, folder string, ok bool) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", "", false
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	for top = abs; ; top = filepath.Dir(top) {
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			folder, err = filepath.Rel(top, abs)
			return top, filepath.ToSlash(folder), err == nil
		}
		if top == filepath.Dir(top) {
			return "", "", false
		}
	}
}
