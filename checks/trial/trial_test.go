package trial

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/checks/declared"
)

// section has a check of each verb.
var section = declared.Section{
	Kind: "port", At: []string{"ports/*/"}, Named: true, YAML: "1.2", Schemas: []string{"schemas/port.json"}, Shared: []string{"teams.yml"}, Regions: []string{"eu", "us"},
	Checks: []declared.Check{
		{ID: "port/syntax", Verb: declared.Syntax, In: []string{"*.json", "*.tpl"}, Format: "json", Documents: "one"},
		{ID: "port/schema", Verb: declared.Schema, In: []string{"port.json"}, Schema: "schemas/port.json"},
		{ID: "port/name", Verb: declared.Rule, In: []string{"port.json"}, Rule: "self.name == unit.name && 'readme' in unit.files"},
		{ID: "port/team", Verb: declared.Rule, In: []string{"port.json"}, Rule: "self.team in shared['teams.yml']", Severity: "warning"},
		{ID: "port/region", Verb: declared.Rule, In: []string{"port.json"}, Rule: "region != self.not", Regions: "each"},
		{ID: "port/exists", Verb: declared.Exists, In: []string{"port.json"}, Keys: []string{"needs[*]", "also"}, As: []string{"port"}},
		{ID: "port/provides", Verb: declared.Provides, In: []string{"notes.txt"}, Text: "^gives (.*)$", As: []string{"port"}},
		{ID: "port/tpl", Verb: declared.Rule, In: []string{"a.tpl"}, Rule: "self == 1"},
	},
}

// shared are the files that the section names.
func shared(t *testing.T) bundle.Bundle {
	t.Helper()
	b, err := bundle.New([]bundle.Entry{
		{Path: declared.SectionFile, Data: section.Encode()}, {Path: "teams.yml", Data: []byte("[a, b]\n")},
		{Path: "schemas/port.json", Data: []byte(`{"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func port(value any) File { return File{Path: "port.json", Value: value} }

func text(path, text string) File { return File{Path: path, Text: []byte(text)} }

func at(path string) *string { return &path }

type fields = map[string]any

// TestRun: a test passes where the check says what is expected, and else tells what is
// missing and what is in its place.
func TestRun(t *testing.T) {
	t.Parallel()
	const none = "nothing"
	for _, tt := range []struct {
		name            string
		test            Test
		expected, found []string // none of a test that passes
	}{
		{"as expected", Test{Check: "port/schema", Files: []File{port(fields{"name": "a"})}}, nil, nil},
		{"as many as expected", Test{Check: "port/schema", Count: 2, Files: []File{port(fields{"nam": "a", "size": "x"})}}, nil, nil},
		{"each as expected", Test{Check: "port/schema", Count: 2, Files: []File{port(fields{"name": 1.5, "size": "x"})},
			Findings: []Expectation{{At: at("size"), Message: "integer"}, {Name: "wrong-type"}}}, nil, nil},
		{"as many as can be are met", Test{Check: "port/schema", Count: 2, Files: []File{port(fields{"name": 1.5, "size": "x"})},
			Findings: []Expectation{{Name: "wrong-type"}, {At: at("name")}}}, nil, nil},
		{"at a place of a text", Test{Check: "port/schema", Count: 1, Files: []File{text("port.json", "{\n \"name\": 1}")}, Findings: []Expectation{{At: at("2:10")}}}, nil, nil},
		{"too many", Test{Check: "port/schema", Files: []File{port(fields{"name": 1.5})}}, []string{none}, []string{"at name: name must be a string, not 1.5 [wrong-type]"}},
		{"too few", Test{Check: "port/schema", Count: 2, Files: []File{port(fields{"name": "a"})}}, []string{"2 findings"}, []string{none}},
		{"another one", Test{Check: "port/schema", Count: 1, Files: []File{port(fields{"name": 1.5})}, Findings: []Expectation{{At: at(""), Message: "needs", Name: "required"}}},
			[]string{`a finding required at the document that says "needs"`}, []string{"at name: name must be a string, not 1.5 [wrong-type]"}},
		{"one more", Test{Check: "port/schema", Count: 1, Files: []File{text("port.json", "{\"name\": 1,\n\"size\": \"x\"}")}, Findings: []Expectation{{At: at("size")}}},
			[]string{"nothing else"}, []string{"at name 1:10: name must be a string, not 1 [wrong-type]"}},
		{"one less", Test{Check: "port/schema", Count: 2, Files: []File{port(fields{"name": 1.5})}, Findings: []Expectation{{At: at("size")}, {At: at("name")}}},
			[]string{"a finding at size"}, []string{"nothing else"}},
		{"what the unit is", Test{Check: "port/name", Files: []File{port(fields{"name": "zlib"}), text("readme", "")}}, nil, nil},
		{"what the unit is not", Test{Check: "port/name", Files: []File{port(fields{"name": "zlib"})}},
			[]string{none}, []string{"at the document: is false: 'readme' in unit.files, with unit.files = [\"port.json\"] [rule]"}},
		{"shared files", Test{Check: "port/team", Count: 1, Files: []File{port(fields{"team": "c"})}, Findings: []Expectation{{At: at("team"), Message: `"c"`}}}, nil, nil},
		{"all regions", Test{Check: "port/region", Count: 1, Files: []File{port(fields{"not": "us"})}}, nil, nil},
		{"one region", Test{Check: "port/region", Region: "eu", Files: []File{port(fields{"not": "us"})}}, nil, nil},
		{"another region", Test{Check: "port/region", Region: "us", Files: []File{port(fields{"not": "us"})}},
			[]string{none}, []string{`at not: is false: region != self.not, with region = "us", self.not = "us" [rule] (us)`}},
		{"claims", Test{Check: "port/exists", Claims: []string{"b", "a", "a"}, HasClaims: true, Files: []File{port(fields{"needs": []any{"a", "b"}, "also": "b"})}}, nil, nil},
		{"other claims", Test{Check: "port/exists", Claims: []string{"c"}, HasClaims: true, Files: []File{port(fields{"needs": []any{"a"}})}}, []string{`the key "c"`}, []string{`the key "a"`}},
		{"a claim more", Test{Check: "port/exists", Claims: []string{"a"}, HasClaims: true, Files: []File{port(fields{"needs": []any{"a", "b"}})}}, []string{"nothing else"}, []string{`the key "b"`}},
		{"a claim less", Test{Check: "port/exists", Claims: []string{"a"}, HasClaims: true, Files: []File{port(fields{})}}, []string{`the key "a"`}, []string{none}},
		{"a file that is no document", Test{Check: "port/provides", Claims: []string{"x"}, HasClaims: true, Files: []File{text("notes.txt", "{\ngives x\n")}}, nil, nil},
		{"a file that lacks", Test{Check: "port/schema", Files: []File{text("notes.txt", "")}}, []string{none}, []string{"at port.json: ports/zlib has no port.json [no-file]"}},
		{"how files are read", Test{Check: "port/tpl", Files: []File{{Path: "a.tpl", Value: int64(1)}}}, nil, nil},
		{"what is wrong with the text", Test{Check: "port/tpl", Files: []File{text("a.tpl", "1 2")}},
			[]string{none}, []string{"at 1:3: \"2\" stands behind the end of the value [port/syntax syntax]"}},
		{"a unit that cannot be", Test{Check: "port/tpl", Files: []File{text("a.tpl", "1"), text("a.tpl/b", "")}},
			[]string{none}, []string{`it could not be checked: the unit cannot be made: file "a.tpl": is both a file and a folder: rename it`}},
		{"one that is read", Test{Check: "port/syntax", Count: 1, Files: []File{text("a.json", "{"), text("b.tpl", "1")}, Findings: []Expectation{{At: at("1:1")}}}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test.Unit = "ports/zlib"
			results, err := Run(context.Background(), section, shared(t), []Test{tt.test})
			if err != nil || len(results) != 1 {
				t.Fatal(results, err)
			}
			if results[0].OK() != (tt.expected == nil) {
				t.Errorf("ok: %v: %+v", results[0].OK(), results[0])
			}
			if results[0].OK() {
				return
			}
			expected, found := results[0].Explain()
			if diff := cmp.Diff([][]string{tt.expected, tt.found}, [][]string{expected, found}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRunEnds: when its context does, and with a check that there is not.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got, err := Run(ctx, section, shared(t), []Test{{Check: "port/tpl", Unit: "ports/zlib"}}); err == nil {
		t.Errorf("with a context that has ended: %+v", got)
	}
	broken := section
	broken.Checks = slices.Clone(section.Checks)
	broken.Checks[2].Rule = "slef"
	if got, err := Run(context.Background(), broken, shared(t), []Test{{Check: "port/name", Unit: "ports/zlib"}}); err == nil || !strings.Contains(err.Error(), "open the check port/name: ") {
		t.Errorf("a check with a mistake: %+v, %v", got, err)
	}
}
