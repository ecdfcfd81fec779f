package yamldoc

import (
	"bytes"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
)

// NotText finds what makes a file no UTF-8 text, whatever is written in it. Parse takes for
// granted that it has found nothing.
func (r *Reader) NotText(name string, data []byte) (verdict.Finding, bool) {
	wide := wideEncoding(data)
	if wide == "" && utf8.Valid(data) {
		return verdict.Finding{}, false
	}
	if wide != "" {
		return r.Rules.NotUTF8.At(verdict.Place{File: name, Line: 1, Column: 1}, "the file is "+wide+", not UTF-8", "save it as UTF-8"), true
	}
	p := verdict.Place{File: name}
	bad := badByte(data)
	p.Line, p.Column = lineAndColumn(data[:bad])
	return r.Rules.NotUTF8.At(p, "the file is not valid UTF-8 here", "save it as UTF-8; "+byteEncoding(data, bad)), true
}

// wideMarks are the byte order marks of encodings that are not UTF-8. The longer of two that
// begin alike is the first.
var wideMarks = []struct{ mark, name string }{
	{"\xff\xfe\x00\x00", "UTF-32"},
	{"\x00\x00\xfe\xff", "UTF-32"},
	{"\xff\xfe", "UTF-16"},
	{"\xfe\xff", "UTF-16"},
}

// wideEncoding names the encoding of a text whose characters have two or four bytes; "" for
// others. Without a byte order mark it is told by the zeros that ASCII has in it, which are
// valid UTF-8.
func wideEncoding(data []byte) string {
	for _, w := range wideMarks {
		if bytes.HasPrefix(data, []byte(w.mark)) {
			return w.name
		}
	}
	if len(data) < 4 {
		return ""
	}
	zeros := [4]bool{data[0] == 0, data[1] == 0, data[2] == 0, data[3] == 0}
	switch zeros {
	case [4]bool{false, true, false, true}, [4]bool{true, false, true, false}:
		return "UTF-16 without a byte order mark"
	case [4]bool{false, true, true, true}, [4]bool{true, true, true, false}:
		return "UTF-32 without a byte order mark"
	}
	return ""
}

// byteEncoding guesses what the bytes around a bad one are.
func byteEncoding(data []byte, bad int) string {
	rest := bytes.IndexFunc(data[:bad], func(r rune) bool { return r >= utf8.RuneSelf })
	switch {
	case rest >= 0:
		return "a character is damaged here, or text in another encoding was put in"
	case data[bad] >= 0xa0:
		return "it looks like Latin-1 (ISO 8859-1) or Windows-1252"
	default:
		return "it looks like Windows-1252, or like no text at all"
	}
}

// badByte is the index of the first byte that is not UTF-8.
func badByte(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// lineAndColumn is the place behind a text.
func lineAndColumn(before []byte) (line, column int) {
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}
