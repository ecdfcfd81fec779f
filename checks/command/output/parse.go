package output

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// MaxFindings is how many findings are read of one program.
const MaxFindings = 10_000

// Reading is what was read of a program's output.
type Reading struct {
	Findings []Finding // in the program's order
	// Off counts what was read and passed over: by the spec's Severities, or because the program
	// says that it is suppressed. A program that says "findings" and has these alone agrees with itself.
	Off int
}

// Error says that output is not of its format, and where.
type Error struct {
	Format Format
	Line   int // from 1
	Column int // in bytes, from 1; 0 for the whole line
	Why    string
}

func (e *Error) Error() string {
	at := fmt.Sprintf("line %d", e.Line)
	if e.Column > 0 {
		at += fmt.Sprintf(", byte %d", e.Column)
	}
	return fmt.Sprintf("%s of the output is not %s: %s", at, e.Format, e.Why)
}

// ErrTooMany says that a program found more than is read.
var ErrTooMany = fmt.Errorf("there are more than %d findings: the rest was not read", MaxFindings)

// Parse reads findings, in the program's order. An error says that the output is not of the
// format, with what was read all the same.
func (s Spec) Parse(out Streams) ([]Finding, error) {
	r, err := s.Read(out)
	return r.Findings, err
}

// Read reads findings. An error says that the output is not of the format, or that there are too
// many, with what was read all the same. Output of blanks alone is of each format and has none.
func (s Spec) Read(out Streams) (Reading, error) {
	c := &collector{spec: s}
	text := s.stream(out)
	if len(bytes.TrimSpace(text)) == 0 {
		return c.Reading, nil
	}
	var err error
	switch s.Format {
	case ExitOnly:
	case SARIF:
		err = c.sarif(text)
	case RDJSON:
		err = c.rdjson(text)
	case RDJSONL:
		err = c.rdjsonLines(text)
	case NDJSON:
		err = c.ndjson(text)
	case Checkstyle:
		err = c.checkstyle(text)
	case Regex:
		err = c.regex(text)
	case Errorformat:
		err = c.errorformat(text)
	default:
		err = fmt.Errorf("output of format %q is not read", s.Format)
	}
	return c.Reading, err
}

// stream is the output that the spec means, without a byte order mark.
func (s Spec) stream(out Streams) []byte {
	switch s.From {
	case "stderr":
		return unmarked(out.Stderr)
	case "both":
		first, second := unmarked(out.Stdout), unmarked(out.Stderr)
		if len(first) == 0 || len(second) == 0 {
			return append(first[:len(first):len(first)], second...)
		}
		if first[len(first)-1] != '\n' {
			first = append(first[:len(first):len(first)], '\n')
		}
		return append(first[:len(first):len(first)], second...)
	}
	return unmarked(out.Stdout)
}

func unmarked(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }

// collector takes findings in the program's words and keeps them in ours.
type collector struct {
	Reading
	spec Spec
}

// add keeps a finding with a severity in the program's words. The error is ErrTooMany.
func (c *collector) add(f Finding, word string) error {
	if f.Severity = c.spec.severity(word); f.Severity == off {
		c.Off++
		return nil
	}
	if len(c.Findings) == MaxFindings {
		return ErrTooMany
	}
	f.Message = sentence(f.Message, maxMessage)
	f.Help = sentence(f.Help, maxMessage)
	f.Code = sentence(f.Code, maxCode)
	if name := c.spec.file(f.File); len(name) > maxPath {
		f.File = ""
		f.Message = sentence(fmt.Sprintf("in a file whose path has %d bytes: %s", len(name), f.Message), maxMessage)
	} else {
		f.File = name
	}
	if f.Message == "" {
		f.Message = "the program says no more"
		if f.Code != "" {
			f.Message = f.Code
		}
	}
	f.placed()
	c.Findings = append(c.Findings, f)
	return nil
}

// placed leaves no place that is none: a column has a line, and nothing ends before it begins.
func (f *Finding) placed() {
	for _, n := range []*int{&f.Line, &f.Column, &f.EndLine, &f.EndColumn} {
		if *n < 0 || *n > maxLineNumber {
			*n = 0
		}
	}
	if f.Line == 0 {
		f.Column, f.EndLine, f.EndColumn = 0, 0, 0
	}
	if f.EndLine == 0 && f.EndColumn > 0 {
		f.EndLine = f.Line
	}
	if f.EndLine < f.Line || f.EndLine == f.Line && f.EndColumn > 0 && f.EndColumn < f.Column {
		f.EndLine, f.EndColumn = 0, 0
	}
}

// maxLineNumber is beyond the lines of any file that is read.
const maxLineNumber = 1 << 30

// at is an error of a format at an offset of a text.
func (s Spec) at(text []byte, offset int, format string, args ...any) error {
	offset = min(max(offset, 0), len(text))
	before := text[:offset]
	return &Error{s.Format, 1 + bytes.Count(before, []byte("\n")), offset - bytes.LastIndexByte(before, '\n'), clean(fmt.Sprintf(format, args...), maxWhy)}
}

// maxWhy is what an error says of a text at most.
const maxWhy = 200

// lines are the lines of a text, each without its end, as text: so long that a parser can cope with it.
func lines(text []byte) func(yield func(number int, line string) bool) {
	return func(yield func(int, string) bool) {
		for number := 1; len(text) > 0; number++ {
			line, rest, _ := bytes.Cut(text, []byte("\n"))
			if text = rest; len(line) > maxLine {
				line = line[:maxLine]
				for len(line) > 0 && !utf8.RuneStart(line[len(line)-1]) {
					line = line[:len(line)-1]
				}
			}
			if !yield(number, plain(string(line))) {
				return
			}
		}
	}
}

// maxLine is how much is read of a line, in bytes.
const maxLine = 32 << 10
