package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"github.com/seed306eabeb/muster/id"
)

// nameBatch is how many folder entries are read at a time: the first name comes
// before a large folder was read to its end, and memory stays flat.
const nameBatch = 512

// Names are the units: the direct sub-folders of the layout's folder, hidden
// ones included, symbolic links and files not, in the order in which the file
// system has them. There are none where that folder is absent. A unit whose name
// is not UTF-8, which no report could show, comes as an error of its own; after
// any other error, ctx's among them, the sequence ends.
func (f *Fleet) Names(ctx context.Context) iter.Seq2[id.Unit, error] {
	return func(yield func(id.Unit, error) bool) {
		folder, err := f.root.OpenFile(f.layout.Units, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield("", fmt.Errorf("list the units: %w", err))
			return
		}
		defer folder.Close()
		for {
			if ctx.Err() != nil {
				yield("", ctx.Err())
				return
			}
			batch, err := folder.ReadDir(nameBatch)
			if !f.yieldFolders(batch, yield) || errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield("", fmt.Errorf("list the units: %w", err))
				return
			}
		}
	}
}

func (f *Fleet) yieldFolders(batch []fs.DirEntry, yield func(id.Unit, error) bool) bool {
	for _, d := range batch {
		if !d.IsDir() {
			continue
		}
		name, err := d.Name(), error(nil)
		if !utf8.ValidString(name) {
			name, err = "", fmt.Errorf("folder %q: its name is not valid UTF-8: rename it", path.Join(f.layout.Units, name))
		}
		if !yield(id.Unit(name), err) {
			return false
		}
	}
	return true
}

// Has is nil when name is a unit, and else says why it is none.
func (f *Fleet) Has(name id.Unit) error {
	if err := f.checkName(name); err != nil {
		return err
	}
	p := path.Join(f.layout.Units, string(name))
	info, err := f.root.Lstat(p)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("no folder %q in the repository %s: %s", p, f.dir, f.suggest(name))
	case err != nil:
		return fmt.Errorf("look for %q: %w", p, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%q is a symbolic link: name the folder it stands for", p)
	case !info.IsDir():
		return fmt.Errorf("%q is not a folder: name a folder under %s/", p, f.layout.Units)
	}
	return nil
}

// checkName refuses what cannot be the name of a direct sub-folder.
func (f *Fleet) checkName(name id.Unit) error {
	switch {
	case strings.ContainsAny(string(name), "/\\"):
		return fmt.Errorf("%q is a path: give the name of a folder under %s/ alone", name, f.layout.Units)
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q names no folder under %s/", name, f.layout.Units)
	case strings.Contains(string(name), "\x00") || !utf8.ValidString(string(name)):
		return fmt.Errorf("%q is not valid UTF-8 without NUL: it cannot name a folder here", name)
	}
	return nil
}

// suggest names the unit that looks most like name.
func (f *Fleet) suggest(name id.Unit) string {
	best, least := id.Unit(""), len(name)/3+1
	for candidate, err := range f.Names(context.Background()) {
		if err != nil {
			continue
		}
		if off := len(candidate) - len(name); off > least || -off > least {
			continue
		}
		if d := levenshtein.ComputeDistance(string(name), string(candidate)); d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	if best == "" {
		return "check its spelling, or --repo"
	}
	return fmt.Sprintf("did you mean %q?", best)
}
