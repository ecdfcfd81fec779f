package schema

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// compiled is the one schema of a text, JSON or YAML.
func compiled(t testing.TB, text string, o Options) *Schema {
	t.Helper()
	r, _ := NewRegistry(fstest.MapFS{"schema.yaml": {Data: []byte(text)}}, nil)
	s, found := r.Compile("schema.yaml", o)
	if s == nil {
		t.Fatalf("does not compile: %q", said(found))
	}
	return s
}

func read(t testing.TB, text string) *document.Document {
	t.Helper()
	file := document.Reader{}.Read("doc.yaml", []byte(text), document.YAML)
	if len(file.Docs) == 0 {
		t.Fatalf("%q: %v", text, file.Findings)
	}
	return file.Docs[0]
}

func TestCompileNamesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"schemas/port.json": {Data: []byte("{}")}, "dir/a.json": {Data: []byte("{}")},
		"away.json": {Data: []byte("../etc/passwd"), Mode: fs.ModeSymlink}, "abs.json": {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink},
	}
	r, found := NewRegistry(files, []string{"schemas/port.json"})
	if len(found) > 0 {
		t.Errorf("%q", said(found))
	}
	for _, name := range []string{"schemas/prot.json", "dir", "../x.json", "/schemas/port.json", "", "away.json", "abs.json"} {
		s, found := r.Compile(name, Options{})
		if s != nil || len(found) != 1 || found[0].Name != "no-schema" || found[0].Place != (verdict.Place{File: name}) || found[0].Severity != verdict.Error {
			t.Errorf("%q: %v, %q", name, s, said(found))
		}
	}
	if _, found := r.Compile("schemas/prot.json", Options{}); found[0].Help != "did you mean schemas/port.json?" {
		t.Errorf("%+v", found)
	}
}

// TestLinks: a link to a schema is that schema under another path.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/meta-schema.json", []byte(`{"type": "string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("meta-schema.json", dir+"/yaml-schema.json"); err != nil {
		t.Skip(err)
	}
	r, _ := NewRegistry(os.DirFS(dir), nil)
	s, found := r.Compile("yaml-schema.json", Options{})
	if s == nil || len(checked(s, read(t, "1"))) != 1 || !slices.Equal(s.Files(), []string{"yaml-schema.json"}) {
		t.Errorf("%v, %q", s, said(found))
	}
}

// TestFiles: a schema compiles from the files that it is made of alone, and says the same.
func TestFiles(t *testing.T) {
	t.Parallel()
	all := fstest.MapFS{
		"docs/main.json":     {Data: []byte(`{"$id": "https://example.com/x/main.json", "properties": {"a": {"$ref": "ids.json#/$defs/a"}, "b": {"$ref": "sub/near.yaml"}}, "$defs": {"unused": {"$ref": "other.json"}}}`)},
		"ids/a.json":         {Data: []byte(`{"$id": "https://example.com/x/ids.json", "$defs": {"a": {"$ref": "#deep"}, "deep": {"$anchor": "deep", "$ref": "../y/far.json"}}}`)},
		"ids/far.json":       {Data: []byte(`{"$id": "https://example.com/y/far.json", "$schema": "https://example.com/dialect", "type": "integer"}`)},
		"docs/sub/near.yaml": {Data: []byte("$ref: ../back.json\n")},
		"docs/back.json":     {Data: []byte(`{"$id": "back.json", "type": "boolean"}`)},
		"dialect.json":       {Data: []byte(`{"$id": "https://example.com/dialect", "$schema": "https://json-schema.org/draft/2020-12/schema"}`)},
		"docs/other.json":    {Data: []byte(`{"type": "null"}`)},
	}
	paths := []string{"ids/a.json", "ids/far.json", "dialect.json", "docs/other.json"}
	r, _ := NewRegistry(all, paths)
	s, found := r.Compile("docs/main.json", Options{})
	if s == nil {
		t.Fatalf("%q", said(found))
	}
	want := []string{"dialect.json", "docs/back.json", "docs/main.json", "docs/sub/near.yaml", "ids/a.json", "ids/far.json"}
	if d := cmp.Diff(want, s.Files()); d != "" {
		t.Fatalf("- expected, + got\n%s", d)
	}
	few := fstest.MapFS{}
	for _, name := range s.Files() {
		few[name] = all[name]
	}
	r, more := NewRegistry(few, s.Files())
	again, more2 := r.Compile("docs/main.json", Options{})
	if again == nil || !slices.Equal(again.Files(), s.Files()) {
		t.Fatalf("%q", said(append(more, more2...)))
	}
	doc := read(t, "a: x\nb: y\n")
	first, second := said(checked(s, doc)), said(checked(again, doc))
	if len(first) != 2 || !slices.Equal(first, second) {
		t.Errorf("got %q and %q", first, second)
	}
}

// TestFormatsOff: formats check nothing in any draft, if one says so.
func TestFormatsOff(t *testing.T) {
	t.Parallel()
	for draft, uri := range suiteURIs {
		for _, name := range []string{"uri", "date-time", "ipv4", "regex"} {
			text := "$schema: " + uri + "\nformat: " + name + "\n"
			doc := read(t, "'(['")
			if found := checked(compiled(t, text, Options{}), doc); len(found) != 1 || found[0].Name != "format" {
				t.Errorf("draft %d, %s: got %q", draft, name, said(found))
			}
			if found := checked(compiled(t, text, Options{FormatsOff: true}), doc); len(found) != 0 {
				t.Errorf("draft %d, %s off: got %q", draft, name, said(found))
			}
		}
	}
}

// TestPatternTimeout: what is not decided is no answer, whatever stands around it: neither a finding nor
// ok.
func TestPatternTimeout(t *testing.T) {
	t.Parallel()
	const slow = `"^(?=a)(a+)+$"`
	text := "'" + strings.Repeat("a", 40) + "b'"
	for _, schema := range []string{
		"pattern: " + slow, "not: {pattern: " + slow + "}", "anyOf: [{pattern: " + slow + "}, {}]", "oneOf: [{pattern: " + slow + "}, {type: string}]",
		"if: {pattern: " + slow + "}\nthen: false", "allOf: [{pattern: " + slow + "}, {minLength: 1000}]",
		"propertyNames: {pattern: " + slow + "}", "patternProperties: {" + slow + ": {}}",
	} {
		of := text
		if strings.HasPrefix(schema, "p") && !strings.HasPrefix(schema, "pattern:") {
			of = "{" + text + ": 1}"
		}
		found, err := compiled(t, schema, Options{}).Check(t.Context(), read(t, of))
		var open UndecidedError
		if !errors.As(err, &open) || len(found) != 0 || open.Line != 1 || !strings.Contains(err.Error(), "^(?=a)(a+)+$: not decided within") {
			t.Errorf("%s: got %v, %q", schema, err, said(found))
		}
	}
}

// TestPatternTimeoutEndsTheDocument: what else it asks would take as long again.
func TestPatternTimeoutEndsTheDocument(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "%s%db: 1\n", strings.Repeat("a", 40), i)
	}
	begin := time.Now()
	found, err := compiled(t, `patternProperties: {"^(?=a)(a+)+b$": {}}`, Options{}).Check(t.Context(), read(t, text.String()))
	if err == nil || len(found) != 0 || time.Since(begin) > 10*time.Second {
		t.Errorf("after %v: got %v, %q", time.Since(begin), err, said(found))
	}
}

// TestADocumentCanBeGivenUp: nobody waits for an answer any more.
func TestADocumentCanBeGivenUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	doc := read(t, "["+strings.Repeat("{}, ", 2*stepsBetweenLooks)+"{}]")
	for _, schema := range []string{"items: {type: object}", `items: {anyOf: [{type: string}, {patternProperties: {"(?=a)": {}}}]}`} {
		if found, err := compiled(t, schema, Options{}).Check(ctx, doc); !errors.Is(err, context.Canceled) || found != nil {
			t.Errorf("%s: got %v, %q", schema, err, said(found))
		}
	}
}

// checked is what Check says, or that it says nothing.
func checked(s *Schema, d *document.Document) []verdict.Finding {
	found, err := s.Check(context.Background(), d)
	if err != nil {
		return []verdict.Finding{{Name: "undecided", Message: err.Error()}}
	}
	return found
}

func faultsOf(s *Schema, v any) []fault {
	all, err := s.faults(context.Background(), v)
	if err != nil {
		return []fault{{said: err.Error()}}
	}
	return all
}

// TestFindingsAreBounded: a document with very many mistakes, and one with a mistake that many
// schemas find, cost neither the time nor the memory of telling all.
func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	doubling := "$ref: '#/$defs/a0'\n$defs:\n  a40: {type: string}\n"
	for i := range 40 {
		doubling += fmt.Sprintf("  a%d: {allOf: [{$ref: '#/$defs/a%d'}, {$ref: '#/$defs/a%d'}]}\n", i, i+1, i+1)
	}
	items := "[" + strings.Repeat("{}, ", 50_000) + "{}]"
	for _, tt := range []struct {
		schema, text string
		findings     int
	}{
		{doubling, "1", 2}, // one mistake, which is found again and again
		{"items: {type: string}", items, maxTold + 1},
		{"items: {anyOf: [{type: string}, {required: [a, b]}, {required: [c]}]}", items, maxTold + 1},
		{"uniqueItems: true", items, maxTold + 1},
		{"items: {type: string}", "[" + strings.Repeat("1, ", maxTold-1) + "1]", maxTold},
	} {
		begin := time.Now()
		found := checked(compiled(t, tt.schema, Options{}), read(t, tt.text))
		if n := len(found); n != tt.findings || found[0].Name != "too-many-mistakes" && n > maxTold || time.Since(begin) > 20*time.Second {
			t.Errorf("%.60s: after %v %d findings; the first is %q", tt.schema, time.Since(begin), n, said(found[:1]))
		}
	}
}

// TestWorkIsBounded: alternatives that contain each other do not keep a worker.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	s := compiled(t, "properties: {c: {anyOf: [{$ref: '#', required: [x]}, {$ref: '#', required: [y]}, {$ref: '#', required: [z]}]}}", Options{})
	deep := any(map[string]any{"w": nil})
	for range 60 {
		deep = map[string]any{"c": deep, "w": nil}
	}
	begin := time.Now()
	all := faultsOf(s, deep)
	if len(all) == 0 || time.Since(begin) > time.Minute {
		t.Errorf("%v after %v", all, time.Since(begin))
	}
}

// TestSameWork: how many steps a document takes, and so whether they are too many, does not depend on the
// order in which Go goes through maps.
func TestSameWork(t *testing.T) {
	t.Parallel()
	doc := map[string]any{}
	for i := range 100 {
		doc[strings.Repeat("k", i+1)] = any(i == 50)
	}
	for _, schema := range []string{
		"anyOf: [{additionalProperties: {enum: [false], anyOf: [true, true]}}, {}]", "not: {propertyNames: {anyOf: [{maxLength: 30}]}}",
	} {
		s := compiled(t, schema, Options{})
		var want int
		for i := range 20 {
			e := evaluation{schema: s}
			e.check(s.root, doc, nil, nil)
			if i == 0 {
				want = e.steps
			} else if e.steps != want {
				t.Errorf("%s: %d steps, and then %d", schema, want, e.steps)
				break
			}
		}
	}
}

// TestEndless: a schema that comes back to itself for the same value is told, and one that does not is
// followed.
func TestEndless(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		"$ref: '#'": "endless-reference",
		"$defs: {a: {allOf: [{$ref: '#/$defs/b'}]}, b: {anyOf: [{$ref: '#/$defs/a'}]}}\n$ref: '#/$defs/a'": "endless-reference",
		"properties: {a: {$ref: '#'}}":                                                "",
		"anyOf: [{type: 'null'}, {$ref: '#'}]":                                        "",
		"$defs: {a: {minimum: 0}}\nallOf: [{$ref: '#/$defs/a'}, {$ref: '#/$defs/a'}]": "",
		"if: {type: string}\nthen: {$ref: '#'}":                                       "",
	} {
		found := checked(compiled(t, schema, Options{}), read(t, "null"))
		if (want == "") != (len(found) == 0) || want != "" && found[0].Name != want {
			t.Errorf("%s: got %q; expected %q", schema, said(found), want)
		}
	}
}

// TestNumbersThatAreNone: no number makes arithmetic fail or last.
func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	s := compiled(t, "properties: {a: {minimum: 1, maximum: 3, multipleOf: 0.5}, b: {uniqueItems: true}, c: {enum: [1]}, d: {const: {x: 1}}, e: {type: integer}, f: {}, g: {title: any}}", Options{})
	for _, v := range []any{math.Inf(1), math.NaN(), json.Number("1e999999999"), json.Number("1e-999999999"), json.Number(strings.Repeat("9", 100_000)), json.Number("1" + strings.Repeat("0", 400)), int(3), struct{}{}} {
		list := slices.Repeat([]any{v}, 30)
		all := faultsOf(s, map[string]any{"a": v, "b": list, "c": v, "d": map[string]any{"x": v}, "e": v, "f": v, "g": list})
		if len(all) == 0 {
			t.Errorf("%.20v fits", v)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"a.json": {Data: []byte(`{"properties": {"a": {"$ref": "b.json"}, "b": {"$dynamicRef": "#x"}, "c": {"pattern": "^(?!a)"}}, "$defs": {"x": {"$dynamicAnchor": "x", "type": "integer"}}, "unevaluatedProperties": false}`)},
		"b.json": {Data: []byte(`{"oneOf": [{"type": "string", "format": "regex"}, {"type": "object", "required": ["x"]}]}`)},
	}
	r, _ := NewRegistry(files, []string{"a.json", "b.json"})
	docs := []*document.Document{read(t, "a: '('\nb: x\nc: abc\nd: 1\n"), read(t, "a: {y: 1}\nb: 1\nc: b\n"), read(t, "{}")}
	want := [][]string{}
	s, _ := r.Compile("a.json", Options{})
	for _, d := range docs {
		want = append(want, said(checked(s, d)))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			own, _ := r.Compile("a.json", Options{})
			for range 20 {
				for i, d := range docs {
					for _, s := range []*Schema{s, own} {
						if got := said(checked(s, d)); !reflect.DeepEqual(got, want[i]) {
							t.Errorf("got %q; expected %q", got, want[i])
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestRules: each kind of mistake has a name of its own and says what it is.
func TestRules(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, r := range Rules() {
		if names[r.Name] || r.Name == "" || r.Summary == "" || r.Severity == "" || r.Code != "" || strings.HasSuffix(r.Summary, ".") {
			t.Errorf("%+v", r)
		}
		names[r.Name] = true
	}
}
