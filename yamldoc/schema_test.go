package yamldoc

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tool describes a file whose schema and reference are short enough to be read.
var tool = NewObject("tool", "A tool.", RejectUnknown,
	Required("name", String, "What it is called."),
	Defaulted("level", IntOf(0, 9), "3", "How loud.").OnlyRoot(),
	Optional("parts", ListOf(ObjectOf(NewObject("part", "A part.", WarnUnknown, Optional("kind", EnumOf("a", "b"), "Which.")))), "What it has."),
	Defaulted("env", MapOf(Relaxed), "{}", "Variables.").Merged(MergeKeys))

func TestJSONSchema(t *testing.T) {
	t.Parallel()
	const want = `{"$defs":{"part":{"description":"A part.","properties":{"kind":{"anyOf":[{"enum":["a","b"]},{"type":"null"}],"description":"Which."}},"type":"object"}},` +
		`"$schema":"https://json-schema.org/draft/2020-12/schema","additionalProperties":false,"description":"A tool.","properties":{` +
		`"env":{"additionalProperties":{"type":["string","number","boolean","null"]},"default":{},"description":"Variables.","type":"object"},` +
		`"level":{"default":3,"description":"How loud.","maximum":9,"minimum":0,"type":"integer"},"name":{"description":"What it is called.","type":"string"},` +
		`"parts":{"anyOf":[{"items":{"$ref":"#/$defs/part"},"type":"array"},{"type":"null"}],"description":"What it has."}},"required":["name"],"title":"tool","type":"object"}`
	schema, err := JSONSchema(tool)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Compact(&got, schema); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("expected (-) and got (+):\n%s", diff)
	}
}

func TestWriteReference(t *testing.T) {
	t.Parallel()
	const want = "\n## tool\n\nA tool.\n\n| key | value | default | |\n| --- | --- | --- | --- |\n" +
		"| `name` | a string | required | What it is called. |\n" +
		"| `level` | an integer from 0 to 9 | `3` | How loud. Not in overrides. |\n" +
		"| `parts` | a list of mappings ([part](#part)) |  | What it has. |\n" +
		"| `env` | a mapping of names to strings, numbers or booleans | `{}` | Variables. Layers are merged by key. |\n" +
		"\n## part\n\nA part. Other keys are ignored, with a warning.\n\n| key | value | default | |\n| --- | --- | --- | --- |\n" +
		"| `kind` | one of a, b |  | Which. |\n"
	var got strings.Builder
	if err := WriteReference(&got, Objects(tool)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("expected (-) and got (+):\n%s", diff)
	}
}
