package fleet

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// CheckGlob says what is wrong with a glob of a kind.
func CheckGlob(text string) error {
	_, err := parseGlob(text)
	return err
}

// IsGlob says whether a glob has wildcards, and is not the path of one file or folder.
func IsGlob(text string) bool { return hasMeta(text) }

// Find looks through a repository for what the kinds' globs match, in no order, and calls
// found with each and its type, until found has enough of that kind. It goes into no folder in which
// there can be nothing more, and follows no link. The layout must be one that Check has nothing against.
func (l Layout) Find(files fs.FS, found func(kind int, file string, t fs.FileMode) (enough bool)) error {
	enough := make([]bool, len(l.Kinds))
	for left := []Walk{l.Walk()}; len(left) > 0; {
		w := left[len(left)-1]
		left = left[:len(left)-1]
		if !slices.ContainsFunc(w.at, func(p position) bool { return !enough[p.kind] }) {
			continue
		}
		entries, err := fs.ReadDir(files, cmp.Or(w.dir, "."))
		if err != nil {
			return fmt.Errorf("look for units: %w", err)
		}
		for _, d := range entries {
			for _, k := range w.kinds(d.Name(), d.Type()) {
				enough[k] = enough[k] || found(k, path.Join(w.dir, d.Name()), d.Type())
			}
			if !d.IsDir() {
				continue
			}
			if sub, ok := w.Enter(d.Name()); ok {
				left = append(left, sub)
			}
		}
	}
	return nil
}
