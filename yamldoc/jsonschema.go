package yamldoc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// JSONSchema is a JSON Schema (draft 2020-12) of a file that is an o, for editors
// and other tools. It says what decoding asks of a file by itself: keys, types,
// ranges and values. What several fields or files say together it does not.
func JSONSchema(o *Object) ([]byte, error) {
	w := schemaWriter{defs: map[string]any{}}
	schema := w.object(o)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = o.Name
	schema["$defs"] = w.defs
	return json.MarshalIndent(schema, "", "  ")
}

// schemaWriter collects the objects that a schema refers to.
type schemaWriter struct {
	defs map[string]any
}

func (w *schemaWriter) object(o *Object) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range o.Fields {
		properties[f.Key] = w.field(f)
		if f.Required {
			required = append(required, f.Key)
		}
	}
	s := map[string]any{"type": "object", "description": o.Doc, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	switch o.Unknown {
	case RejectUnknown:
		s["additionalProperties"] = false
	case ExtraFields:
		s["additionalProperties"] = w.typ(o.Extra)
	}
	return s
}

func (w *schemaWriter) field(f Field) map[string]any {
	s := w.typ(f.Type)
	if !f.NotNull {
		s = map[string]any{"anyOf": []any{s, map[string]any{"type": "null"}}}
	}
	s["description"] = f.Doc
	if f.Default != "" {
		s["default"] = f.defaultValue()
	}
	return s
}

// defaultValue is the default as JSON has it.
func (f Field) defaultValue() any {
	if f.Type.Kind == StringKind && !strings.HasPrefix(f.Default, `"`) {
		return f.Default
	}
	var v any
	if err := yaml.Unmarshal([]byte(f.Default), &v); err != nil {
		panic(fmt.Sprintf("yamldoc: the default of %s is no YAML: %v", f.Key, err))
	}
	return v
}

func (w *schemaWriter) typ(t *Type) map[string]any {
	switch t.Kind {
	case StringKind:
		return map[string]any{"type": "string"}
	case TextKind:
		return map[string]any{"type": []any{"string", "number", "boolean", "null"}}
	case RelaxedKind:
		return map[string]any{"type": []any{"string", "number", "boolean", "null"}}
	case BoolKind:
		return map[string]any{"type": "boolean"}
	case IntKind:
		return map[string]any{"type": "integer", "minimum": t.Min, "maximum": t.Max}
	case EnumKind:
		return map[string]any{"enum": enumValues(t.Enum)}
	case ListKind:
		return map[string]any{"type": "array", "items": w.typ(t.Elem)}
	case MapKind:
		return map[string]any{"type": "object", "additionalProperties": w.entry(t)}
	case ObjectKind:
		return w.reference(t.Object)
	case StringsKind:
		return map[string]any{"anyOf": []any{w.typ(String), w.typ(ListOf(String))}}
	case StringsOrObjectKind:
		return map[string]any{"anyOf": []any{w.typ(String), w.typ(ListOf(String)), w.reference(t.Object)}}
	case AnyKind:
		return map[string]any{}
	case IntOrListKind:
		return map[string]any{"anyOf": []any{w.typ(IntOf(t.Min, t.Max)), w.typ(ListOf(t.Elem))}}
	default:
		return map[string]any{"anyOf": []any{w.typ(IntOf(t.Min, t.Max)), w.typ(String)}}
	}
}

// enumValues are the texts of an enum, and the numbers and words that they are without
// quotes, which decoding takes, too.
func enumValues(texts []string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, text)
		var plain any
		if err := yaml.Unmarshal([]byte(text), &plain); err == nil {
			switch plain.(type) {
			case bool, int, float64:
				all = append(all, plain)
			}
		}
	}
	return all
}

func (w *schemaWriter) entry(t *Type) map[string]any {
	if t.Nullable {
		return map[string]any{"anyOf": []any{w.typ(t.Elem), map[string]any{"type": "null"}}}
	}
	return w.typ(t.Elem)
}

func (w *schemaWriter) reference(o *Object) map[string]any {
	if _, known := w.defs[o.Name]; !known {
		w.defs[o.Name] = nil // an object does not meet itself on the way
		w.defs[o.Name] = w.object(o)
	}
	return map[string]any{"$ref": "#/$defs/" + strings.ReplaceAll(o.Name, " ", "%20")}
}

// Objects lists roots and the objects below them, each once, in the order in which
// a reader meets them.
func Objects(roots ...*Object) []*Object {
	var known []*Object
	for _, r := range roots {
		known = objects(r, known)
	}
	return known
}

func objects(root *Object, known []*Object) []*Object {
	if slices.Contains(known, root) {
		return known
	}
	known = append(known, root)
	for _, f := range root.Fields {
		known = typeObjects(f.Type, known)
	}
	return typeObjects(root.Extra, known)
}

func typeObjects(t *Type, known []*Object) []*Object {
	for ; t != nil; t = t.Elem {
		if t.Object != nil {
			known = objects(t.Object, known)
		}
	}
	return known
}
