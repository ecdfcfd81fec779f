package manifest

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// scalarKind is what a plain scalar resolves to.
type scalarKind uint8

const (
	scalarString scalarKind = iota
	scalarNull
	scalarBool
	scalarInt
	scalarFloat
	scalarInvalid // an explicit tag that the text does not fit
)

func (k scalarKind) String() string {
	return [...]string{"string", "null", "boolean", "integer", "float", "badly tagged value"}[k]
}

// scalar is a resolved scalar.
type scalar struct {
	kind scalarKind
	text string
	num  int64 // of an integer that fits, or 1 for true
	wide bool  // an integer outside int64
	huge bool  // an integer that is not even a uint64
}

// resolve applies the scalar rules of the manifest dialect, which are not those
// of yaml.v3: Null, True, yes, dates and numbers with a leading zero are strings.
func resolve(n *yaml.Node) scalar {
	if n.Style&yaml.TaggedStyle != 0 {
		return resolveTagged(n)
	}
	if n.Style != 0 {
		return scalar{text: n.Value}
	}
	return resolvePlain(n.Value)
}

func resolveTagged(n *yaml.Node) scalar {
	s := scalar{text: n.Value}
	if n.Style&^yaml.TaggedStyle != 0 {
		return s
	}
	want := scalarString
	switch n.Tag {
	case "!!bool":
		want = scalarBool
	case "!!int":
		want = scalarInt
	case "!!float":
		want = scalarFloat
	case "!!null":
		want = scalarNull
	default:
		return s
	}
	got := resolvePlain(n.Value)
	if got.kind == scalarInt && want == scalarFloat {
		got.kind = scalarFloat
	}
	if got.kind != want {
		got.kind = scalarInvalid
	}
	return got
}

func resolvePlain(text string) scalar {
	s := scalar{text: text}
	switch text {
	case "", "~", "null":
		s.kind = scalarNull
		return s
	case "true":
		s.kind, s.num = scalarBool, 1
		return s
	case "false":
		s.kind = scalarBool
		return s
	}
	if !startsNumber(text[0]) {
		return s
	}
	if n, wide, ok := parseInt(text); ok {
		s.kind, s.num, s.wide = scalarInt, n, wide
		s.huge = wide && !isUint64(text)
		return s
	}
	if isFloat(text) {
		s.kind = scalarFloat
	}
	return s
}

func startsNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
}

// parseInt takes decimal, 0x, 0o and 0b integers with an optional sign. Digits
// after a leading zero make a string, as in 010.
func parseInt(text string) (n int64, wide, ok bool) {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" {
		return 0, false, false
	}
	base := 10
	if len(digits) > 2 && digits[0] == '0' {
		switch digits[1] {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
	}
	if base != 10 {
		digits = digits[2:]
	} else if len(text) > 1 && text[0] == '0' {
		return 0, false, false
	}
	if !allDigits(digits, base) {
		return 0, false, false
	}
	if text[0] == '-' {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, base, 64)
	return n, err != nil, true
}

func allDigits(s string, base int) bool {
	for i := range len(s) {
		digit := 99
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digit = int(c - '0')
		case c >= 'a' && c <= 'f':
			digit = int(c-'a') + 10
		case c >= 'A' && c <= 'F':
			digit = int(c-'A') + 10
		}
		if digit >= base {
			return false
		}
	}
	return s != ""
}

// isUint64 says whether an integer that is no int64 is a uint64. The time that a
// conversion takes grows with the square of the length.
func isUint64(text string) bool {
	digits := strings.TrimLeft(text, "+-0")
	if len(strings.TrimLeft(strings.TrimLeft(digits, "xob"), "0")) > 64 { // in base 2
		return false
	}
	_, err := strconv.ParseUint(wideDecimal(text), 10, 64)
	return err == nil
}

func isFloat(text string) bool {
	switch strings.TrimLeft(text, "+") {
	case ".inf", ".Inf", ".INF":
		return true
	}
	switch text {
	case "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
		return true
	}
	_, ok := parseFloat(text)
	return ok
}

// parseFloat takes finite decimal floats without hexadecimal digits, names or
// underscores.
func parseFloat(text string) (float64, bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" || leadingZeros(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// leadingZeros says that text is two or more digits that start with a zero.
func leadingZeros(text string) bool {
	return len(text) > 1 && text[0] == '0' && strings.Trim(text, "0123456789") == ""
}

// relaxed is how a scalar reads where numbers and booleans stand for strings:
// integers in decimal, floats in their shortest form without an exponent.
func (s scalar) relaxed() string {
	switch s.kind {
	case scalarNull:
		return "~"
	case scalarInt:
		if !s.wide {
			return strconv.FormatInt(s.num, 10)
		}
		return wideDecimal(s.text)
	case scalarFloat:
		return floatText(s.text)
	default:
		return s.text
	}
}

func wideDecimal(text string) string {
	n, ok := new(big.Int).SetString(strings.TrimPrefix(text, "+"), 0)
	if !ok {
		return text
	}
	return n.String()
}

func floatText(text string) string {
	switch {
	case strings.HasPrefix(text, "-.i"), strings.HasPrefix(text, "-.I"):
		return "-inf"
	case strings.HasSuffix(strings.ToLower(text), ".inf"):
		return "inf"
	case strings.EqualFold(text, ".nan"):
		return "NaN"
	}
	f, _ := strconv.ParseFloat(text, 64)
	return strconv.FormatFloat(f, 'f', -1, 64)
}
