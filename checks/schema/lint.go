package schema

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/seed306eabeb/muster/internal/ecma"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// annotations are keywords that check nothing where they are known, either.
var annotations = map[string]bool{
	"$schema": true, "$comment": true, "$vocabulary": true, "definitions": true, "$defs": true,
	"title": true, "description": true, "default": true, "examples": true, "readOnly": true, "writeOnly": true, "deprecated": true,
	"contentEncoding": true, "contentMediaType": true, "contentSchema": true,
}

// linter looks at one schema of a file, as it stands there.
type linter struct {
	unit    *unit
	pointer string
	draft   int
	schema  map[string]any
	found   []verdict.Finding
}

// lint is what is surely not meant in the schemas of a file.
func lint(s *source, l *linker) []verdict.Finding {
	var found []verdict.Finding
	for _, url := range slices.Sorted(maps.Keys(l.units)) {
		u := l.units[url]
		if u.source != s {
			continue
		}
		for _, pointer := range sortedKeys(u.collected) {
			v, _ := follow(s.doc.Value(), wayOf(pointer))
			if schema, ok := v.(map[string]any); ok {
				t := &linter{unit: u, pointer: pointer, draft: u.resourceAt(pointer).draft, schema: schema}
				t.look()
				found = append(found, t.found...)
			}
		}
		break // under another URL the file says the same
	}
	return found
}

func (t *linter) look() {
	if _, refers := t.schema["$ref"].(string); refers && t.draft < 2019 {
		t.siblings()
		return
	}
	for _, name := range sortedKeys(t.schema) {
		k, known := keywords[name]
		switch {
		case !known:
			t.misspelt(name)
		case k.knows(t.draft) || annotations[name]:
		case name == "id" || name == "$id":
			t.otherID(name)
		case (name == "then" || name == "else") && t.schema["if"] != nil: // which is told
		default:
			t.report(otherDraft, name, "", "%s is no keyword of %s, and checks nothing", quote(name), draftName(t.draft))
		}
	}
	t.required()
	t.bounds()
	t.choices()
}

// report tells of a keyword.
func (t *linter) report(r verdict.Rule, name, help, format string, args ...any) {
	t.found = append(t.found, r.At(t.unit.source.place(below(t.pointer, name), true), fmt.Sprintf(format, args...), help))
}

// siblings looks at what stands beside $ref.
func (t *linter) siblings() {
	var ignored []string
	for _, name := range sortedKeys(t.schema) {
		if k, known := keywords[name]; known && k.knows(t.draft) && !annotations[name] && name != "$ref" && name != idKeyword(t.draft) {
			ignored = append(ignored, name)
		}
	}
	if len(ignored) == 0 {
		return
	}
	first := slices.MinFunc(ignored, func(a, b string) int {
		return t.unit.source.place(below(t.pointer, a), true).Compare(t.unit.source.place(below(t.pointer, b), true))
	})
	what := quote(ignored[0]) + " checks"
	if n := len(ignored); n > 1 {
		for i, name := range ignored {
			ignored[i] = quote(name)
		}
		what = strings.Join(ignored[:n-1], ", ") + " and " + ignored[n-1] + " check"
	}
	t.report(ignoredSibling, first, "put the $ref into an allOf", "%s nothing beside $ref in %s", what, draftName(t.draft))
}

// otherID looks at an id whose keyword is that of other drafts.
func (t *linter) otherID(name string) {
	own := idKeyword(t.draft)
	if text, ok := t.schema[name].(string); ok && t.pointer == "" && t.schema[own] == nil && strings.Contains(text, "/") {
		t.report(otherDraft, name, "write "+own, "%s is no keyword of %s: the schema has no id", quote(name), draftName(t.draft))
	}
}

// misspelt looks at a word that no draft knows.
func (t *linter) misspelt(name string) {
	if near := nearKeyword(name); near != "" && plausible(near, t.schema[name]) && t.schema[near] == nil {
		t.report(unknownKeyword, name, fmt.Sprintf("did you mean %q?", near), "%s is no keyword of JSON Schema, and checks nothing", quote(name))
	}
}

// nearKeyword is the keyword that a word is written for, "" if it may well be a word of its
// own.
func nearKeyword(name string) string {
	if len(name) < 3 || len(name) > 30 || strings.HasPrefix(name, "x-") {
		return ""
	}
	best, least := "", 2
	if len(name) >= 8 {
		least = 3
	}
	folded := foldWord(name)
	for _, k := range mendable {
		if n := len(k.folded) - len(folded); n >= least || -n >= least {
			continue
		}
		d := levenshtein.ComputeDistance(folded, k.folded)
		if d == 2 && len(folded) == len(k.folded) && swapped(folded, k.folded) {
			d = 1
		}
		if d < least {
			best, least = k.name, d
		}
	}
	return best
}

// mendable are the keywords that a word may be written for, sorted, and how they compare.
var mendable = func() (all []struct{ name, folded string }) {
	for _, k := range slices.Sorted(maps.Keys(keywords)) {
		if !annotations[k] && len(k) > 2 {
			all = append(all, struct{ name, folded string }{k, foldWord(k)})
		}
	}
	return all
}()

var wordFolder = strings.NewReplacer("_", "", "-", "", "$", "")

func foldWord(s string) string { return wordFolder.Replace(strings.ToLower(s)) }

// swapped says whether two words differ in two neighbours that changed places.
func swapped(a, b string) bool {
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// plausible says whether a value may be that of a keyword.
func plausible(keyword string, v any) bool {
	_, isMap := v.(map[string]any)
	_, isList := v.([]any)
	_, isText := v.(string)
	_, isBool := v.(bool)
	switch shape := keywords[keyword].shape; shape {
	case oneSchema:
		return isMap || isBool
	case schemaList:
		return isList
	case schemaOrList:
		return isMap || isList
	case schemasByName, schemasOrKeysByName:
		return isMap
	}
	switch keyword {
	case "type":
		return isTypes(v)
	case "enum", "required":
		return isList
	case "dependentRequired":
		return isMap
	case "uniqueItems", "$recursiveAnchor":
		return isBool
	case "const":
		return true
	case "pattern", "format", "$ref", "$recursiveRef", "$dynamicRef", "$anchor", "$dynamicAnchor", "id", "$id":
		return isText
	}
	return typeOf(v)&numberType != 0 || isBool && strings.HasPrefix(keyword, "exclusive")
}

func isTypes(v any) bool {
	if list, ok := v.([]any); ok {
		return len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { return !isTypes(v) })
	}
	name, _ := v.(string)
	return typeNames[name] != 0
}

// required looks for keys that a schema asks for and forbids.
func (t *linter) required() {
	keys, _ := t.schema["required"].([]any)
	properties, _ := t.schema["properties"].(map[string]any)
	if t.schema["additionalProperties"] != false || properties == nil {
		return
	}
	byPattern, _ := t.schema["patternProperties"].(map[string]any)
	for i, k := range keys {
		name, ok := k.(string)
		if !ok || properties[name] != nil || matchesAny(byPattern, name) {
			continue
		}
		help := ""
		if near := yamldoc.Nearest(name, sortedKeys(properties)); near != "" {
			help = fmt.Sprintf("did you mean %q?", near)
		}
		p := t.unit.source.place(below(t.pointer, "required", strconv.Itoa(i)), false)
		t.found = append(t.found, impossible.At(p, fmt.Sprintf("%s is required, and no other keys than those of properties are allowed", quote(name)), help))
	}
}

func matchesAny(byPattern map[string]any, name string) bool {
	for text := range byPattern {
		if re, err := ecma.Compile(text); err != nil || !re.IsQuick() {
			return true // nothing is said for which time would count
		} else if matched, err := re.Match(name); err != nil || matched {
			return true
		}
	}
	return false
}

// bounds looks for a least that is more than the most.
func (t *linter) bounds() {
	for _, pair := range [][2]string{{"minLength", "maxLength"}, {"minItems", "maxItems"}, {"minProperties", "maxProperties"}, {"minimum", "maximum"}, {"minContains", "maxContains"}} {
		least, most := rationalOf(t.schema[pair[0]]), rationalOf(t.schema[pair[1]])
		if least != nil && most != nil && least.Cmp(most) > 0 && keywords[pair[0]].knows(t.draft) {
			t.report(impossible, pair[0], "", "%s is %s, and %s %s: nothing fits", pair[0], show(t.schema[pair[0]]), pair[1], show(t.schema[pair[1]]))
		}
	}
}

func rationalOf(v any) *big.Rat {
	if typeOf(v)&numberType == 0 {
		return nil
	}
	return rational(v)
}

// choices looks for values that are all of another type than the schema wants.
func (t *linter) choices() {
	var want types
	switch names := t.schema["type"].(type) {
	case string:
		want = typeNames[names]
	case []any:
		for _, name := range names {
			text, _ := name.(string)
			want |= typeNames[text]
		}
	}
	values, isList := t.schema["enum"].([]any)
	if want == 0 || !isList || len(values) == 0 || slices.ContainsFunc(values, func(v any) bool { return typeOf(v)&want != 0 }) {
		return
	}
	t.report(impossible, "enum", retype(want, values[0]), "the values of enum are not %s, as type wants: nothing fits", want)
}
