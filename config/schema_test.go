package config

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var update = flag.Bool("update", false, "write golden files")

// TestReference compares the reference page with a golden file; -update writes it.
func TestReference(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	if err := WriteReference(&page); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/reference.md"
	if *update {
		if err := os.WriteFile(golden, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page.Bytes(), want) {
		t.Errorf("the page differs from %s; read it and run the test with -update", golden)
	}
}

// TestPageUsesEveryKey: docs/muster-yaml.md shows each key in an example.
func TestPageUsesEveryKey(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/muster-yaml.md")
	if err != nil {
		t.Fatal(err)
	}
	var examples strings.Builder
	for i, part := range strings.Split(string(page), "```") {
		if i%2 == 1 {
			examples.WriteString(part)
		}
	}
	for _, o := range yamldoc.Objects(fileObject) {
		for _, key := range o.Keys() {
			if !regexp.MustCompile(`[\s{]` + regexp.QuoteMeta(key) + `: `).MatchString(strings.ReplaceAll(examples.String(), "\n", " ")) {
				t.Errorf("no example of docs/muster-yaml.md has the key %s of %s", key, o.Name)
			}
		}
	}
}

// compiled is the JSON Schema of muster.yaml.
func compiled(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	data, err := JSONSchema()
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(Marker, doc); err != nil {
		tb.Fatal(err)
	}
	s, err := c.Compile(Marker)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// beyondSchema are the rules of reading that a JSON Schema cannot say.
var beyondSchema = []string{
	ruleSyntax.Code, ruleNoContent.Code, ruleByteOrderMark.Code, ruleSeveralDocuments.Code, ruleNotUTF8.Code, ruleTooDeep.Code, ruleDuplicateKey.Code, ruleAliasExpansion.Code,
}

// TestSchemaAgreesWithReading: the schema accepts what the reader can decode, and refuses
// what it cannot.
func TestSchemaAgreesWithReading(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	texts := []string{full, located, commands}
	for _, r := range registry {
		texts = append(texts, withoutWants(r.Good), withoutWants(r.Bad))
	}
	refused := 0
	for _, text := range texts {
		found := declare(t, text).Findings
		if slices.ContainsFunc(found, func(f verdict.Finding) bool { return slices.Contains(beyondSchema, f.Rule) }) {
			continue
		}
		wrong := slices.ContainsFunc(found, func(f verdict.Finding) bool {
			return strings.HasPrefix(f.Rule, "C1") && f.Rule != ruleIrregularFile.Code
		})
		file := document.Reader{}.Read(Marker, []byte(text), document.YAML)
		if len(file.Docs) != 1 {
			t.Fatalf("%s\nis no document", text)
		}
		if wrong {
			refused++
		}
		if err := s.Validate(file.Docs[0].Value()); (err != nil) != wrong {
			t.Errorf("the reader says %sand the schema %v of\n%s", said(found), err, text)
		}
	}
	if refused < 6 {
		t.Errorf("only %d texts were refused", refused)
	}
}

// TestKeysOfVerbs: each key of a check belongs to a verb, or is one.
func TestKeysOfVerbs(t *testing.T) {
	t.Parallel()
	for _, key := range checkObject.Keys() {
		used := slices.Contains(verbs(), key)
		for _, keys := range keysOf {
			used = used || slices.Contains(keys, key)
		}
		if !used {
			t.Errorf("no verb has the key %s", key)
		}
	}
	for verb, keys := range keysOf {
		for _, key := range append(keys, verb) {
			if _, ok := checkObject.Field(key); !ok {
				t.Errorf("the verb %s has the key %s, which is none of a check's", verb, key)
			}
		}
	}
}

// TestAnyDocumentIsATest: what a test holds is what a reader of documents makes of it.
func TestAnyDocumentIsATest(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{a: [1, -2, 0x10, 010], b: {c: null, 1: x}}", "~", "''", "[true, yes, 1.5, .inf, 1e3, 'x', 2024-01-01]", "99999999999999999999", "18446744073709551615", "[&a {b: [c]}, *a]", "!!str 5", "[]", "{}"} {
		var want any
		file := document.Reader{}.Read("f", []byte(text), document.YAML)
		if len(file.Docs) == 1 {
			want = file.Docs[0].Value()
		}
		d := valid(t, ruleChecks+"      - rule: \"true\"\n        tests: [{document: "+text+", findings: 0}]\n")
		got, err1 := yaml.Marshal(d.tests[0].Files[0].Value)
		expected, err2 := yaml.Marshal(want)
		if err1 != nil || err2 != nil || !bytes.Equal(got, expected) {
			t.Errorf("%s is %s, want %s", text, got, expected)
		}
	}
}
