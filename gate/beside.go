package gate

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// changedBeside says which files that commands find beside units are other ones, come or are gone:
// a line for each path of `with` as it was before.
func changedBeside(before, now State) (told []string, err error) {
	if before.Config.Declaration == nil || now.Config.Declaration == nil {
		return nil, nil
	}
	var paths []string
	for _, s := range before.Config.Declaration.Sections {
		for _, c := range s.Checks {
			paths = append(paths, c.With...)
		}
	}
	slices.Sort(paths)
	seen := map[string]bool{}
	for _, path := range slices.Compact(paths) {
		names := map[string]bool{}
		for _, files := range []fs.FS{before.Files, now.Files} {
			if err := namesBelow(files, path, names); err != nil {
				return nil, err
			}
		}
		var others []string
		for name := range names {
			if !seen[name] && isOther(before.Files, now.Files, name) {
				others = append(others, name)
			}
			seen[name] = true
		}
		if slices.Sort(others); len(others) > 0 {
			told = append(told, "changes "+strings.Join(some(others), ", ")+", which commands find beside units")
		}
	}
	return told, nil
}

// namesBelow adds the plain files and the links at a path and below it, nothing where there are none.
func namesBelow(files fs.FS, path string, names map[string]bool) error {
	return fs.WalkDir(files, path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == path:
			return nil
		case err != nil:
			return fmt.Errorf("look for what a change does beside units: %w", err)
		case !d.IsDir():
			names[name] = true
		}
		return nil
	})
}

// isOther says that a file has other bytes, or is on one side alone.
func isOther(before, now fs.FS, name string) bool {
	was, errWas := fs.ReadFile(before, name)
	is, errIs := fs.ReadFile(now, name)
	return (errWas == nil) != (errIs == nil) || !bytes.Equal(was, is)
}

// some are the first of many texts, and how many there are more.
func some(all []string) []string {
	if len(all) <= mostTold {
		return all
	}
	return append(slices.Clone(all[:mostTold]), fmt.Sprintf("%d more files", len(all)-mostTold))
}
