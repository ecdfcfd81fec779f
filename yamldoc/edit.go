package yamldoc

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
)

// written is the scalar with this content that starts at p, as the file has it.
// ok is false for one that is not on a single line, or that a tag or an alias
// stands for.
func (s *source) written(p position, content string) (raw string, ok bool) {
	rest := s.from(p)
	switch {
	case rest == "":
		return "", false
	case rest[0] == '"':
		raw = doubleQuoted.FindString(rest)
		return raw, raw != ""
	case rest[0] == '\'':
		raw = singleQuoted.FindString(rest)
		return raw, raw != ""
	}
	return content, content != "" && strings.HasPrefix(rest, content)
}

// maxEdited bounds the lines that are edited: each edit looks at the whole line.
const maxEdited = 4096

// from is a line from p on, empty for one that is too long to be edited.
func (s *source) from(p position) string {
	line := s.line(p.line)
	if len(line) > maxEdited {
		return ""
	}
	return runesFrom(line, p.column)
}

var (
	doubleQuoted = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)
	singleQuoted = regexp.MustCompile(`^'(?:[^']|'')*'`)
)

var anchor = regexp.MustCompile(`^&[^ ]+ +`)

// replace is the edit that puts a text in the place of a scalar, nil where the
// scalar cannot be told. An anchor before it stays.
func (s *source) replace(p position, content, by string) *verdict.Fix {
	p.column += utf8.RuneCountInString(anchor.FindString(s.from(p)))
	raw, ok := s.written(p, content)
	if !ok {
		return nil
	}
	return &verdict.Fix{Line: p.line, Column: p.column, Old: raw, New: by}
}

// Rewritten is the edit that gives v another text, which is YAML.
func (v *Value) Rewritten(yaml string) *verdict.Fix { return v.src.replace(v.at, v.text, yaml) }

// Retold is the edit that gives v another string.
func (v *Value) Retold(text string) *verdict.Fix { return v.Rewritten(v.src.profile.String(text)) }

// Renamed is the edit that gives v's key another name.
func (v *Value) Renamed(key string) *verdict.Fix {
	return v.src.replace(v.keyAt, v.key, v.src.profile.String(key))
}

// plainString is what needs no quotes, in braces and brackets either.
var plainString = regexp.MustCompile(`^[A-Za-z0-9./_](?:[A-Za-z0-9./_@%+=:-]*[A-Za-z0-9./_@%+=-])?$`)

// String writes a string in YAML, without quotes where it needs none.
func (p *Profile) String(text string) string {
	if plainString.MatchString(text) && p.Scalars.Plain(text).Kind == StringScalar {
		return text
	}
	return strconv.Quote(text)
}

// List writes strings as a list on one line.
func (p *Profile) List(texts []string) string {
	items := make([]string, len(texts))
	for i, t := range texts {
		items[i] = p.String(t)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// Integer is the integer that a text without quotes is, the nearest that 64 bits hold.
func (p *Profile) Integer(text string) (n int64, ok bool) {
	i, ok := p.Scalars.integer(text)
	return i.num, ok
}

// InFlow says whether what follows v's text on its line belongs to braces or
// brackets around it.
func (v *Value) InFlow() bool {
	raw, _ := v.src.written(v.at, v.text)
	rest := strings.TrimSpace(strings.TrimPrefix(v.src.from(v.at), raw))
	return rest != "" && strings.ContainsAny(rest[:1], ",}]")
}

// Edited is a file's text with an edit made; ok is false where the text that the
// edit replaces does not come.
func Edited(data string, f *verdict.Fix) (text string, ok bool) {
	if f.Old == "" {
		return strings.TrimSuffix(data, "\n") + "\n" + f.New, true
	}
	lines := strings.Split(data, "\n")
	if f.Line < 1 || f.Line > len(lines) {
		return "", false
	}
	line := []rune(lines[f.Line-1])
	at := min(max(f.Column-1, 0), len(line))
	before := strings.Join(append(lines[:f.Line-1:f.Line-1], string(line[:at])), "\n")
	first, rest, ok := strings.Cut(data[len(before):], f.Old)
	return before + first + f.New + rest, ok
}
