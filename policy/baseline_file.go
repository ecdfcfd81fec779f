package policy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The file with a baseline is JSON with an entry a line, in one order, without days and line
// numbers: what two branches do to it git merges, as long as they do not touch the same entry.

// BaselineFile is where a baseline lies where nobody says otherwise.
const BaselineFile = "muster-baseline.json"

// MostBaseline is how many bytes a baseline may have.
const MostBaseline = 64 << 20

// baselineSchema is the version of the format.
const baselineSchema = "muster.baseline/v1"

// EncodeBaseline writes entries as a file, in the order in which they are given.
func EncodeBaseline(w io.Writer, entries []Entry) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"schema\":%q,\"findings\":[", baselineSchema)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i, entry := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		if err := e.Encode(entry); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line break
		if b.Len() >= 32<<10 {
			if _, err := b.WriteTo(w); err != nil {
				return err
			}
		}
	}
	b.WriteString("\n]}\n")
	_, err := b.WriteTo(w)
	return err
}

// SortEntries puts entries in the order in which a new baseline has them.
func SortEntries(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Unit, b.Unit), strings.Compare(a.File, b.File), strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
}

// DecodeBaseline reads a file. An error begins with its name and the line.
func DecodeBaseline(file string, data []byte) (Baseline, error) {
	r := baselineReader{file: file, data: data}
	if line := conflict(data); line > 0 {
		return Baseline{}, r.mistakeIn(line, "a merge conflict is left: keep the lines of both sides, or write the file anew with `enqueue baseline create`")
	}
	r.Decoder = jsontext.NewDecoder(bytes.NewReader(data))
	entries, err := r.read()
	if err != nil {
		return Baseline{}, err
	}
	return Baseline{File: file, Entries: entries}, nil
}

// conflict is the first line that git has left between two sides, 0 for none.
func conflict(data []byte) int {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if text := string(bytes.TrimRight(line, "\r\n")); text == "=======" || strings.HasPrefix(text, "<<<<<<< ") || strings.HasPrefix(text, ">>>>>>> ") || strings.HasPrefix(text, "||||||| ") {
			return number
		}
	}
	return 0
}

// baselineReader reads token by token, for the sake of the lines.
type baselineReader struct {
	*jsontext.Decoder
	file string
	data []byte
}

func (r *baselineReader) mistakeIn(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, line, fmt.Sprintf(format, args...))
}

// mistake is one in the line of what was read last.
func (r *baselineReader) mistake(format string, args ...any) error {
	return r.mistakeIn(r.line(r.InputOffset()), format, args...)
}

func (r *baselineReader) line(offset int64) int {
	return 1 + bytes.Count(r.data[:offset], []byte("\n"))
}

// unreadable says where the file is no JSON.
func (r *baselineReader) unreadable(err error) error {
	offset := r.InputOffset()
	var wrong *jsontext.SyntacticError
	if errors.As(err, &wrong) {
		offset = min(wrong.ByteOffset, int64(len(r.data)))
		err = wrong.Err
	}
	return r.mistakeIn(r.line(offset), "the baseline is no JSON: %v: mend it, or write the file anew with `enqueue baseline create`", err)
}

func (r *baselineReader) read() (entries []Entry, err error) {
	if err := r.expect('{', "an object with schema and findings"); err != nil {
		return nil, err
	}
	schema, found := "", false
	for r.PeekKind() == '"' {
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		switch key {
		case "schema":
			if schema, err = r.text(); err != nil {
				return nil, err
			}
			if schema != baselineSchema {
				return nil, r.mistake("the schema is %q; this program reads %q: use a program of the version that wrote the file, or write it anew", schema, baselineSchema)
			}
		case "findings":
			if found = true; schema == "" {
				return nil, r.mistake("the schema is not given before the findings; expected %q", baselineSchema)
			}
			if entries, err = r.entries(); err != nil {
				return nil, err
			}
		default:
			return nil, r.mistake("the key %q is none of a baseline's", key)
		}
	}
	if err := r.expect('}', "the end of the object"); err != nil {
		return nil, err
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, r.mistake("there is more behind the baseline")
	}
	if !found {
		return nil, r.mistake("the baseline has no findings; expected an array, which may be empty")
	}
	return entries, nil
}

// expect takes one token of a kind.
func (r *baselineReader) expect(kind jsontext.Kind, what string) error {
	t, err := r.ReadToken()
	switch {
	case err != nil:
		return r.unreadable(err)
	case t.Kind() != kind:
		return r.mistake("expected %s, got %s", what, t.Kind())
	}
	return nil
}

func (r *baselineReader) text() (string, error) {
	t, err := r.ReadToken()
	switch {
	case err != nil:
		return "", r.unreadable(err)
	case t.Kind() != '"':
		return "", r.mistake("expected a string, got %s", t.Kind())
	}
	return t.String(), nil
}

func (r *baselineReader) entries() (entries []Entry, err error) {
	if err := r.expect('[', "an array of findings"); err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for r.PeekKind() != ']' {
		e, err := r.entry()
		if err != nil {
			return nil, err
		}
		line := r.line(r.InputOffset())
		if first, twice := lines[e.Fingerprint]; twice {
			return nil, r.mistakeIn(line, "the finding stands in line %d already: take one of the two out", first)
		}
		lines[e.Fingerprint] = line
		entries = append(entries, e)
	}
	return entries, r.expect(']', "the end of the array")
}

// printForm is what a fingerprint looks like.
var printForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (r *baselineReader) entry() (e Entry, err error) {
	if err := r.expect('{', "an object for each finding"); err != nil {
		return e, err
	}
	for r.PeekKind() == '"' {
		key, err := r.text()
		if err != nil {
			return e, err
		}
		to := map[string]*string{"fingerprint": &e.Fingerprint, "rule": &e.Rule, "unit": &e.Unit, "file": &e.File, "path": &e.Path, "message": &e.Message}[key]
		if to == nil {
			return e, r.mistake("the key %q is none of a finding's", key)
		}
		if *to, err = r.text(); err != nil {
			return e, err
		}
	}
	if err := r.expect('}', "the end of the object"); err != nil {
		return e, err
	}
	if !printForm.MatchString(e.Fingerprint) {
		return e, r.mistake("the fingerprint is %q; expected 32 hexadecimal digits", e.Fingerprint)
	}
	return e, nil
}
