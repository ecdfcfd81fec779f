package report

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../docs/report.schema.json"

// TestReportsMatchTheirSchema holds every case against the published schema,
// closed to fields that it does not name: what a report says is documented.
func TestReportsMatchTheirSchema(t *testing.T) {
	t.Parallel()
	schema := compile(t, closed(readSchema(t)))
	for _, c := range cases() {
		if err := schema.Validate(instance(t, c.report)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSchemaRejects shows that the schema says something.
func TestSchemaRejects(t *testing.T) {
	t.Parallel()
	schema := compile(t, readSchema(t))
	tests := []struct {
		name   string
		change func(report map[string]any)
		valid  bool
	}{
		{"nothing changed", func(map[string]any) {}, true},
		{"a field of a later version", func(r map[string]any) { r["later"] = 1 }, true},
		{"another version", func(r map[string]any) { r["schema"] = "muster.report/v2" }, false},
		{"a list that is null", func(r map[string]any) { r["config"] = nil }, false},
		{"a count that is missing", func(r map[string]any) { delete(r["counts"].(map[string]any), "failed") }, false},
		{"an err that is ok", func(r map[string]any) { first(r, "errs")["kind"] = "ok" }, false},
		{"an invalid service with a cause", func(r map[string]any) { first(r, "errs")["cause"] = "x" }, false},
		{"a missing service with findings", func(r map[string]any) { first(r, "errs")["kind"], first(r, "errs")["cause"] = "missing", "x" }, false},
		{"a failed service with findings", func(r map[string]any) { first(r, "errs")["kind"], first(r, "errs")["cause"] = "failed", "x" }, true},
		{"an invalid service with a failure", func(r map[string]any) {
			first(r, "errs")["failures"] = []any{map[string]any{"check": "c", "cause": "x"}}
		}, false},
		{"a failed service without", func(r map[string]any) { first(r, "errs")["kind"] = "failed" }, false},
		{"a time in words", func(r map[string]any) { r["run"].(map[string]any)["started"] = "today" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := instance(t, kinds()).(map[string]any)
			tt.change(r)
			if err := schema.Validate(r); (err == nil) != tt.valid {
				t.Errorf("valid is %v, want %v: %v", err == nil, tt.valid, err)
			}
		})
	}
}

// TestDocsNameEveryField compares the schema with the page beside it.
func TestDocsNameEveryField(t *testing.T) {
	t.Parallel()
	page := readFile(t, "../docs/reports.md")
	fields := 0
	walk(readSchema(t), func(object map[string]any) {
		properties, _ := object["properties"].(map[string]any)
		for name := range properties {
			fields++
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("docs/reports.md does not name the field %q", name)
			}
		}
	})
	if fields < 30 {
		t.Errorf("the schema has %d fields: it is not read as it should be", fields)
	}
}

func first(report map[string]any, list string) map[string]any {
	return report[list].([]any)[0].(map[string]any)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func readSchema(t *testing.T) any {
	t.Helper()
	b, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, b)
}

func instance(t *testing.T, r Report) any {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	return decode(t, b.Bytes())
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func compile(t *testing.T, schema any) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closed forbids fields that an object's definition does not name.
func closed(schema any) any {
	walk(schema, func(object map[string]any) {
		if object["type"] == "object" {
			object["additionalProperties"] = false
		}
	})
	return schema
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

// TestJSONIsOneDocument reads a report back the plain way.
func TestJSONIsOneDocument(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := JSON(&b, kinds(), Options{}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Expected int
		Counts   struct{ OK, Invalid, Failed, Missing int }
		OKs      []struct{ Service string }
		Errs     []struct{ Service string }
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	sum := got.Counts.OK + got.Counts.Invalid + got.Counts.Failed + got.Counts.Missing
	if got.Expected != 9 || sum != 9 || len(got.OKs)+len(got.Errs) != 9 {
		t.Errorf("expected %d, counts %d, listed %d: want 9 each", got.Expected, sum, len(got.OKs)+len(got.Errs))
	}
	if !strings.HasSuffix(b.String(), "}\n") {
		t.Error("the report does not end in a line break")
	}
}
