package output

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// The severities of findings, and what passes over one.
const (
	severityError   = "error"
	severityWarning = "warning"
	severityInfo    = "info"
	off             = "off"
)

// maxStrip is deeper than the folders of repositories.
const maxStrip = 32

// Check says what is wrong with a spec, all of it.
func (s Spec) Check() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !slices.Contains(Formats(), s.Format) {
		return fmt.Errorf("the format is %q; expected one of %v", s.Format, Formats())
	}
	if s.From != "" && !slices.Contains(Sources(), s.From) {
		say("from is %q; expected one of %v", s.From, Sources())
	}
	switch {
	case s.Format == Regex:
		if _, err := pattern(s.Pattern); err != nil {
			say("the pattern %q: %w", cut(s.Pattern, maxWhy), err)
		}
	case s.Pattern != "":
		say("there is a pattern, and the format is %q: a pattern is for the format %q", s.Format, Regex)
	}
	switch {
	case s.Format == Errorformat:
		if _, err := compileFormats(s.Errorformats); err != nil {
			say("%w", err)
		}
	case len(s.Errorformats) > 0:
		say("there are errorformats, and the format is %q: they are for the format %q", s.Format, Errorformat)
	}
	for _, word := range slices.Sorted(maps.Keys(s.Severities)) {
		if means := s.Severities[word]; !slices.Contains(Severities(), means) {
			say("the severity %q is %q; expected one of %v", word, means, Severities())
		}
	}
	if s.Strip < 0 || s.Strip > maxStrip {
		say("strip is %d; expected 0 to %d", s.Strip, maxStrip)
	}
	if s.Prefix != "" && (path.IsAbs(s.Prefix) || path.Clean(s.Prefix) != strings.TrimSuffix(s.Prefix, "/") || strings.HasPrefix(s.Prefix, "..")) {
		say("the prefix is %q; expected a path inside the repository, such as \"charts/base\"", s.Prefix)
	}
	if s.Format == ExitOnly && (s.Strip != 0 || s.Prefix != "" || len(s.Severities) > 0) {
		say("strip, prefix and severities say nothing of the format %q, which has no findings with a place", ExitOnly)
	}
	return errors.Join(wrong...)
}

// Sources are what From may be.
func Sources() []string { return []string{"stdout", "stderr", "both"} }

// Severities are what words of a program may mean.
func Severities() []string { return []string{severityError, severityWarning, severityInfo, off} }

// words are what linters call severities, in lower case.
var words = map[string]string{
	"error": severityError, "err": severityError, "e": severityError, "fatal": severityError, "f": severityError,
	"critical": severityError, "high": severityError, "failure": severityError, "fail": severityError,
	"warning": severityWarning, "warn": severityWarning, "w": severityWarning, "medium": severityWarning, "moderate": severityWarning,
	"info": severityInfo, "information": severityInfo, "informational": severityInfo, "i": severityInfo, "note": severityInfo, "n": severityInfo,
	"notice": severityInfo, "hint": severityInfo, "style": severityInfo, "low": severityInfo, "suggestion": severityInfo,
	"convention": severityInfo, "refactor": severityInfo, "none": severityInfo,
	"ignore": off,
}

// severity is what a word of the program means; "" where nobody says it.
func (s Spec) severity(word string) string {
	word = strings.TrimSpace(word)
	if means, ok := s.Severities[word]; ok {
		return means
	}
	for _, known := range slices.Sorted(maps.Keys(s.Severities)) {
		if strings.EqualFold(known, word) {
			return s.Severities[known]
		}
	}
	return words[strings.ToLower(word)]
}

// file is the path of a finding's file, with the spec's Strip and Prefix, which leave absolute paths
// as they are. Its last element stays however many are stripped.
func (s Spec) file(name string) string {
	if name = strings.TrimSpace(plain(name)); name == "" || strings.Contains(name, "\n") {
		return ""
	}
	name = path.Clean(fileOfURI(name))
	if path.IsAbs(name) {
		return name
	}
	elements := strings.Split(name, "/")
	name = path.Join(s.Prefix, path.Join(elements[min(s.Strip, len(elements)-1):]...))
	if name == "." {
		return ""
	}
	return name
}

// fileOfURI is the path that a file: URI names, and any other text as it is.
func fileOfURI(text string) string {
	rest, ok := cutFold(text, "file:")
	if !ok {
		return text
	}
	if host, ok := strings.CutPrefix(rest, "//"); ok {
		at := strings.IndexByte(host, '/')
		if at < 0 {
			return text
		}
		rest = host[at:]
	}
	return unescaped(rest)
}

// cutFold takes a prefix off, whatever its case.
func cutFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// unescaped is the path of a URI without its percent escapes.
func unescaped(text string) string {
	if name, err := url.PathUnescape(text); err == nil {
		return name
	}
	return text
}

// Resolve says which file of a job a finding's is. What a program that starts in the folder dir
// names lies there; where nothing does, it is a path from the root of the repository, as Scrub
// leaves them. Others are no files of the job, and the caller says in words what the program named.
func Resolve(file, dir string, there func(string) bool) (name string, ok bool) {
	if file == "" || path.IsAbs(file) {
		return "", false
	}
	for _, name := range []string{path.Join(dir, file), path.Clean(file)} {
		if name != "." && name != ".." && !strings.HasPrefix(name, "../") && there(name) {
			return name, true
		}
	}
	return "", false
}

// Column is where in a line the column of a finding is, in characters. rdjson counts bytes.
func (s Spec) Column(line string, column int) int {
	if s.Format != RDJSON && s.Format != RDJSONL || column < 1 || column > len(line)+1 {
		return column
	}
	return utf8.RuneCountInString(line[:column-1]) + 1
}

// groups are the names that a pattern may have.
var groups = []string{"file", "line", "column", "endline", "endcolumn", "severity", "code", "message"}

// pattern compiles the expression of a spec.
func pattern(text string) (*expression, error) {
	re, err := foreign.Regexp(text)
	if err != nil {
		return nil, err
	}
	e := &expression{Regexp: re, groups: map[string][]int{}}
	for i, name := range re.SubexpNames() {
		if name == "" {
			continue
		}
		if !slices.Contains(groups, name) {
			return nil, fmt.Errorf("it has a group %q; expected groups of %v", name, groups)
		}
		e.groups[name] = append(e.groups[name], i)
	}
	if _, ok := e.groups["message"]; !ok {
		return nil, errors.New("it has no group \"message\": write (?P<message>.*) where the message stands")
	}
	return e, nil
}
