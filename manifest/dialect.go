package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// dialect is how the files of a shipcat repository are read.
var dialect = &yamldoc.Reader{
	Profile:   yamldoc.Serde,
	Rules:     &readingRules,
	MaxErrors: maxFindings,
	Empty:     emptyFileMeant,
	Template:  templateMeant,
}

// emptyFileMeant is what to do with a file without keys: an override may go.
func emptyFileMeant(name string) yamldoc.Proposal {
	if name == confFile || name == teamsFile || strings.HasSuffix(name, "/"+manifestFile) {
		return yamldoc.Advice("give it its required keys")
	}
	return appendNothing("an override that changes nothing")
}

// readFile reads a regular file of text. A file that is absent, or a directory, gives
// no data and no error; one of another kind, or of another encoding than UTF-8, is a
// finding.
func readFile(files fs.FS, path, name string, found func(verdict.Finding)) (data []byte, exists bool, err error) {
	info, err := fs.Stat(files, path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid), err == nil && info.IsDir():
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("look at %s: %w", name, err)
	case !info.Mode().IsRegular():
		found(ruleIrregularFile.At(verdict.Place{File: name}, fmt.Sprintf("%s is %s; only regular files are read", name, check.FileKind(info.Mode())), "put the file itself there"))
		return nil, true, nil
	}
	data, err = fs.ReadFile(files, path)
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", name, err)
	}
	if f, bad := dialect.NotText(name, data); bad {
		found(f)
		return nil, true, nil
	}
	if data == nil {
		data = []byte{}
	}
	return data, true, nil
}
