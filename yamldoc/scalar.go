package yamldoc

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// ScalarKind is what a plain scalar resolves to.
type ScalarKind uint8

const (
	StringScalar ScalarKind = iota
	NullScalar
	BoolScalar
	IntScalar
	FloatScalar
	InvalidScalar // an explicit tag that the text does not fit
)

func (k ScalarKind) String() string {
	return [...]string{"string", "null", "boolean", "integer", "float", "badly tagged value"}[k]
}

// Scalar is a resolved scalar.
type Scalar struct {
	Kind ScalarKind
	Text string
	Int  int64 // of an integer that fits, or 1 for true
	wide bool  // an integer outside int64
	huge bool  // an integer that is not even a uint64
}

// Scalars says what scalars without quotes and tags mean, where programs that read YAML
// differ. Decimal integers and floats are numbers everywhere.
type Scalars struct {
	Null, True, False []string // the words, exactly
	// Bases are the letters that may stand behind a zero to give an integer another base,
	// of xX (16), oO (8) and bB (2).
	Bases string
	// SignedBases lets a sign stand before such an integer.
	SignedBases bool
	// LeadingZero is what digits behind a zero are.
	LeadingZero LeadingZero
	// Underscores may stand among the digits of a number.
	Underscores bool
	// SeveralPlus lets more than one plus stand before .inf.
	SeveralPlus bool
	// Overflow makes a float that no double holds an infinite one, and not a text.
	Overflow bool
	// WideFloats makes a decimal integer that 64 bits do not hold a float.
	WideFloats bool
}

// LeadingZero is what digits behind a zero are, as in 0777.
type LeadingZero uint8

// What digits behind a zero are.
const (
	ZeroText    LeadingZero = iota // a text, unless a sign stands before them
	ZeroDecimal                    // a decimal integer
	ZeroOctal                      // an octal integer, or a float where a digit is none of octal's
)

// Node is what a scalar node means.
func (s *Scalars) Node(n *yaml.Node) Scalar {
	if n.Style&yaml.TaggedStyle != 0 {
		return s.tagged(n)
	}
	if n.Style != 0 {
		return Scalar{Text: n.Value}
	}
	return s.Plain(n.Value)
}

func (s *Scalars) tagged(n *yaml.Node) Scalar {
	text := Scalar{Text: n.Value}
	if n.Style&^yaml.TaggedStyle != 0 {
		return text
	}
	want := StringScalar
	switch n.Tag {
	case "!!bool":
		want = BoolScalar
	case "!!int":
		want = IntScalar
	case "!!float":
		want = FloatScalar
	case "!!null":
		want = NullScalar
	default:
		return text
	}
	got := s.Plain(n.Value)
	if got.Kind == IntScalar && want == FloatScalar {
		got.Kind = FloatScalar
	}
	if got.Kind != want {
		got.Kind = InvalidScalar
	}
	return got
}

// Plain is what a text without quotes means.
func (s *Scalars) Plain(text string) Scalar {
	switch {
	case slices.Contains(s.Null, text):
		return Scalar{Kind: NullScalar, Text: text}
	case slices.Contains(s.True, text):
		return Scalar{Kind: BoolScalar, Text: text, Int: 1}
	case slices.Contains(s.False, text):
		return Scalar{Kind: BoolScalar, Text: text}
	case text == "" || !startsNumber(text[0]):
		return Scalar{Text: text}
	}
	if i, ok := s.integer(text); ok {
		if i.wide && s.WideFloats && i.base == 10 && !i.isUint64() {
			return Scalar{Kind: FloatScalar, Text: text}
		}
		return Scalar{Kind: IntScalar, Text: text, Int: i.num, wide: i.wide, huge: i.wide && !i.isUint64()}
	}
	if s.isFloat(text) {
		return Scalar{Kind: FloatScalar, Text: text}
	}
	return Scalar{Text: text}
}

func startsNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
}

// integer is the text of an integer.
type integer struct {
	digits string // with a minus if there is one
	base   int
	num    int64 // the nearest
	wide   bool  // it is outside int64
}

// integer takes decimal integers and those of other bases with an optional sign.
func (s *Scalars) integer(text string) (integer, bool) {
	if s.Underscores {
		text = strings.ReplaceAll(text, "_", "")
	}
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" {
		return integer{}, false
	}
	i := integer{base: 10}
	signed := len(text) > len(digits)
	if len(digits) > 1 && digits[0] == '0' {
		if i.base, digits = s.based(digits, signed); i.base == 0 {
			return integer{}, false
		}
	}
	if !allDigits(digits, i.base) {
		return integer{}, false
	}
	if text[0] == '-' {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, i.base, 64)
	i.digits, i.num, i.wide = digits, n, err != nil
	return i, true
}

// based is the base of digits behind a zero, 0 if they are a text, and the digits.
func (s *Scalars) based(digits string, signed bool) (base int, rest string) {
	if len(digits) > 2 && strings.IndexByte(s.Bases, digits[1]) >= 0 && (s.SignedBases || !signed) {
		switch digits[1] | 0x20 {
		case 'x':
			return 16, digits[2:]
		case 'o':
			return 8, digits[2:]
		default:
			return 2, digits[2:]
		}
	}
	switch {
	case s.LeadingZero == ZeroOctal:
		return 8, digits[1:]
	case s.LeadingZero == ZeroText && !signed:
		return 0, digits
	}
	return 10, digits
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
func (i integer) isUint64() bool {
	digits := strings.TrimLeft(i.digits, "-0")
	if len(digits) > 64 { // in base 2
		return false
	}
	_, err := strconv.ParseUint(digits, i.base, 64)
	return err == nil && i.digits[0] != '-'
}

// decimal is an integer in decimal.
func (i integer) decimal() string {
	if !i.wide {
		return strconv.FormatInt(i.num, 10)
	}
	n, ok := new(big.Int).SetString(i.digits, i.base)
	if !ok {
		return i.digits
	}
	return n.String()
}

func (s *Scalars) isFloat(text string) bool {
	word := strings.TrimPrefix(text, "+")
	if s.SeveralPlus {
		word = strings.TrimLeft(text, "+")
	}
	switch word {
	case ".inf", ".Inf", ".INF":
		return true
	}
	switch text {
	case "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
		return true
	}
	return s.isDecimal(text)
}

// isDecimal takes decimal floats without hexadecimal digits and names, and finite ones
// unless they may overflow.
func (s *Scalars) isDecimal(text string) bool {
	if s.Underscores && text[0] != '.' {
		text = strings.ReplaceAll(text, "_", "")
	}
	if strings.Trim(text, "0123456789+-.eE") != "" || s.LeadingZero == ZeroText && leadingZeros(text) {
		return false
	}
	f, err := strconv.ParseFloat(text, 64)
	if math.IsInf(f, 0) {
		return s.Overflow
	}
	return err == nil
}

// leadingZeros says that text is two or more digits that start with a zero.
func leadingZeros(text string) bool {
	return len(text) > 1 && text[0] == '0' && strings.Trim(text, "0123456789") == ""
}

// Relaxed is how a scalar reads where numbers and booleans stand for strings:
// integers in decimal, floats in their shortest form without an exponent.
func (s *Scalars) Relaxed(v Scalar) string {
	switch v.Kind {
	case NullScalar:
		return "~"
	case IntScalar:
		if !v.wide {
			return strconv.FormatInt(v.Int, 10)
		}
		i, _ := s.integer(v.Text)
		return i.decimal()
	case FloatScalar:
		return floatText(v.Text)
	default:
		return v.Text
	}
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
	f, _ := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return strconv.FormatFloat(f, 'f', -1, 64)
}
