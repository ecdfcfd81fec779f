package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// jsonWriter writes one indented JSON object field by field and long lists
// element by element, so that no more than one of them is in memory. It keeps
// its first error until end.
type jsonWriter struct {
	w     *bufio.Writer
	buf   bytes.Buffer // one value
	err   error
	count int // fields or elements so far on this level
	outer int // fields so far, while in a list
}

func newJSONWriter(w io.Writer) *jsonWriter {
	j := &jsonWriter{w: bufio.NewWriter(w)}
	j.w.WriteByte('{')
	return j
}

func (j *jsonWriter) field(name string, v any) {
	j.name(name)
	j.value("  ", v)
}

func (j *jsonWriter) beginList(name string) {
	j.name(name)
	j.w.WriteByte('[')
	j.outer, j.count = j.count, 0
}

func (j *jsonWriter) element(v any) {
	j.next("    ")
	j.value("    ", v)
}

func (j *jsonWriter) endList() {
	if j.count > 0 {
		j.w.WriteString("\n  ")
	}
	j.w.WriteByte(']')
	j.count = j.outer
}

func (j *jsonWriter) end() error {
	j.w.WriteString("\n}\n")
	if j.err != nil {
		return j.err
	}
	return j.w.Flush()
}

func (j *jsonWriter) name(name string) {
	j.next("  ")
	j.value("", name)
	j.w.WriteString(": ")
}

// next begins a line for one more field or element.
func (j *jsonWriter) next(indent string) {
	if j.count > 0 {
		j.w.WriteByte(',')
	}
	j.count++
	j.w.WriteByte('\n')
	j.w.WriteString(indent)
}

// value writes v, whose further lines begin with indent.
func (j *jsonWriter) value(indent string, v any) {
	j.buf.Reset()
	e := json.NewEncoder(&j.buf)
	e.SetEscapeHTML(false)
	e.SetIndent(indent, "  ")
	if err := e.Encode(v); err != nil && j.err == nil {
		j.err = err
	}
	writePieces(j.w, harmless(bytes.TrimSuffix(j.buf.Bytes(), []byte("\n"))))
}
