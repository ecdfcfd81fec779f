package schema

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// fuzzed are schemas that together have all keywords but those of dynamic references.
var fuzzed = []string{
	`{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMinimum": true}, "b": {"enum": [1, "a", null, {"x": [1.0]}]}}, "required": ["a"],
		"additionalProperties": false, "patternProperties": {"^x": {"type": ["string", "null"]}}, "dependencies": {"a": ["b"], "b": {"minProperties": 2}}}`,
	`{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"n": {"$ref": "#", "type": "null"}}, "type": ["object", "array", "string", "number"],
		"items": [{"type": "string", "maxLength": 3}, {"$ref": "#/definitions/n"}], "additionalItems": {"oneOf": [{"type": "integer"}, {"multipleOf": 0.5}, {"$ref": "#"}]}, "uniqueItems": true, "minItems": 1, "maxItems": 4,
		"if": {"properties": {"k": {"const": "a"}}, "required": ["k"]}, "then": {"required": ["a"]}, "else": {"not": {"required": ["b"]}}, "propertyNames": {"pattern": "^[a-z]+$", "maxLength": 5},
		"properties": {"c": {"$ref": "#"}, "d": {"contains": {"type": "string"}}, "e": false, "f": {"format": "date"}}, "pattern": "^a", "maximum": 100, "exclusiveMinimum": -5}`,
	`{"$schema": "https://json-schema.org/draft/2019-09/schema", "type": "object", "properties": {"a": {"$ref": "#/$defs/a"}, "l": {"items": [{"type": "integer"}], "unevaluatedItems": {"type": "string"}, "minContains": 1, "maxContains": 2, "contains": {"const": "x"}}},
		"anyOf": [{"properties": {"b": {"type": "string"}}, "required": ["b"]}, {"properties": {"c": true}, "dependentSchemas": {"c": {"properties": {"d": {"minLength": 2}}}}}],
		"unevaluatedProperties": false, "dependentRequired": {"c": ["a", "d"]}, "$defs": {"a": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/$defs/a"}}, {"type": "object", "additionalProperties": {"$ref": "#/$defs/a"}, "maxProperties": 2}]}}}`,
	`{"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [{"$ref": "#/$defs/base"}], "properties": {"t": {"prefixItems": [{"type": "string"}, true], "items": false}, "u": {"prefixItems": [{}], "contains": {"type": "integer"}, "unevaluatedItems": false},
		"tree": {"$ref": "#"}, "k": {"oneOf": [{"properties": {"type": {"const": "a"}}, "required": ["type", "x"]}, {"properties": {"type": {"const": "b"}}, "required": ["type"], "additionalProperties": false}]}},
		"unevaluatedProperties": {"type": "number"}, "$defs": {"base": {"type": "object", "if": {"required": ["a"]}, "then": {"properties": {"a": {"pattern": "^(?!b)"}}}, "else": {"properties": {"b": {}}}}}}`,
}

// FuzzCheck: a document has findings if and only if the compiler's own validation refuses it,
// each has a place and words, and they are the same each time.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{
		"{}", "null", "[]", "a", "1", "a: 1\nb: a\nxy: null", "a: 1.0\nb: {x: [1]}", "- a\n- null\n- 3\n- 0.5", "k: a\nc: {k: b}\nd: [1, a]\ne: 1\nf: 2020-01-01", "a: [[], {b: null}, [{}]]\nb: x\nl: [1, x, y]",
		"c: 1\nd: ab\na: null", "t: [a, 1, 2]\nu: [1, 2, a]\ntree: {tree: {b: 1}}\nk: {type: b}\nz: 1", "k: {type: a, x: 1}\na: b", "a: .inf", "- .nan\n- .nan", "a: 1e400", "a: 123456789012345678901234567890", "k: {tpye: b}",
		"- 1\n- 1.0", "{a: 18446744073709551615, b: 1}", "A: 1", "e: {}",
	} {
		for i := range fuzzed {
			f.Add(byte(i), text)
		}
	}
	var ours []*Schema
	var theirs []interface{ Validate(any) error }
	for _, text := range fuzzed {
		r, _ := NewRegistry(fstest.MapFS{"schema.json": {Data: []byte(text)}}, nil)
		s, found := r.Compile("schema.json", Options{})
		if s == nil {
			f.Fatalf("%q", said(found))
		}
		ours, theirs = append(ours, s), append(theirs, original(f, r, "schema.json"))
	}
	f.Fuzz(func(t *testing.T, which byte, text string) {
		i := int(which) % len(ours)
		for _, d := range (document.Reader{}.Read("doc.yaml", []byte(text), document.YAML)).Docs {
			found := checked(ours[i], d)
			for _, f := range found {
				if f.Line == 0 || f.Column == 0 || f.Name == "" || f.Message == "" {
					t.Errorf("%+v", f)
				}
			}
			if again := checked(ours[i], d); !slices.Equal(said(again), said(found)) {
				t.Errorf("first %q, then %q", said(found), said(again))
			}
			if hasOddNumbers(d.Value()) {
				continue // the other panics
			}
			if err := theirs[i].Validate(d.Value()); (err == nil) != (len(found) == 0) {
				t.Errorf("schema %d: we say %q, the compiler %v", i, said(found), err)
			}
		}
	})
}

// hasOddNumbers says whether there is a number in v that is none to JSON Schema.
func hasOddNumbers(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, hasOddNumbers)
	case map[string]any:
		for _, of := range v {
			if hasOddNumbers(of) {
				return true
			}
		}
		return false
	}
	return typeOf(v) == 0
}

// FuzzCompile: any text is a schema or has findings, each with a place and words, and what is
// compiled checks itself.
func FuzzCompile(f *testing.F) {
	for _, text := range fuzzed {
		f.Add(text)
	}
	for _, text := range []string{
		"true", "[]", "$ref: '#'", "$id: x\n$ref: y", "$schema: a\n$id: a", "$defs: {a: {$id: a, $ref: a}}\n$ref: a", "$dynamicRef: '#a'\n$dynamicAnchor: a", "$recursiveRef: '#'\n$schema: https://json-schema.org/draft/2019-09/schema",
		"$ref: '%2e%2e/x#%zz'", "$id: 'urn:a:b'\n$ref: '#/x'", "id: http://[::1\n$schema: http://json-schema.org/draft-04/schema#", "maxLength: 1e400\nminimum: .inf", "pattern: '(?<a'\npatternProperties: {'(': {}}", "properties: {$ref: {$ref: '#/properties'}}",
		"$ref: http://json-schema.org/draft-07/schema#/definitions/nothing", "$schema: http://json-schema.org/draft-07/schema\n$ref: http://json-schema.org/draft-07/schema",
		"items: {$ref: '#/items/items'}", "required: [a]\nadditionalProperties: false\nproperties: {b: {typ: string}}", "$vocabulary: {a: true}\n$schema: schema.yaml",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, found := NewRegistry(fstest.MapFS{"schema.yaml": {Data: []byte(text)}}, []string{"schema.yaml"})
		s, more := r.Compile("schema.yaml", Options{})
		for _, p := range append(found, more...) {
			if p.File != "schema.yaml" || p.Line == 0 || p.Column == 0 || p.Name == "" || p.Message == "" {
				t.Errorf("%+v", p)
			}
		}
		_, again := r.Compile("schema.yaml", Options{})
		if !slices.Equal(said(again), said(more)) {
			t.Errorf("first %q, then %q", said(more), said(again))
		}
		if verdict.HasError(more) != (s == nil) {
			t.Errorf("%q, and a schema: %v", said(more), s != nil)
		}
		if s != nil {
			checked(s, r.source("schema.yaml").doc)
		}
	})
}
