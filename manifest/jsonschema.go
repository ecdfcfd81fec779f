package manifest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// jsonSchema is a JSON Schema (draft 2020-12) of a file that is an o, for editors
// and other tools. It says what decoding asks of a file by itself: keys, types,
// ranges and values. What several fields or files say together it does not.
func jsonSchema(o *object) ([]byte, error) {
	w := schemaWriter{defs: map[string]any{}}
	schema := w.object(o)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = o.name
	schema["$defs"] = w.defs
	return json.MarshalIndent(schema, "", "  ")
}

// schemaWriter collects the objects that a schema refers to.
type schemaWriter struct {
	defs map[string]any
}

func (w *schemaWriter) object(o *object) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range o.fields {
		properties[f.key] = w.field(f)
		if f.required {
			required = append(required, f.key)
		}
	}
	s := map[string]any{"type": "object", "description": o.doc, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	switch o.unknown {
	case rejectUnknown:
		s["additionalProperties"] = false
	case extraFields:
		s["additionalProperties"] = w.typ(o.extra)
	}
	return s
}

func (w *schemaWriter) field(f field) map[string]any {
	s := w.typ(f.typ)
	if !f.notNull {
		s = map[string]any{"anyOf": []any{s, map[string]any{"type": "null"}}}
	}
	s["description"] = f.doc
	if f.def != "" {
		s["default"] = f.defaultValue()
	}
	return s
}

// defaultValue is the default as JSON has it.
func (f field) defaultValue() any {
	if f.typ.kind == stringKind && !strings.HasPrefix(f.def, `"`) {
		return f.def
	}
	var v any
	if err := yaml.Unmarshal([]byte(f.def), &v); err != nil {
		panic(fmt.Sprintf("manifest: the default of %s is no YAML: %v", f.key, err))
	}
	return v
}

func (w *schemaWriter) typ(t *typ) map[string]any {
	switch t.kind {
	case stringKind:
		return map[string]any{"type": "string"}
	case textKind:
		return map[string]any{"type": []any{"string", "number", "boolean", "null"}}
	case relaxedKind:
		return map[string]any{"type": []any{"string", "number", "boolean", "null"}}
	case boolKind:
		return map[string]any{"type": "boolean"}
	case intKind:
		return map[string]any{"type": "integer", "minimum": t.min, "maximum": t.max}
	case enumKind:
		return map[string]any{"enum": t.enum}
	case listKind:
		return map[string]any{"type": "array", "items": w.typ(t.elem)}
	case mapKind:
		return map[string]any{"type": "object", "additionalProperties": w.entry(t)}
	case objectKind:
		return w.reference(t.object)
	case stringsKind:
		return map[string]any{"anyOf": []any{w.typ(stringType), w.typ(stringList)}}
	default:
		return map[string]any{"anyOf": []any{w.typ(intOf(t.min, t.max)), w.typ(stringType)}}
	}
}

func (w *schemaWriter) entry(t *typ) map[string]any {
	if t.nullable {
		return map[string]any{"anyOf": []any{w.typ(t.elem), map[string]any{"type": "null"}}}
	}
	return w.typ(t.elem)
}

func (w *schemaWriter) reference(o *object) map[string]any {
	if _, known := w.defs[o.name]; !known {
		w.defs[o.name] = nil // an object does not meet itself on the way
		w.defs[o.name] = w.object(o)
	}
	return map[string]any{"$ref": "#/$defs/" + strings.ReplaceAll(o.name, " ", "%20")}
}

// allObjects lists roots and the objects below them, each once, in the order in which
// a reader meets them.
func allObjects(roots ...*object) []*object {
	var known []*object
	for _, r := range roots {
		known = objects(r, known)
	}
	return known
}

func objects(root *object, known []*object) []*object {
	if slices.Contains(known, root) {
		return known
	}
	known = append(known, root)
	for _, f := range root.fields {
		known = typeObjects(f.typ, known)
	}
	return typeObjects(root.extra, known)
}

func typeObjects(t *typ, known []*object) []*object {
	for ; t != nil; t = t.elem {
		if t.object != nil {
			known = objects(t.object, known)
		}
	}
	return known
}
