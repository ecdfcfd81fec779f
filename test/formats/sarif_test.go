package formats

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSARIFFitsTheSchemaOfOASIS, as it is and not only as far as another program reads it.
func TestSARIFFitsTheSchemaOfOASIS(t *testing.T) {
	schema := compile(t, oasisSchema(t))
	each(t, "sarif", func(t *testing.T, report []byte) {
		if err := schema.Validate(decoded(t, report)); err != nil {
			t.Error(err)
		}
	})
}

// TestSARIFIsRead by a program that others use.
func TestSARIFIsRead(t *testing.T) {
	each(t, "sarif", func(t *testing.T, report []byte) {
		log, err := sarif.FromBytes(report, sarif.WithStrictValidation())
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(report, []byte(`{"ruleId":`)); len(log.Runs) != 1 || len(log.Runs[0].Results) != n {
			t.Errorf("it reads %d runs, and not %d results", len(log.Runs), n)
		}
	})
}

// TestTheSchemaRejects shows that the schema says something.
func TestTheSchemaRejects(t *testing.T) {
	t.Parallel()
	schema := compile(t, oasisSchema(t))
	whole := `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"muster"}},"results":[{"message":{"text":"x"},"level":"error"}]}]}`
	for from, to := range map[string]string{
		`"2.1.0"`: `"2.0.0"`, `"level":"error"`: `"level":"fatal"`, `"text"`: `"txet"`, `"name":"muster"`: `"id":"muster"`, `"results"`: `"outcomes"`,
	} {
		if err := schema.Validate(decoded(t, []byte(whole))); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(decoded(t, []byte(strings.Replace(whole, from, to, 1)))); err == nil {
			t.Errorf("%s passes for %s", to, from)
		}
	}
}

// oasisSchema is the schema that go-sarif carries and holds against what it would write itself: its
// source has the text.
func oasisSchema(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(source, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if s, err := strconv.Unquote(literal.Value); err == nil && strings.Contains(s, "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema") {
				text = s
			}
		}
		return true
	})
	if text == "" {
		t.Fatal("go-sarif has no schema where it had one")
	}
	return text
}

func compile(t *testing.T, schema string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", decoded(t, []byte(schema))); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decoded(t *testing.T, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
