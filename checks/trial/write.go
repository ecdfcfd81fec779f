package trial

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// write is a document as text, which is JSON and YAML alike. A number that JSON does not have is
// written as YAML has it.
func write(value any) []byte {
	var w strings.Builder
	writeValue(&w, value)
	w.WriteByte('\n')
	return []byte(w.String())
}

func writeValue(w *strings.Builder, value any) {
	switch v := value.(type) {
	case nil:
		w.WriteString("null")
	case string:
		writeText(w, v)
	case float64:
		writeFloat(w, v)
	case json.Number:
		w.WriteString(v.String())
	case []any:
		for i, item := range v {
			w.WriteString([]string{"[", ", "}[min(i, 1)])
			writeValue(w, item)
		}
		closeOf(w, len(v), "[]")
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for i, key := range keys {
			w.WriteString([]string{"{", ", "}[min(i, 1)])
			writeText(w, key)
			w.WriteString(": ")
			writeValue(w, v[key])
		}
		closeOf(w, len(v), "{}")
	default: // bool, int64, uint64
		fmt.Fprint(w, v)
	}
}

// closeOf ends a list or a mapping of n values.
func closeOf(w *strings.Builder, n int, brackets string) {
	if n == 0 {
		w.WriteByte(brackets[0])
	}
	w.WriteByte(brackets[1])
}

func writeFloat(w *strings.Builder, f float64) {
	switch {
	case math.IsNaN(f):
		w.WriteString(".nan")
	case math.IsInf(f, 1):
		w.WriteString(".inf")
	case math.IsInf(f, -1):
		w.WriteString("-.inf")
	default:
		text := strconv.FormatFloat(f, 'g', -1, 64)
		if mantissa, exponent, _ := strings.Cut(text, "e"); !strings.Contains(mantissa, ".") {
			text = mantissa + ".0" // else it would be an integer
			if exponent != "" {
				text += "e" + exponent
			}
		}
		w.WriteString(text)
	}
}

// writeText writes a text with escapes that both languages have.
func writeText(w *strings.Builder, text string) {
	w.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r > 0xffff || unicode.IsPrint(r):
			w.WriteRune(r)
		default:
			fmt.Fprintf(w, `\u%04x`, r)
		}
	}
	w.WriteByte('"')
}
