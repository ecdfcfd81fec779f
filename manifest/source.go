package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// source is a file's name in the repository and its text. It is safe for
// concurrent use: values of shipcat.conf are part of many services.
type source struct {
	name  string
	data  []byte
	once  sync.Once
	lines []string // once they were asked for
}

// line is the text of a line, counted from 1, empty behind the last.
func (s *source) line(n int) string {
	s.once.Do(func() { s.lines = splitLines(string(s.data)) })
	if n > len(s.lines) {
		return ""
	}
	return strings.TrimSuffix(s.lines[n-1], "\r")
}

// readFile reads a regular file. A file that is absent, or a directory, gives
// no data and no error; one of another kind is a finding.
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
	if data == nil {
		data = []byte{}
	}
	return data, true, nil
}

// parse decodes a file as a t. It returns nil when the file has no content that
// could be judged, which it has then reported.
func parse(name string, data []byte, t *typ, found func(verdict.Finding)) *value {
	root := parseYAML(name, data, found)
	if root == nil {
		return nil
	}
	d := &decoder{src: &source{name: name, data: data}, found: found, textual: t.textual, expected: values(root)}
	return d.decode(root, t, d.value(nil, "", -1, position{}))
}

// parseYAML reads the one document of a file.
func parseYAML(name string, data []byte, found func(verdict.Finding)) *yaml.Node {
	if f, bad := unreadable(name, data); bad {
		found(f)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(withoutVersion(data)))
	var doc, next yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		found(emptyDocument(name))
		return nil
	case err != nil:
		found(syntaxFinding(name, data, err))
		return nil
	}
	switch err := dec.Decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		found(syntaxFinding(name, data, err))
		return nil
	default:
		p := verdict.Place{File: name, Line: secondDocument(data), Column: 1}
		found(ruleSeveralDocuments.At(p, "the file holds more than one YAML document", "keep one; text after a second --- would be ignored"))
		return nil
	}
	root := doc.Content[0]
	if n := below(root, maxDepth); n != nil {
		found(ruleTooDeep.At(verdict.Place{File: name, Line: n.Line, Column: n.Column}, fmt.Sprintf("values are nested more than %d deep here", maxDepth), "flatten the structure"))
		return nil
	}
	if isNull(root) {
		found(emptyDocument(name))
		return nil
	}
	return root
}

// maxDepth is how deep values may be nested.
const maxDepth = 128

// below is a node more than depth levels below n, nil if there is none.
func below(n *yaml.Node, depth int) *yaml.Node {
	if depth < 0 {
		return n
	}
	for _, c := range n.Content {
		if deep := below(c, depth-1); deep != nil {
			return deep
		}
	}
	return nil
}

// withoutVersion hides from the parser that a file says it is YAML 1.2, which
// the parser reads but refuses by name. Nothing moves.
func withoutVersion(data []byte) []byte {
	if rest, ok := bytes.CutPrefix(data, []byte("%YAML 1.2")); ok {
		return append([]byte("%YAML 1.1"), rest...)
	}
	return data
}

func emptyDocument(name string) verdict.Finding {
	return ruleNoContent.At(verdict.Place{File: name}, name+" holds no keys, only comments or nothing", emptyHelp(name))
}

// emptyHelp is what to do with a file without keys: an override may go.
func emptyHelp(name string) string {
	if name == confFile || name == teamsFile || strings.HasSuffix(name, "/"+manifestFile) {
		return "write its required keys"
	}
	return "write {} for an override that changes nothing, or delete the file"
}

// unreadable finds what makes a file no YAML text at all.
func unreadable(name string, data []byte) (verdict.Finding, bool) {
	switch {
	case len(data) == 0:
		return ruleEmptyFile.At(verdict.Place{File: name}, name+" is empty", emptyHelp(name)), true
	case bytes.HasPrefix(data, []byte("\ufeff")):
		return ruleByteOrderMark.At(verdict.Place{File: name, Line: 1, Column: 1}, "the file starts with a byte order mark", "save it as UTF-8 without a byte order mark"), true
	case !utf8.Valid(data):
		p := verdict.Place{File: name}
		p.Line, p.Column = badByte(data)
		return ruleNotUTF8.At(p, "the file is not valid UTF-8 here", "save it as UTF-8"), true
	}
	return verdict.Finding{}, false
}

func badByte(data []byte) (line, column int) {
	line, column = 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line, column
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		data = data[size:]
	}
	return line, column
}

// secondDocument is the line of the marker that starts another document.
func secondDocument(data []byte) int {
	content := false
	for i, line := range bytes.Split(data, []byte("\n")) {
		switch {
		case bytes.HasPrefix(line, []byte("---")) && content:
			return i + 1
		case len(bytes.TrimSpace(line)) > 0 && line[0] != '#' && line[0] != '%':
			content = true
		}
	}
	return 1
}
