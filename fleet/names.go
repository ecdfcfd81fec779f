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

// Names are the units by name: one for each entry of the layout's folder but the plain
// files, which PlainFiles counts, in the order in which the file system has them. There
// are none where that folder is absent. An entry that cannot be a unit is named like any
// other (see NameOf); Pack says what is wrong with it. After an error, ctx's among them,
// the sequence ends.
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
		files := 0
		for {
			if ctx.Err() != nil {
				yield("", ctx.Err())
				return
			}
			batch, err := folder.ReadDir(nameBatch)
			if !yieldUnits(batch, &files, yield) {
				return
			}
			switch {
			case errors.Is(err, io.EOF):
				f.files.Store(int64(files))
				return
			case err != nil:
				yield("", fmt.Errorf("list the units: %w", err))
				return
			}
		}
	}
}

// yieldUnits hands on the units of a batch, and counts its plain files.
func yieldUnits(batch []fs.DirEntry, files *int, yield func(id.Unit, error) bool) bool {
	for _, d := range batch {
		if d.Type().IsRegular() {
			*files++
		} else if !yield(NameOf(d.Name()), nil) {
			return false
		}
	}
	return true
}

// PlainFiles is how many plain files lie beside the units, as the last walk of Names
// found them that came to its end; 0 before.
func (f *Fleet) PlainFiles() int { return int(f.files.Load()) }

// Contains says whether name is a unit, be it one that Pack refuses. Where it cannot be
// told, it is none.
func (f *Fleet) Contains(name id.Unit) bool {
	entry, err := f.entry(name)
	if err != nil {
		return false
	}
	info, err := f.root.Lstat(path.Join(f.layout.Units, entry))
	return err == nil && !info.Mode().IsRegular()
}

// Has is nil when name is a unit, be it one that Pack refuses, and else says why it is
// none.
func (f *Fleet) Has(name id.Unit) error {
	entry, err := f.entry(name)
	if err != nil {
		return err
	}
	p := path.Join(f.layout.Units, string(name))
	info, err := f.root.Lstat(path.Join(f.layout.Units, entry))
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("no folder %q in the repository %s: %s", p, f.dir, f.suggest(name))
	case err != nil:
		return fmt.Errorf("look for %q: %w", p, err)
	case info.Mode().IsRegular():
		return fmt.Errorf("%q is not a folder: name a folder under %s/", p, f.layout.Units)
	}
	return nil
}

// entry is what the units' folder calls a unit. It refuses what cannot be the name of an
// entry there.
func (f *Fleet) entry(name id.Unit) (string, error) {
	switch {
	case strings.Contains(string(name), "/"):
		return "", fmt.Errorf("%q is a path: give the name of a folder under %s/ alone", name, f.layout.Units)
	case name == "" || name == "." || name == "..":
		return "", fmt.Errorf("%q names no folder under %s/", name, f.layout.Units)
	case strings.Contains(string(name), "\x00") || !utf8.ValidString(string(name)):
		return "", fmt.Errorf("%q is not valid UTF-8 without NUL: it cannot name a folder here", name)
	}
	entry, ok := entryOf(name)
	if !ok {
		return "", fmt.Errorf("%q holds a backslash: give the name of a folder under %s/ alone; a backslash that is part of it is written %s, as `list` prints it",
			string(name), f.layout.Units, NameOf(`\`))
	}
	return entry, nil
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
