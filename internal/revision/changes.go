package revision

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/internal/git"
)

// Change is a file that is other in a checkout, or in a commit, than in an earlier one.
type Change struct {
	Path string       // in the folder that was asked for
	Was  string       // the path that it had, "" for a new file
	blob string       // what it was, "" for nothing
	from *git.Objects // where that is
	sub  bool         // it is a submodule, and the blob the commit that it was at
}

// submodule is the mode of one, for git.
const submodule = "160000"

// Changes are the files of a folder that are there and are other than in a commit, be they
// committed since, staged, or not even tracked; those alone that git ignores are left out. The
// files of submodules that are at another commit are among them.
func (t *Tree) Changes(ctx context.Context, dir, commit string) ([]Change, error) {
	return t.changes(ctx, dir, commit, t.objects)
}

// ChangesIn are the files of a folder that are in a commit and are other than in an earlier one. What a submodule
// has is in neither.
func (t *Tree) ChangesIn(ctx context.Context, dir, earlier, commit string) ([]Change, error) {
	all, err := t.diff(ctx, dir, t.objects, earlier, commit)
	return slices.DeleteFunc(all, func(c Change) bool { return c.sub }), err
}

// diff are the files that are other than in a commit, in another one or else in the checkout.
func (t *Tree) diff(ctx context.Context, dir string, from *git.Objects, commits ...string) ([]Change, error) {
	args := append([]string{"diff", "--raw", "-z", "-M", "--no-abbrev", "--no-ext-diff", "--relative", "--ignore-submodules=none"}, commits...)
	out, err := git.Output(ctx, dir, append(args, "--")...)
	if err != nil {
		return nil, err
	}
	found, err := parseRaw(out)
	for i := range found {
		found[i].from = from
	}
	return found, err
}

func (t *Tree) changes(ctx context.Context, dir, commit string, from *git.Objects) (all []Change, err error) {
	found, err := t.diff(ctx, dir, from, commit)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		if !c.sub {
			all = append(all, c)
			continue
		}
		below, err := t.changesBelow(ctx, filepath.Join(dir, filepath.FromSlash(c.Path)), c)
		if err != nil {
			return nil, fmt.Errorf("submodule %s: %w", c.Path, err)
		}
		all = append(all, below...)
	}
	others, err := files(ctx, dir, "--others", "--exclude-standard")
	return append(all, others...), err
}

// changesBelow are those of a submodule that is checked out: all its files where the commit that
// it was at is not known.
func (t *Tree) changesBelow(ctx context.Context, dir string, c Change) (all []Change, err error) {
	if top, folder, ok := Top(dir); !ok || folder != "." {
		return nil, nil // nothing of it is here
	} else {
		dir = top
	}
	if _, unknown := git.Output(ctx, dir, "cat-file", "-e", c.blob+"^{commit}"); c.blob == "" || unknown != nil {
		all, err = files(ctx, dir, "--cached", "--others", "--exclude-standard")
	} else {
		b := git.OpenObjects(ctx, dir)
		t.below = append(t.below, b)
		all, err = t.changes(ctx, dir, c.blob, b)
	}
	for i := range all {
		all[i].Path = c.Path + "/" + all[i].Path
	}
	return all, err
}

// files are those of a folder that git lists, as new ones.
func files(ctx context.Context, dir string, which ...string) (all []Change, err error) {
	out, err := git.Output(ctx, dir, append([]string{"ls-files", "-z"}, which...)...)
	if err != nil {
		return nil, err
	}
	for file := range strings.SplitSeq(out, "\x00") {
		if file != "" {
			all = append(all, Change{Path: strings.TrimSuffix(file, "/")}) // one that ends so is a repository of its own
		}
	}
	return all, nil
}

// Before is the text of a changed file in the commit, nil if it was not there.
func (t *Tree) Before(c Change) ([]byte, error) {
	if c.blob == "" {
		return nil, nil
	}
	return c.from.Blob(context.Background(), c.blob)
}

// parseRaw reads what git prints of changes: for each a colon, both modes, both objects and what
// happened, and then the path, or two of a file that was moved.
func parseRaw(out string) (all []Change, err error) {
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	if out == "" {
		return nil, nil
	}
	for len(fields) > 0 {
		words := strings.Fields(strings.TrimPrefix(fields[0], ":"))
		if len(words) != 5 || len(fields) < 2 {
			return nil, fmt.Errorf("git diff: cannot read %q", fields[0])
		}
		c, used := Change{Path: fields[1], Was: fields[1], blob: words[2]}, 2
		switch words[4][0] {
		case 'R', 'C':
			if len(fields) < 3 {
				return nil, fmt.Errorf("git diff: cannot read %q", fields[0])
			}
			c.Path, used = fields[2], 3
		case 'A':
			c.Was, c.blob = "", ""
		}
		if c.sub = words[1] == submodule; c.sub != (words[0] == submodule) {
			c.blob = "" // something else was there
		}
		fields = fields[used:]
		if words[4][0] != 'D' {
			all = append(all, c)
		}
	}
	return all, nil
}
