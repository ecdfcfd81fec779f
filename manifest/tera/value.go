package tera

import (
	"fmt"
	"strings"
)

// maxValueDepth bounds how deep a value that is printed or compared may nest.
const maxValueDepth = 100

// kindOf names the kind of a value in a message.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	}
	return "a number"
}

// truthy is a value as a condition: null, false, zero and what is empty are
// false.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return toFloat(v) != 0
}

// equal compares by structure; integers and floats inside are never equal.
func (r *renderer) equal(pos int, a, b any, depth int) (bool, *Error) {
	if err := r.step(pos, 0); err != nil {
		return false, err
	}
	if depth > maxValueDepth {
		return false, r.errorf(pos, "value is nested deeper than %d levels", maxValueDepth)
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		for i := range a {
			if same, err := r.equal(pos, a[i], b[i], depth+1); !same {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		return r.equalMaps(pos, a, b, depth+1)
	}
	switch b := b.(type) {
	case []any, map[string]any:
		return false, nil
	case string:
		return a == b, r.step(pos, len(b))
	}
	return plain(a) == plain(b), nil
}

func (r *renderer) equalMaps(pos int, a, b map[string]any, depth int) (bool, *Error) {
	for _, k := range sortedKeys(a) {
		v, ok := b[k]
		if !ok {
			return false, nil
		}
		if same, err := r.equal(pos, a[k], v, depth); !same {
			return false, err
		}
	}
	return true, nil
}

// text is a value as output shows it: null is empty, a map is not shown.
func (r *renderer) text(pos int, v any) (string, *Error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	w := writer{max: r.t.opts.MaxOutput}
	w.value(v, 0)
	return w.result(r, pos)
}

// json is a value as JSON, indented by two spaces if pretty.
func (r *renderer) json(pos int, v any, pretty bool) (string, *Error) {
	w := writer{max: r.t.opts.MaxOutput, pretty: pretty}
	w.json(v, 0)
	return w.result(r, pos)
}

// writer prints values within a limit: small values that hold each other can
// print endlessly.
type writer struct {
	b      strings.Builder
	max    int
	pretty bool
	deep   bool // the value nests too deep
}

func (w *writer) full() bool { return w.deep || w.b.Len() > w.max }

func (w *writer) result(r *renderer, pos int) (string, *Error) {
	if w.deep {
		return "", r.errorf(pos, "value is nested deeper than %d levels", maxValueDepth)
	}
	return w.b.String(), r.grow(pos, w.b.Len())
}

func (w *writer) value(v any, depth int) {
	if w.deep = w.deep || depth > maxValueDepth; w.full() {
		return
	}
	switch v := v.(type) {
	case nil:
	case string:
		w.b.WriteString(v)
	case bool:
		fmt.Fprint(&w.b, v)
	case map[string]any:
		w.b.WriteString("[object]")
	case []any:
		w.b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				w.b.WriteString(", ")
			}
			if w.value(item, depth+1); w.full() {
				return
			}
		}
		w.b.WriteByte(']')
	default:
		w.b.WriteString(numberText(v))
	}
}

func (w *writer) json(v any, depth int) {
	if w.deep = w.deep || depth > maxValueDepth; w.full() {
		return
	}
	switch v := v.(type) {
	case nil:
		w.b.WriteString("null")
	case string:
		w.jsonString(v)
	case []any:
		w.jsonAll("[]", len(v), depth, func(i int) { w.json(v[i], depth+1) })
	case map[string]any:
		keys := sortedKeys(v)
		w.jsonAll("{}", len(v), depth, func(i int) {
			w.jsonString(keys[i])
			w.b.WriteByte(':')
			if w.pretty {
				w.b.WriteByte(' ')
			}
			w.json(v[keys[i]], depth+1)
		})
	case bool:
		w.value(v, depth)
	default:
		w.b.WriteString(numberJSON(v))
	}
}

// jsonAll prints n parts between the two marks.
func (w *writer) jsonAll(marks string, n, depth int, part func(int)) {
	w.b.WriteByte(marks[0])
	for i := range n {
		if i > 0 {
			w.b.WriteByte(',')
		}
		w.newline(depth + 1)
		if part(i); w.full() {
			return
		}
	}
	if n > 0 {
		w.newline(depth)
	}
	w.b.WriteByte(marks[1])
}

func (w *writer) newline(depth int) {
	if w.pretty {
		w.b.WriteByte('\n')
		w.b.WriteString(strings.Repeat("  ", depth))
	}
}

var jsonEscapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`)

func (w *writer) jsonString(s string) {
	w.b.WriteByte('"')
	for _, c := range jsonEscapes.Replace(s) {
		if c < 0x20 {
			fmt.Fprintf(&w.b, `\u%04x`, c)
			continue
		}
		w.b.WriteRune(c)
	}
	w.b.WriteByte('"')
}
