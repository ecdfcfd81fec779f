package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/internal/syntax"
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
	s.once.Do(func() { s.lines = strings.Split(string(s.data), "\n") })
	if n > len(s.lines) {
		return ""
	}
	return strings.TrimSuffix(s.lines[n-1], "\r")
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
	if f, bad := notText(name, data); bad {
		found(f)
		return nil, true, nil
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

// dialect is the YAML of shipcat: serde_yaml 0.8 over yaml-rust.
var dialect = syntax.Profile{
	FlowPlain: true, FlowEmptyValues: true, FlowIndent: true,
	ValueAtKey: true, EmptyKeys: true, AnchoredEmpty: true,
	LineFeeds: true, AnyDirective: true, AnyTag: true,
}

// parseYAML reads the one document of a file.
func parseYAML(name string, data []byte, found func(verdict.Finding)) *yaml.Node {
	if f, bad := unreadable(name, data); bad {
		found(f)
		return nil
	}
	doc, fault := syntax.Parse(data, dialect)
	switch {
	case fault != nil:
		found(ruleSyntax.At(verdict.Place{File: name, Line: fault.Line, Column: fault.Column}, fault.Message, fault.Help))
		return nil
	case doc.Root == nil:
		found(emptyDocument(name))
		return nil
	case doc.Next.Line > 0:
		p := verdict.Place{File: name, Line: doc.Next.Line, Column: doc.Next.Column}
		found(ruleSeveralDocuments.At(p, "the file holds more than one YAML document", "keep one; text after a second --- would be ignored"))
		return nil
	}
	root := doc.Root
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

func emptyDocument(name string) verdict.Finding {
	return emptyMeant(name).of(ruleNoContent.At(verdict.Place{File: name}, name+" holds no keys, only comments or nothing", ""))
}

// emptyMeant is what to do with a file without keys: an override may go.
func emptyMeant(name string) proposal {
	if name == confFile || name == teamsFile || strings.HasSuffix(name, "/"+manifestFile) {
		return advice("give it its required keys")
	}
	return appendNothing("an override that changes nothing")
}

// unreadable finds what makes a text no YAML at all.
func unreadable(name string, data []byte) (verdict.Finding, bool) {
	switch {
	case len(data) == 0:
		return emptyMeant(name).of(ruleEmptyFile.At(verdict.Place{File: name}, name+" is empty", "")), true
	case bytes.HasPrefix(data, []byte("\ufeff")):
		return ruleByteOrderMark.At(verdict.Place{File: name, Line: 1, Column: 1}, "the file starts with a byte order mark", "save it as UTF-8 without a byte order mark"), true
	}
	return verdict.Finding{}, false
}
