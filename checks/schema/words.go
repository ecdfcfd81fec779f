package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/yamldoc"
)

const (
	maxQuoted = 60  // runes of a text
	maxBrief  = 120 // runes of an expression or of a foreign message
	maxAbout  = 200 // runes of a description
	maxListed = 8   // values
)

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// quote is a text in quotes, cut.
func quote(s string) string { return strconv.Quote(cut(s, maxQuoted)) }

// brief is an expression or a message, cut.
func brief(s string) string { return cut(strings.Join(strings.Fields(s), " "), maxBrief) }

// oneLine is a description in one line, cut.
func oneLine(s string) string { return cut(strings.Join(strings.Fields(s), " "), maxAbout) }

// show is a value in a few words.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quote(v)
	case json.Number:
		return cut(string(v), maxQuoted)
	case float64:
		switch {
		case math.IsNaN(v):
			return ".nan"
		case math.IsInf(v, 1):
			return ".inf"
		case math.IsInf(v, -1):
			return "-.inf"
		}
	case []any:
		if len(v) == 0 {
			return "an empty list"
		}
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		if len(v) == 0 {
			return "an empty mapping"
		}
		return "a mapping of " + number(len(v), "key", "keys")
	}
	return fmt.Sprint(v)
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// list is values with commas, not too many of them; several begins it where there are several.
func list(values []any, several string) string {
	if len(values) == 1 {
		return show(values[0])
	}
	var shown []string
	for _, v := range values[:min(len(values), maxListed)] {
		shown = append(shown, show(v))
	}
	text := several + strings.Join(shown, ", ")
	if more := len(values) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

var typeWords = []struct {
	of   types
	word string
}{
	{stringType, "a string"}, {numberType, "a number"}, {integerType, "an integer"}, {booleanType, "a boolean"},
	{arrayType, "a list"}, {objectType, "a mapping"}, {nullType, "null"},
}

// String is the types as people name them.
func (t types) String() string {
	var words []string
	for _, w := range typeWords {
		if t&w.of != 0 && (w.of != integerType || t&numberType == 0) {
			words = append(words, w.word)
		}
	}
	return or(words)
}

func or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// String is the number as a schema has it.
func (b *bound) String() string {
	if b.rat.IsInt() {
		return cut(b.rat.Num().String(), maxQuoted)
	}
	f, _ := b.rat.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// retype says how a value becomes one of the types, where that is easy to say.
func retype(want types, v any) string {
	switch v := v.(type) {
	case string:
		if want&(numberType|integerType) != 0 && isNumber(v, want) || want&booleanType != 0 && (v == "true" || v == "false") || want&nullType != 0 && v == "null" {
			return "take the quotes away"
		}
	case nil:
		return "give it a value, or leave the key out"
	case []any:
		if len(v) == 1 && want&typeOf(v[0]) != 0 {
			return "write the one item without the list"
		}
		return ""
	case map[string]any:
		if want&arrayType != 0 {
			return "begin each item with a dash"
		}
		return ""
	default:
		if want&stringType != 0 {
			return "put it in quotes"
		}
	}
	if want&arrayType != 0 {
		return "write a list, even of one"
	}
	return ""
}

func isNumber(s string, want types) bool {
	if want&numberType != 0 {
		f, err := strconv.ParseFloat(s, 64)
		return err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	}
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// alike proposes one of the values that are allowed.
func alike(v any, allowed []any) string {
	text, isText := v.(string)
	var texts []string
	for _, a := range allowed {
		s, ok := a.(string)
		switch {
		case ok:
			texts = append(texts, s)
		case isText && show(a) == text:
			return "take the quotes away"
		}
		if ok && !isText && show(v) == s {
			return "put it in quotes"
		}
	}
	if isText && text != "" {
		if near := yamldoc.Nearest(text, texts); near != "" {
			return fmt.Sprintf("did you mean %q?", near)
		}
	}
	return ""
}

// verbs are those of a value that must fit, or of one that does.
type verbs struct{ be, have, match string }

var (
	must = verbs{"be", "have", "match"}
	does = verbs{"is", "has", "matches"}
	do   = verbs{"are", "have", "match"} // several of them
)

// expects is what a value must do to fit a schema, or does if it fits; "" where that is not
// easily said.
func expects(n *node, in verbs) string { return in.of(n, 0) }

func (in verbs) of(n *node, depth int) string {
	if n == nil || depth > maxNested {
		return ""
	}
	said := in.value(n)
	if text := in.of(n.ref, depth+1); text != "" {
		said = append(said, text)
	}
	for _, of := range n.allOf {
		if text := in.of(of, depth+1); text != "" {
			said = append(said, text)
		}
	}
	if len(said) == 0 {
		said = append(said, in.any(n.anyOf, depth))
	}
	switch text := strings.Join(said, " and "); {
	case text != "":
		return text
	case n.types == objectType:
		return in.be + " a mapping"
	case n.title != "":
		return in.be + " what " + quote(n.title) + " says"
	}
	return ""
}

// value is what n itself says.
func (in verbs) value(n *node) []string {
	var said []string
	switch {
	case n.constant != nil:
		said = append(said, in.be+" "+list(n.constant.values, "one of "))
	case n.enum != nil:
		said = append(said, in.be+" "+list(n.enum.values, "one of "))
	case n.types != 0 && n.types != objectType:
		said = append(said, in.be+" "+n.types.String())
	}
	if n.format != nil {
		said = append(said, in.be+" in the format "+n.format.Name)
	}
	if n.text != nil && n.text.pattern != nil {
		said = append(said, in.match+" "+brief(n.text.pattern.String()))
	}
	if n.object != nil && len(n.object.required) > 0 {
		said = append(said, in.have+" "+keyWords(n.object.required, "and"))
	}
	return said
}

// any is what each of several schemas says, "" if one says nothing.
func (in verbs) any(all []*node, depth int) string {
	var said []string
	for _, of := range all {
		text := in.of(of, depth+1)
		if text == "" || len(said) == maxListed {
			return ""
		}
		said = append(said, text)
	}
	return strings.Join(said, " or ")
}

// condition is what holds where a value fits a schema, as far as that is easily said.
func condition(n *node) string { return conditionOf(n, 0) }

func conditionOf(n *node, depth int) string {
	if n == nil || depth > maxNested {
		return ""
	}
	said := n.given()
	if n.types != 0 && n.types != objectType {
		said = append(said, "it is "+n.types.String())
	}
	for _, of := range append([]*node{n.ref}, n.allOf...) {
		if text := conditionOf(of, depth+1); text != "" {
			said = append(said, text)
		}
	}
	var some []string
	for _, of := range n.anyOf {
		text := conditionOf(of, depth+1)
		if text == "" {
			some = nil
			break
		}
		some = append(some, text)
	}
	if len(some) > 0 {
		said = append(said, strings.Join(some, " or "))
	}
	return cut(strings.Join(said, " and "), maxAbout)
}

// given is what n itself asks of the keys of a mapping.
func (n *node) given() []string {
	if n.object == nil {
		return nil
	}
	var said []string
	for _, k := range sortedKeys(n.object.properties) {
		if is := n.object.properties[k].choice(); is != nil {
			said = append(said, k+" is "+list(is.values, "one of "))
		}
	}
	for _, k := range n.object.required {
		if n.object.properties[k].choice() == nil {
			said = append(said, quote(k)+" is given")
		}
	}
	return said
}

// choice is the values that a schema allows, nil where it does not list them.
func (n *node) choice() *enum {
	for range maxNested {
		switch {
		case n == nil:
			return nil
		case n.constant != nil:
			return n.constant
		case n.enum != nil:
			return n.enum
		}
		n = n.ref
	}
	return nil
}
