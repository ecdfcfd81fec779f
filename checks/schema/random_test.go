package schema

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
)

// maker makes schemas and values at random, of a few words, so that they often meet.
type maker struct {
	*rand.Rand
	draft int
}

var words = []string{"a", "name", "nmae", "names", "xname"}

func (m maker) one(of ...any) any { return of[m.IntN(len(of))] }

func (m maker) value(depth int) any {
	n := 6
	if depth > 0 {
		n = 10
	}
	switch m.IntN(n) {
	case 0:
		return nil
	case 1:
		return m.one(true, false)
	case 2:
		return m.one(int64(0), int64(1), int64(2), 1.0, 1.5, json.Number("100000000000000000000"))
	case 3, 4, 5:
		return m.one("a", "b", "name", "", "abc")
	case 6, 7:
		list := []any{}
		for range m.IntN(4) {
			list = append(list, m.value(depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range m.IntN(4) {
		object[words[m.IntN(len(words))]] = m.value(depth - 1)
	}
	return object
}

// schema is one of the draft, with up to three keywords at a time.
func (m maker) schema(depth int) any {
	if m.IntN(12) == 0 && m.draft > 4 {
		return m.one(true, false)
	}
	s := map[string]any{}
	for range 1 + m.IntN(3) {
		m.keyword(s, depth)
	}
	return s
}

func (m maker) list(depth int) []any {
	all := []any{m.schema(depth - 1)}
	for range m.IntN(3) {
		all = append(all, m.schema(depth-1))
	}
	return all
}

func (m maker) named(depth int) map[string]any {
	all := map[string]any{}
	for range 1 + m.IntN(2) {
		all[words[m.IntN(len(words))]] = m.schema(depth - 1)
	}
	return all
}

func (m maker) word() string { return words[m.IntN(len(words))] }

// keyword puts one into s.
func (m maker) keyword(s map[string]any, depth int) {
	all := m.deeper(s, depth)
	if depth <= 0 || m.IntN(5) < 2 {
		all = m.plainer(s)
	}
	all[m.IntN(len(all))]()
}

func (m maker) plainer(s map[string]any) []func() {
	all := []func(){
		func() {
			s["type"] = m.one("string", "integer", "number", "object", "array", "boolean", "null", []any{"string", "object"}, []any{"array", "integer"})
		},
		func() { s["enum"] = union([]any{m.value(1)}, []any{m.value(0)}) },
		func() { s["minLength"] = int64(m.IntN(3)) },
		func() { s["maxLength"] = int64(m.IntN(3)) },
		func() { s["pattern"] = m.one("^a", "b$", "^(?!a)", "") },
		func() { s["minimum"] = m.one(int64(1), 0.5) },
		func() { s["maximum"] = m.one(int64(1), 1.5) },
		func() { s["multipleOf"] = m.one(int64(1), 0.5) },
		func() { s["required"] = []any{m.word()} },
		func() { s["minProperties"] = int64(1 + m.IntN(2)) },
		func() { s["maxItems"] = int64(1 + m.IntN(2)) },
		func() { s["uniqueItems"] = true },
		func() {
			if _, has := s["const"]; !has || m.draft >= 2019 {
				s["$ref"] = m.one("#", "#/definitions/a", "#/definitions/b")
			}
		},
	}
	if m.draft > 4 {
		all = append(all, func() {
			if s["$ref"] == nil || m.draft >= 2019 { // beside which the compiler heeds it
				s["const"] = m.value(1)
			}
		}, func() { s["exclusiveMinimum"] = int64(0) })
	}
	if m.draft >= 2019 {
		all = append(all, func() { s["dependentRequired"] = map[string]any{m.word(): []any{m.word()}} })
	}
	return all
}

func (m maker) deeper(s map[string]any, depth int) []func() {
	all := []func(){
		func() { s["properties"] = m.named(depth) },
		func() { s["properties"] = m.named(depth) },
		func() {
			s["patternProperties"] = map[string]any{m.one("^x", "a", "^(?=b)").(string): m.schema(depth - 1)}
		},
		func() { s["additionalProperties"] = m.one(false, m.schemaOrTrue(depth)) },
		func() { s["allOf"] = m.list(depth) },
		func() { s["anyOf"] = m.list(depth) },
		func() { s["oneOf"] = m.list(depth) },
		func() { s["not"] = m.schema(depth - 1) },
		func() { m.items(s, depth) },
		func() { s["dependencies"] = map[string]any{m.word(): m.one([]any{m.word()}, m.schema(depth-1))} },
	}
	if m.draft > 4 {
		all = append(all, func() { s["contains"] = m.schema(depth - 1) }, func() { s["propertyNames"] = m.schema(depth - 1) })
	}
	if m.draft >= 7 {
		all = append(all, func() { s["if"], s["then"], s["else"] = m.schema(depth-1), m.schema(depth-1), m.schema(depth-1) })
	}
	if m.draft >= 2019 {
		all = append(all,
			func() { s["unevaluatedProperties"] = m.one(false, m.schemaOrTrue(depth)) },
			func() { s["unevaluatedItems"] = m.one(false, m.schemaOrTrue(depth)) },
			func() { s["dependentSchemas"] = m.named(depth) },
			func() {
				s["contains"], s["minContains"], s["maxContains"] = m.schema(depth-1), int64(m.IntN(2)), int64(1+m.IntN(2))
			})
	}
	return all
}

func (m maker) schemaOrTrue(depth int) any {
	if m.draft == 4 {
		return map[string]any{"minLength": int64(1)}
	}
	return m.schema(depth - 1)
}

func (m maker) items(s map[string]any, depth int) {
	switch {
	case m.draft >= 2020:
		s["prefixItems"] = m.list(depth)
		if m.IntN(2) == 0 {
			s["items"] = m.schema(depth - 1)
		}
	case m.IntN(2) == 0:
		s["items"] = m.schema(depth - 1)
	default:
		s["items"], s["additionalItems"] = m.list(depth), m.one(false, m.schemaOrTrue(depth))
	}
}

// randomSchemas is how many are made for each draft, and randomValues for each of them.
const randomSchemas, randomValues = 150, 40

// TestAgreesWithTheCompiler: values fit schemas if and only if the compiler's own validation says
// so, whatever they are.
func TestAgreesWithTheCompiler(t *testing.T) {
	t.Parallel()
	for draft, uri := range suiteURIs {
		t.Run(draftName(draft), func(t *testing.T) {
			t.Parallel()
			m := maker{rand.New(rand.NewPCG(2, uint64(draft))), draft}
			for range randomSchemas {
				agree(t, m, m.root(uri))
			}
		})
	}
}

// root is a schema with definitions.
func (m maker) root(uri string) map[string]any {
	root := map[string]any{}
	for len(root) == 0 {
		root, _ = m.schema(3).(map[string]any)
	}
	delete(root, "$ref")
	root["$schema"], root["definitions"] = uri, map[string]any{"a": m.schema(2), "b": m.schema(2)}
	return root
}

func agree(t *testing.T, m maker, root map[string]any) {
	t.Helper()
	text, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := NewRegistry(fstest.MapFS{"schema.json": {Data: text}}, nil)
	s, found := r.Compile("schema.json", Options{})
	if s == nil {
		t.Fatalf("%s\n%q", text, said(found))
	}
	theirs := original(t, r, "schema.json")
	for range randomValues {
		v := m.value(3)
		faults := faultsOf(s, v)
		if slices.ContainsFunc(faults, func(f fault) bool { return f.rule.Name == endlessReference.Name }) {
			continue // what that is worth inside of not is a matter of taste
		}
		if err := theirs.Validate(v); (err == nil) != (len(faults) == 0) {
			value, _ := json.Marshal(v)
			t.Fatalf("%s\nvalue %s\nwe say %+v\nthe compiler %v", text, value, faults, err)
		}
	}
}
