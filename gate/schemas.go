package gate

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
)

// changedSchemas says which files by which checks judge are other ones, or gone.
func changedSchemas(before, now State) (told []string) {
	if before.Config.Declaration == nil || now.Config.Declaration == nil {
		return nil
	}
	var files []string
	for _, s := range before.Config.Declaration.Sections {
		files = append(files, s.Schemas...)
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		was, err := fs.ReadFile(before.Files, file)
		if err != nil {
			continue // it was not there either
		}
		switch is, err := fs.ReadFile(now.Files, file); {
		case err != nil:
			told = append(told, fmt.Sprintf("takes the schema %s away", file))
		case !bytes.Equal(was, is):
			told = append(told, fmt.Sprintf("changes the schema %s", file))
		}
	}
	return told
}
