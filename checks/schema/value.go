package schema

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// types is a set of the types of JSON Schema. An integer is a number, too.
type types uint8

const (
	nullType types = 1 << iota
	booleanType
	integerType
	numberType
	stringType
	arrayType
	objectType
)

var typeNames = map[string]types{
	"null": nullType, "boolean": booleanType, "integer": integerType, "number": numberType, "string": stringType, "array": arrayType, "object": objectType,
}

func typesOf(t *jsonschema.Types) types {
	var set types
	if t != nil {
		for _, name := range t.ToStrings() {
			set |= typeNames[name]
		}
	}
	return set
}

// typeOf is the types that a value is of; none for what JSON has not, or nobody would count
// with.
func typeOf(v any) types {
	switch v := v.(type) {
	case nil:
		return nullType
	case bool:
		return booleanType
	case string:
		return stringType
	case []any:
		return arrayType
	case map[string]any:
		return objectType
	case int64, uint64:
		return numberType | integerType
	case float64:
		switch {
		case math.IsInf(v, 0) || math.IsNaN(v):
			return 0
		case v == math.Trunc(v):
			return numberType | integerType
		}
		return numberType
	case json.Number:
		r := rational(v)
		switch {
		case r == nil:
			return 0
		case r.IsInt():
			return numberType | integerType
		}
		return numberType
	}
	return 0
}

// maxDigits is how many digits a number may have: arithmetic takes time with their square.
const maxDigits = 1000

// rational is a number as it is written; nil for what is none, or has too many digits.
func rational(v any) *big.Rat {
	switch v := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(v)
	case uint64:
		return new(big.Rat).SetUint64(v)
	case float64:
		r, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
		return r
	case json.Number:
		mantissa, exponent, _ := strings.Cut(strings.ToLower(string(v)), "e")
		n, err := strconv.Atoi(exponent)
		if len(mantissa) > maxDigits || exponent != "" && (err != nil || n > maxDigits || n < -maxDigits) {
			return nil
		}
		r, _ := new(big.Rat).SetString(string(v))
		return r
	}
	return nil
}

// compare compares a number of a document with one of the schema.
func compare(v any, b *bound) int {
	if i, ok := v.(int64); ok && b.whole {
		switch {
		case i < b.int:
			return -1
		case i > b.int:
			return 1
		}
		return 0
	}
	return rational(v).Cmp(b.rat)
}

// isMultiple says whether a number is a multiple of one of the schema.
func isMultiple(v any, b *bound) bool {
	if i, ok := v.(int64); ok && b.whole && b.int != 0 && b.int != -1 {
		return i%b.int == 0
	}
	return b.rat.Sign() == 0 || new(big.Rat).Quo(rational(v), b.rat).IsInt()
}

// equal says whether two values are the same to JSON Schema, where 1 and 1.0 are.
func equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		other, ok := b.(bool)
		return ok && a == other
	case string:
		other, ok := b.(string)
		return ok && a == other
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !equal(a[i], other[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for k, v := range a {
			if o, there := other[k]; !there || !equal(v, o) {
				return false
			}
		}
		return true
	}
	return equalNumbers(a, b)
}

func equalNumbers(a, b any) bool {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return x == y
		}
	}
	if typeOf(a)&typeOf(b)&numberType == 0 {
		return false
	}
	return rational(a).Cmp(rational(b)) == 0
}

// identity is a text that two values share if they are equal.
func identity(text []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(text, 'n')
	case bool:
		return strconv.AppendBool(text, v)
	case string:
		return strconv.AppendQuote(text, v)
	case []any:
		text = append(text, '[')
		for _, item := range v {
			text = append(identity(text, item), ',')
		}
		return append(text, ']')
	case map[string]any:
		text = append(text, '{')
		for _, key := range sortedKeys(v) {
			text = append(strconv.AppendQuote(text, key), ':')
			text = append(identity(text, v[key]), ',')
		}
		return append(text, '}')
	case int64:
		return strconv.AppendInt(text, v, 10)
	}
	if typeOf(v) == 0 {
		return append(text, '?')
	}
	return append(text, strings.TrimSuffix(rational(v).String(), "/1")...)
}

// enum is the values that are allowed.
type enum struct {
	values []any
	texts  map[string]bool
	others []any
}

func newEnum(values []any) *enum {
	e := &enum{values: values, texts: map[string]bool{}}
	for _, v := range values {
		if s, ok := v.(string); ok {
			e.texts[s] = true
		} else {
			e.others = append(e.others, v)
		}
	}
	return e
}

func (e *enum) has(v any) bool {
	if s, ok := v.(string); ok {
		return e.texts[s]
	}
	for _, other := range e.others {
		if equal(v, other) {
			return true
		}
	}
	return false
}

// duplicates are pairs of indexes of items that are equal, each later one once.
func duplicates(items []any, all bool) [][2]int {
	var found [][2]int
	if len(items) <= 8 {
		for i := range items {
			for j := range i {
				if equal(items[i], items[j]) {
					found = append(found, [2]int{j, i})
					break
				}
			}
			if len(found) > 0 && !all {
				break
			}
		}
		return found
	}
	seen := make(map[string]int, len(items))
	var text []byte
	for i, item := range items {
		text = identity(text[:0], item)
		if first, ok := seen[string(text)]; ok && typeOf(item) != 0 {
			found = append(found, [2]int{first, i})
			if !all {
				break
			}
			continue
		}
		seen[string(text)] = i
	}
	return found
}
