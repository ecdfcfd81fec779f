package scope

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet/worktree"
)

// bases are the folders from which a path may be meant.
type bases struct{ root, dir, git string }

func newBases(root, dir string) (b bases, err error) {
	if b.root, err = filepath.Abs(root); err != nil {
		return b, fmt.Errorf("find the repository: %w", err)
	}
	if b.dir, err = filepath.Abs(dir); err != nil {
		return b, fmt.Errorf("find the working directory: %w", err)
	}
	if b.git, _, err = worktree.Find(b.root, ".git"); err != nil {
		b.git, err = b.root, nil
	}
	return b, err
}

// of are the places in the repository, relative to it, that a path may mean, the one from
// the working directory last.
func (b bases) of(name string) []string {
	from := []string{b.root, b.git, b.dir}
	if first, _, _ := strings.Cut(filepath.ToSlash(name), "/"); first == "." || first == ".." {
		from = from[2:]
	}
	var all []string
	for _, base := range from {
		full := name
		if !filepath.IsAbs(name) {
			full = filepath.Join(base, name)
		}
		if rel, ok := b.inside(full); ok && !slices.Contains(all, rel) {
			all = append(all, rel)
		}
	}
	return all
}

// beside says whether a path is there in the git repository, but outside this one.
func (b bases) beside(name string) bool {
	for _, base := range []string{b.git, b.dir} {
		full := name
		if !filepath.IsAbs(name) {
			full = filepath.Join(base, name)
		}
		_, in := below(b.root, full)
		_, near := below(b.git, full)
		if _, err := os.Lstat(full); err == nil && near && !in {
			return true
		}
	}
	return false
}

// inside is a path relative to the repository, as it is written or else behind its links.
func (b bases) inside(full string) (rel string, ok bool) {
	if rel, ok := below(b.root, filepath.Clean(full)); ok {
		return rel, true
	}
	root, err := filepath.EvalSymlinks(b.root)
	if err != nil {
		return "", false
	}
	return below(root, resolved(filepath.Clean(full)))
}

// resolved follows the links in that part of a path that is there.
func resolved(full string) string {
	if real, err := filepath.EvalSymlinks(full); err == nil || full == filepath.Dir(full) {
		return real
	}
	return filepath.Join(resolved(filepath.Dir(full)), filepath.Base(full))
}

func below(root, full string) (string, bool) {
	rel, err := filepath.Rel(root, full)
	return filepath.ToSlash(rel), err == nil && filepath.IsLocal(rel)
}
