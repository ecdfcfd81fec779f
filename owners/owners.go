// Package owners reads whose the units of a repository are: the names of its teams, and its
// CODEOWNERS. What they say of a unit is for package policy to find.
package owners

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/seed306eabeb/muster/codeowners"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// What is said of CODEOWNERS beside a path.
const (
	Auto = "auto" // it lies where the platforms look for it
	Off  = "off"  // it is not read
)

// Source is where owners are read from.
type Source struct {
	Files      fs.FS  // of the repository
	Teams      string // the path of the teams there, "" for none
	CodeOwners string // the path there, Auto or Off
	// Top are the files of the git repository where that is a larger one: there the platforms
	// look for CODEOWNERS. Folder is that of Files in it. Nil for none.
	Top    fs.FS
	Folder string
}

// Read reads the owners, and says what is wrong with their files. An error means that a file
// could not be read.
func Read(s Source) (o policy.Owners, found []verdict.Finding, err error) {
	if s.Teams != "" {
		var wrong []verdict.Finding
		if o.Teams, wrong, err = readTeams(s.Files, s.Teams); err != nil {
			return o, nil, err
		}
		found = append(found, wrong...)
	}
	if s.CodeOwners == Off {
		return o, found, nil
	}
	files, folder := s.Files, ""
	if s.CodeOwners == Auto && s.Top != nil {
		files, folder = s.Top, s.Folder
	}
	platform := platformOf(files)
	file := s.CodeOwners
	if file == Auto {
		if file, err = find(files, platform); err != nil || file == "" {
			return o, found, err
		}
	}
	text, wrong, err := readText(files, file, codeowners.MostBytes)
	if err != nil || wrong != "" {
		if wrong != "" {
			found = append(found, ruleNotRead.At(verdict.Place{File: file}, wrong+", and is not read", ""))
		}
		return o, found, err
	}
	d := dialectOf(file, text, platform)
	rules, problems := codeowners.Parse(text, d)
	for _, p := range problems {
		found = append(found, ruleLine.At(verdict.Place{File: file, Line: p.Line, Column: p.Column}, p.Message, p.Help))
	}
	o.Lines, o.Dialect, o.File, o.Folder = rules, d, file, folder
	return o, found, nil
}

// platformOf is the platform that a repository shows signs of, GitHub where it shows none.
func platformOf(files fs.FS) codeowners.Dialect {
	if !exists(files, ".github") && (exists(files, ".gitlab") || exists(files, ".gitlab-ci.yml")) {
		return codeowners.GitLab
	}
	return codeowners.GitHub
}

func exists(files fs.FS, name string) bool {
	_, err := fs.Stat(files, name)
	return err == nil
}

// find is the first file that the platform would read, or else the other one; "" for none.
func find(files fs.FS, platform codeowners.Dialect) (file string, err error) {
	other := codeowners.GitLab
	if platform == codeowners.GitLab {
		other = codeowners.GitHub
	}
	for _, d := range []codeowners.Dialect{platform, other} {
		for _, file := range codeowners.Places(d) {
			switch info, err := fs.Stat(files, file); {
			case err == nil && info.Mode().IsRegular():
				return file, nil
			case err != nil && !isAbsent(err):
				return "", fmt.Errorf("look for CODEOWNERS: %w", err)
			}
		}
	}
	return "", nil
}

// isAbsent says that an error means that there is no such file.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// dialectOf is whose rules a file is read by: those of the platform that it belongs to by its
// folder or by what only one of them knows, or else those of the repository's.
func dialectOf(file, text string, platform codeowners.Dialect) codeowners.Dialect {
	switch {
	case strings.HasPrefix(file, ".github/"):
		return codeowners.GitHub
	case strings.HasPrefix(file, ".gitlab/"):
		return codeowners.GitLab
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "[") || strings.HasPrefix(line, "^[") || strings.HasPrefix(line, "!") {
			return codeowners.GitLab
		}
	}
	return platform
}

// readText is the text of a file, or what is wrong with it.
func readText(files fs.FS, name string, most int64) (text, wrong string, err error) {
	file, err := files.Open(name)
	if err != nil {
		return "", "", fmt.Errorf("read the owners: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", "", fmt.Errorf("read the owners: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", "it is no regular file", nil
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return "", "", fmt.Errorf("read the owners in %s: %w", name, err)
	}
	if int64(len(data)) > most {
		return "", fmt.Sprintf("it has more than %d MiB", most>>20), nil
	}
	return string(data), "", nil
}
