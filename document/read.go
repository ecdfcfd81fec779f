package document

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Read reads all documents of a file. An empty file, or one with comments alone, has one,
// which is null; of documents without content among others nothing is told. How many bytes
// a file may have is for the caller to bound.
func (r Reader) Read(name string, data []byte, format Format) File {
	text := bytes.TrimPrefix(data, []byte(byteOrderMark))
	var s *source
	if f, bad := notText(name, data); bad {
		return File{Name: name, Findings: []verdict.Finding{f}}
	}
	switch format {
	case JSON, JSONC:
		s = readJSON(name, text, format)
	default:
		s = readYAML(name, singleMark(text), dialectOf(r.Profile))
	}
	return s.file()
}

// source is a file that is being read.
type source struct {
	name    string
	text    []byte
	bounded bool // its parser counts lines that it has not
	docs    []*Document
	errors  []verdict.Finding
	notes   []verdict.Finding // what forbids nothing

	once  sync.Once
	index *lines
}

// most bounds the errors of a file that are told, and its warnings. Whoever has made that
// many has made one many times.
const most = 100

// fail notes an error. A file that has one has no documents.
func (s *source) fail(f verdict.Finding) {
	if f.Severity = verdict.Error; len(s.errors) < most {
		s.errors = append(s.errors, f)
	}
}

// warn notes what may be meant otherwise.
func (s *source) warn(f verdict.Finding) {
	if f.Severity = verdict.Warning; len(s.notes) < most {
		s.notes = append(s.notes, f)
	}
}

// at is a place of the file. A parser may mean the line behind the last.
func (s *source) at(line, column int) verdict.Place {
	line = max(1, min(line, len(s.lines().starts)))
	if l := s.line(line); s.bounded || column > len(l) {
		column = min(column, utf8.RuneCount(l)+1)
	}
	return verdict.Place{File: s.name, Line: line, Column: max(column, 1)}
}

// lines are those of the text, which are looked for when they are asked for.
func (s *source) lines() *lines {
	s.once.Do(func() { s.index = newLines(s.text) })
	return s.index
}

// line is the text of a line, from 1.
func (s *source) line(n int) []byte {
	return bytes.TrimSuffix(s.text[s.lines().start(n):s.lines().start(n+1)], []byte("\n"))
}

// place is the line and the column of a byte of the text, from 1.
func (s *source) place(offset int) (line, column int) { return s.lines().place(offset) }

// file is what was read. Where a template made the text, nothing else is told: it is of
// what the template writes that the rest would have to be said.
func (s *source) file() File {
	f := File{Name: s.name, Docs: s.docs, Findings: append(s.errors, s.notes...)}
	if len(s.errors) > 0 {
		f.Docs = nil
	}
	if i := slices.IndexFunc(s.errors, func(f verdict.Finding) bool { return f.Name == "template" }); i >= 0 {
		f.Findings = s.errors[i : i+1]
	}
	slices.SortStableFunc(f.Findings, func(a, b verdict.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return f
}

// encoding finds other encodings than UTF-8.
var encoding = yamldoc.Reader{Rules: &yamldoc.Rules{NotUTF8: verdict.Rule{Name: "not-utf8", Severity: verdict.Error}}}

// notText finds what makes a file no text at all.
func notText(name string, data []byte) (verdict.Finding, bool) {
	if f, bad := encoding.NotText(name, data); bad {
		return f, true
	}
	zero := bytes.IndexByte(data, 0)
	if zero < 0 {
		return verdict.Finding{}, false
	}
	p := verdict.Place{File: name}
	p.Line, p.Column = newLines(data).place(zero)
	return verdict.Finding{
		Name: "not-text", Severity: verdict.Error, Place: p,
		Message: "a zero byte stands here, so the file is no text",
		Help:    "take it out, or leave the file out of what is read",
	}, true
}

// lines are where the lines of a text begin.
type lines struct {
	text   []byte
	starts []int
}

func newLines(text []byte) *lines {
	l := &lines{text: text, starts: []int{0}}
	for i := 0; ; {
		next := bytes.IndexByte(text[i:], '\n')
		if next < 0 {
			return l
		}
		i += next + 1
		l.starts = append(l.starts, i)
	}
}

// start is where a line begins, from 1; the end of the text for one behind the last.
func (l *lines) start(line int) int {
	if line > len(l.starts) {
		return len(l.text)
	}
	return l.starts[line-1]
}

// place is the line and the column of a byte, from 1.
func (l *lines) place(offset int) (line, column int) {
	offset = max(0, min(offset, len(l.text)))
	line, found := slices.BinarySearch(l.starts, offset)
	if found {
		line++
	}
	return line, utf8.RuneCount(l.text[l.starts[line-1]:offset]) + 1
}

// quote quotes a text for a message.
func quote(text string) string { return fmt.Sprintf("%q", yamldoc.Shorten(text)) }
