package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// line is what a script prints for each finding. Other keys are mistakes: what they say would be lost.
type line struct {
	File      string   `json:"file"`
	Line      position `json:"line"`
	Column    position `json:"column"`
	EndLine   position `json:"endLine"`
	EndColumn position `json:"endColumn"`
	Severity  string   `json:"severity"`
	Rule      word     `json:"rule"`
	Message   string   `json:"message"`
	Help      string   `json:"help"`
}

const lineKeys = "message, and file, line, column, endLine, endColumn, severity, rule, help"

// ndjson reads our own format: an object a line.
func (c *collector) ndjson(text []byte) error {
	return c.jsonLines(text, func(text []byte) error {
		var l line
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&l); err != nil {
			if strings.HasPrefix(err.Error(), "json: unknown field ") {
				return fmt.Errorf("%w: want %s", err, lineKeys)
			}
			return err
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			return errors.New("there is more behind the object")
		}
		if strings.TrimSpace(l.Message) == "" {
			return errors.New("it has no message")
		}
		return c.add(Finding{
			File: l.File, Line: int(l.Line), Column: int(l.Column), EndLine: int(l.EndLine), EndColumn: int(l.EndColumn),
			Code: string(l.Rule), Message: l.Message, Help: l.Help,
		}, l.Severity)
	})
}

// jsonLines has each line read that is not blank. Those that are not of the format are one error;
// the others are read.
func (c *collector) jsonLines(text []byte, read func(line []byte) error) error {
	var first *Error
	bad := 0
	for number := 1; len(text) > 0; number++ {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		if text = rest; len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		err := read(bytes.TrimSpace(line))
		if errors.Is(err, ErrTooMany) {
			return err
		}
		if err == nil {
			continue
		}
		if bad++; first == nil {
			first = &Error{Format: c.spec.Format, Line: number, Why: clean(inLine(err), maxWhy)}
		}
	}
	switch {
	case bad == 0:
		return nil
	case bad > 1:
		first.Why += fmt.Sprintf("; neither are %d other lines", bad-1)
	}
	return first
}

// inLine is what a decoder says of a line.
func inLine(err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &syntax) && strings.Contains(syntax.Error(), "unexpected end"):
		return "it ends in the middle of the object"
	case errors.As(err, &syntax):
		return fmt.Sprintf("at its byte %d: %s", syntax.Offset, syntax.Error())
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
