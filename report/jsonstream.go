package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonStream writes JSON piece by piece: what is fixed as it is, and each value in a line. It keeps
// its first error until flush.
type jsonStream struct {
	w       *bufio.Writer
	buf     bytes.Buffer // one value
	encoder *json.Encoder
	err     error
	listed  int // elements of the list so far
}

func newJSONStream(w io.Writer) *jsonStream {
	j := &jsonStream{w: bufio.NewWriter(w)}
	j.encoder = json.NewEncoder(&j.buf)
	j.encoder.SetEscapeHTML(false) // harmless does more
	return j
}

// raw writes what is JSON by its form.
func (j *jsonStream) raw(s string) { j.w.WriteString(s) }

// value writes v.
func (j *jsonStream) value(v any) {
	j.encode(v)
	writePieces(j.w, harmless(bytes.TrimSuffix(j.buf.Bytes(), []byte("\n"))))
}

// line writes v in a line of its own.
func (j *jsonStream) line(v any) {
	j.value(v)
	j.raw("\n")
}

func (j *jsonStream) encode(v any) {
	j.buf.Reset()
	if err := j.encoder.Encode(v); err != nil && j.err == nil {
		j.err = err
	}
}

// list begins a list, of which element is one, each in a line, until endList.
func (j *jsonStream) list() { j.raw("["); j.listed = 0 }

func (j *jsonStream) element(v any) {
	if j.listed > 0 {
		j.raw(",")
	}
	j.listed++
	j.raw("\n")
	j.value(v)
}

func (j *jsonStream) endList() {
	if j.listed > 0 {
		j.raw("\n")
	}
	j.raw("]")
}

// object writes v, an object, without the bracket that ends it: more fields follow.
func (j *jsonStream) object(v any) {
	j.encode(v)
	writePieces(j.w, harmless(bytes.TrimSuffix(j.buf.Bytes(), []byte("}\n"))))
}

// flush writes out what is buffered.
func (j *jsonStream) flush() error {
	if j.err != nil {
		return j.err
	}
	return j.w.Flush()
}

// maxWrite is the most bytes of one write: a reader of a pipe, and an interrupt, need not wait
// for the whole of a service with thousands of findings.
const maxWrite = 32 << 10

func writePieces(w io.Writer, b []byte) {
	for piece := range slices.Chunk(b, maxWrite) {
		w.Write(piece)
	}
}

// harmless escapes in encoded JSON what would be more than text elsewhere: what a terminal takes
// for a sequence or hides, what a CI system obeys in a log ("##name["), and what would end a
// script or begin a tag in a page. The values stay what they are.
func harmless(b []byte) []byte {
	if bytes.IndexFunc(b, unusual) < 0 && !bytes.Contains(b, []byte("##")) {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == '#' && len(b) > 1 && b[1] == '#' || unusual(r) {
			out = appendEscape(out, r)
		} else {
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return out
}

func unusual(r rune) bool { return r == '<' || r > '~' && (r == utf8.RuneError || !unicode.IsPrint(r)) }

func appendEscape(out []byte, r rune) []byte {
	if hi, lo := utf16.EncodeRune(r); hi != unicode.ReplacementChar {
		return fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
