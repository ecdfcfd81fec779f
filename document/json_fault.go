package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed306eabeb/muster/verdict"
)

// refused is the finding of a text that is no JSON, of which err says why.
func (s *source) refused(own []byte, format Format, err error) verdict.Finding {
	if errors.Is(err, errSecond) {
		return s.secondValue(own, format)
	}
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return s.jsonFault(len(own), "the text ends here, before its value does", "")
	}
	offset := min(int(syntactic.ByteOffset), len(own))
	if errors.Is(syntactic.Err, io.ErrUnexpectedEOF) {
		return s.unfinished(own)
	}
	message, help := explain(own, offset, format)
	if message == "" {
		message = strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")
		message = "the JSON cannot be read here: " + message
	}
	return s.jsonFault(offset, message, help)
}

// explain says what is wrong with the byte at an offset, "" where that is not known.
func explain(own []byte, offset int, format Format) (message, help string) {
	rest := string(own[offset:min(offset+12, len(own))])
	before := lastBefore(own, offset)
	switch {
	case rest == "":
	case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "/*"):
		return "a comment stands here, and JSON has none", "take it out, or name the file .jsonc, or declare it to be JSON with comments"
	case rest[0] == '#':
		return "a # stands here, and begins no comment in JSON", "take the comment out"
	case rest[0] == ',' && (before == ',' || before == '[' || before == '{'):
		return "a comma stands here without a value before it", "take the comma out"
	case rest[0] == ',':
		return "a comma stands here with no value behind it", "take the comma out" + commaHelp(format)
	case rest[0] == '\'':
		return "a text begins with a single quote", "JSON's texts stand in double quotes"
	case rest[0] == '"' && before != ',' && before != ':' && before != '{' && before != '[':
		return "a comma is missing before this text", "put a comma between the two"
	case strings.HasPrefix(rest, "NaN"), strings.HasPrefix(rest, "Infinity"), strings.HasPrefix(rest, "-Infinity"):
		return "JSON has no such number", "leave the key out, or write null or a text"
	case strings.HasPrefix(rest, "True"), strings.HasPrefix(rest, "False"), strings.HasPrefix(rest, "None"):
		return "JSON has no such word", "it is true, false or null"
	case isLetter(rest[0]) && strings.IndexByte("{[,:", before) >= 0 && !isLiteral(rest):
		return "a text stands here without quotes", "JSON's keys and texts stand in double quotes"
	}
	return "", ""
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

// isLiteral says that a text begins like a word that JSON has.
func isLiteral(text string) bool {
	return strings.HasPrefix(text, "true") || strings.HasPrefix(text, "false") || strings.HasPrefix(text, "null")
}

func commaHelp(format Format) string {
	if format == JSONC {
		return ""
	}
	return "; JSON with comments (.jsonc) may have it"
}

// lastBefore is the last byte before an offset that is no blank, 0 for none.
func lastBefore(text []byte, offset int) byte {
	for i := offset - 1; i >= 0; i-- {
		if c := text[i]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// secondValue is the finding of a text that goes on behind its value.
func (s *source) secondValue(own []byte, format Format) verdict.Finding {
	dec := newTokens(own)
	_ = dec.SkipValue()
	offset := int(dec.InputOffset())
	offset += len(own[offset:]) - len(bytes.TrimLeft(own[offset:], " \t\r\n"))
	if strings.IndexByte("/#", own[offset]) >= 0 {
		if message, help := explain(own, offset, format); message != "" {
			return s.jsonFault(offset, message, help)
		}
	}
	rest, _, _ := strings.Cut(string(own[offset:]), "\n")
	return s.jsonFault(offset, quote(strings.TrimSpace(rest))+" stands behind the end of the value", "a JSON file has one value: take the rest out, or put several in a list")
}

// unfinished is the finding of a text that ends before its value does.
func (s *source) unfinished(own []byte) verdict.Finding {
	open := opened(own)
	if open < 0 {
		return s.jsonFault(len(own), "the text ends here, before its value does", "")
	}
	return s.jsonFault(open, "what is opened here with "+string(own[open:open+1])+" is never closed", "close it")
}

// opened is where the innermost bracket or string begins that is open at the end of a text,
// -1 for none.
func opened(own []byte) int {
	var open []int
	for i := 0; i < len(own); i++ {
		switch own[i] {
		case '"':
			end := closed(own, i)
			if end == len(own) && (end == i+1 || own[end-1] != '"') {
				return i
			}
			i = end - 1
		case '{', '[':
			open = append(open, i)
		case '}', ']':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}
