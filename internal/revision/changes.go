package revision

import (
	"context"
	"fmt"
	"strings"
)

// Change is a file that is other in the checkout than in a commit.
type Change struct {
	Path string // in the folder that was asked for
	Was  string // the path that it had, "" for a new file
	blob string // what it was, "" for nothing
}

// Changes are the files of a folder that are there and are other than in a commit, be they
// committed since, staged, or not even tracked; those alone that git ignores are left out. A submodule
// of another commit is one of them, a folder without a text that it had before.
func (t *Tree) Changes(ctx context.Context, dir, commit string) ([]Change, error) {
	out, err := output(ctx, dir, "diff", "--raw", "-z", "-M", "--no-abbrev", "--no-ext-diff", "--relative", "--ignore-submodules=dirty", commit, "--")
	if err != nil {
		return nil, err
	}
	all, err := parseRaw(out)
	if err != nil {
		return nil, err
	}
	others, err := output(ctx, dir, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	for file := range strings.SplitSeq(others, "\x00") {
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
	return t.blobs.read(c.blob)
}

// submodule is the mode of one, whose object is a commit of another repository.
const submodule = "160000"

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
		if words[0] == submodule {
			c.blob = ""
		}
		fields = fields[used:]
		if words[4][0] != 'D' {
			all = append(all, c)
		}
	}
	return all, nil
}
