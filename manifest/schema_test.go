package manifest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var update = flag.Bool("update", false, "write golden files")

func compileSchema(tb testing.TB, name string) *jsonschema.Schema {
	tb.Helper()
	data, err := JSONSchema(name)
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		tb.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// instance is a node as JSON has it, its scalars resolved as we do.
func instance(n *yaml.Node) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = instance(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = instance(c)
		}
		return list
	}
	s := yamldoc.Serde.Scalars.Node(n)
	switch s.Kind {
	case yamldoc.NullScalar:
		return nil
	case yamldoc.BoolScalar:
		return s.Int != 0
	case yamldoc.IntScalar:
		return json.Number(yamldoc.Serde.Scalars.Relaxed(s))
	case yamldoc.FloatScalar:
		return 0.5 // of any value; that it is no integer is what counts
	}
	return s.Text
}

// TestSchemaAgreesWithDecoding: what decoding refuses in the files of the
// directed corpus is what the JSON Schema refuses, but for what JSON cannot say.
func TestSchemaAgreesWithDecoding(t *testing.T) {
	t.Parallel()
	manifest, override := compileSchema(t, "manifest"), compileSchema(t, "override")
	beyondJSON := []string{ruleDuplicateField.Code, ruleRepeatedKey.Code, ruleMergeKey.Code, ruleAliasExpansion.Code, ruleOutOfRange.Code}
	judged := 0
	for _, k := range readCorpus(t, directedCorpus).cases {
		for name, text := range k.Files {
			if text == nil || !strings.HasPrefix(name, "services/") || !strings.HasSuffix(name, ".yml") {
				continue
			}
			schema, typ := override, objectOf(overrideObject)
			if strings.HasSuffix(name, "/"+manifestFile) {
				schema, typ = manifest, objectOf(manifestObject)
			}
			var found []verdict.Finding
			add := func(f verdict.Finding) { found = append(found, f) }
			doc := dialect.Parse(name, []byte(*text), add)
			if doc == nil || doc.Root.Kind != yaml.MappingNode || strings.Contains(*text, "!!") {
				continue
			}
			dialect.Decode(doc, typ, add)
			if slices.ContainsFunc(found, func(f verdict.Finding) bool {
				return slices.Contains(beyondJSON, f.Rule) || strings.Contains(f.Message, "a key of")
			}) {
				continue
			}
			judged++
			err := schema.Validate(instance(doc.Root))
			if (err != nil) != verdict.HasError(found) {
				t.Errorf("%s: decoding says %v, the schema %v, of\n%s", k.ID, found, err, *text)
			}
		}
	}
	if judged < 500 {
		t.Errorf("only %d files were judged", judged)
	}
}

// TestObjectsHaveNamesOfTheirOwn: the schema refers to objects by name.
func TestObjectsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, r := range schemaRoots {
		names := map[string]bool{}
		for _, o := range yamldoc.Objects(r.root) {
			if names[o.Name] {
				t.Errorf("%s has two objects named %q", r.name, o.Name)
			}
			names[o.Name] = true
		}
	}
}

func TestSharedFilesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"conf": confFile, "teams": teamsFile} {
		data, err := os.ReadFile("testdata/example/" + file)
		if err != nil {
			t.Fatal(err)
		}
		doc := dialect.Parse(file, data, func(f verdict.Finding) { t.Error(f) })
		if err := compileSchema(t, name).Validate(instance(doc.Root)); err != nil {
			t.Error(err)
		}
	}
}

func TestUnknownSchema(t *testing.T) {
	t.Parallel()
	_, err := JSONSchema("manifst")
	if want := `unknown schema "manifst": expected one of manifest, override, conf, teams`; err == nil || err.Error() != want {
		t.Errorf("got %v; expected %s", err, want)
	}
}

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
