package yamldoc

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Number is the value of an integer or a float: an int64; a uint64 above those; a float64,
// also an infinite one where that is written; or else a json.Number, whose text is as JSON
// has it. It is nil of others.
func (s *Scalars) Number(v Scalar) any {
	switch v.Kind {
	case IntScalar:
		return s.integral(v)
	case FloatScalar:
		return s.floating(v.Text)
	}
	return nil
}

func (s *Scalars) integral(v Scalar) any {
	if !v.wide {
		return v.Int
	}
	i, _ := s.integer(v.Text)
	if n, err := strconv.ParseUint(i.digits, i.base, 64); err == nil {
		return n
	}
	if i.base == 10 { // however long it is
		return json.Number(jsonFloat(i.digits))
	}
	return json.Number(i.decimal())
}

func (s *Scalars) floating(text string) any {
	if s.Underscores {
		text = strings.ReplaceAll(text, "_", "")
	}
	switch word := strings.ToLower(strings.TrimLeft(text, "+")); word {
	case ".inf":
		return math.Inf(1)
	case "-.inf":
		return math.Inf(-1)
	case ".nan":
		return math.NaN()
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil { // no double holds it
		return json.Number(jsonFloat(text))
	}
	return f
}

// jsonFloat is a decimal float as JSON writes it: without a plus and zeros before it, and
// with digits on both sides of a point.
func jsonFloat(text string) string {
	sign := ""
	if text = strings.TrimPrefix(text, "+"); strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	mantissa, exponent := text, ""
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		mantissa, exponent = text[:e], text[e:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction + exponent
}
