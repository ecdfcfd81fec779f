package yamldoc

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
)

// meaning is what a profile makes of a text: its values with their types, or what is wrong.
func meaning(p *Profile, text string) string {
	problem := ""
	doc := testReader(p).Parse("f", []byte(text), func(f verdict.Finding) { problem = f.Rule })
	if doc == nil {
		return problem
	}
	return typed(p, doc.Root)
}

// typed writes a node on one line, each scalar behind the name of its type.
func typed(p *Profile, n *yaml.Node) string {
	var parts []string
	for _, c := range n.Content {
		parts = append(parts, typed(p, c))
	}
	switch n.Kind {
	case yaml.MappingNode:
		return "{" + strings.Join(parts, " ") + "}"
	case yaml.SequenceNode:
		return "[" + strings.Join(parts, " ") + "]"
	case yaml.AliasNode:
		return "*" + n.Value
	}
	s := p.Scalars.Node(n)
	return s.Kind.String() + " " + p.Scalars.Relaxed(s)
}

// TestProfilesDiffer: what each profile makes of a text that they read differently, and of
// some that they do not.
func TestProfilesDiffer(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, serde, yaml12, kubernetes string }{
		{"plain text", "string plain text", "string plain text", "string plain text"},
		{"true", "boolean true", "boolean true", "boolean true"},
		{"True", "string True", "boolean True", "boolean True"},
		{"yes", "string yes", "string yes", "boolean yes"},
		{"off", "string off", "string off", "boolean off"},
		{"y", "string y", "string y", "boolean y"},
		{"'yes'", "string yes", "string yes", "string yes"},
		{"!!str yes", "string yes", "string yes", "string yes"},
		{"!!bool yes", "badly tagged value yes", "badly tagged value yes", "boolean yes"},
		{"[null]", "[null ~]", "[null ~]", "[null ~]"},
		{"[Null]", "[string Null]", "[null ~]", "[null ~]"},
		{"[~]", "[null ~]", "[null ~]", "[null ~]"},
		{"12", "integer 12", "integer 12", "integer 12"},
		{"-12", "integer -12", "integer -12", "integer -12"},
		{"0777", "string 0777", "integer 777", "integer 511"},
		{"-0777", "integer -777", "integer -777", "integer -511"},
		{"0789", "string 0789", "integer 789", "float 789"},
		{"00", "string 00", "integer 0", "integer 0"},
		{"0o17", "integer 15", "integer 15", "integer 15"},
		{"0O17", "string 0O17", "string 0O17", "integer 15"},
		{"-0x1F", "integer -31", "string -0x1F", "integer -31"},
		{"0b11", "integer 3", "string 0b11", "integer 3"},
		{"1_000", "string 1_000", "string 1_000", "integer 1000"},
		{"1_000.5", "string 1_000.5", "string 1_000.5", "float 1000.5"},
		{"18446744073709551615", "integer 18446744073709551615", "integer 18446744073709551615", "integer 18446744073709551615"},
		{"18446744073709551616", "integer 18446744073709551616", "integer 18446744073709551616", "float 18446744073709552000"},
		{"1e3", "float 1000", "float 1000", "float 1000"},
		{"1e999", "string 1e999", "float +Inf", "string 1e999"},
		{".inf", "float inf", "float inf", "float inf"},
		{"++.inf", "float inf", "string ++.inf", "string ++.inf"},
		{"2020-01-01", "string 2020-01-01", "string 2020-01-01", "string 2020-01-01"},
		{"12:30", "string 12:30", "string 12:30", "string 12:30"},
		{"[:8080, x]", "[string :8080 string x]", "[string :8080 string x]", "Syntax"},
		{"{a:, b: 1}", "{string a null ~ string b integer 1}", "{string a null ~ string b integer 1}", "{string a: null ~ string b integer 1}"},
		{"a: [\nb\n]\n", "Syntax", "Syntax", "{string a [string b]}"},
		{"a:\nb\n", "{string a string b}", "Syntax", "Syntax"},
		{": a\n", "{null ~ string a}", "{null ~ string a}", "Syntax"},
		{"a: &b\n", "{string a string }", "{string a null ~}", "{string a null ~}"},
		{"a\u0085  b", "string a\u0085  b", "string a\u0085  b", "string a b"},
		{"%YAML 1.3\n--- a\n", "string a", "string a", "Syntax"},
		{"! 5", "string 5", "string 5", "integer 5"},
	}
	for _, tt := range tests {
		for _, in := range []struct {
			p    *Profile
			want string
		}{{Serde, tt.serde}, {YAML12, tt.yaml12}, {Kubernetes, tt.kubernetes}} {
			if got := meaning(in.p, tt.text); got != in.want {
				t.Errorf("%q in %s: got %s; expected %s", tt.text, in.p.Name, got, in.want)
			}
		}
	}
}

// TestProfilesOfMappings: what a key does that is << or stands twice.
func TestProfilesOfMappings(t *testing.T) {
	t.Parallel()
	point := NewObject("point", "A point.", RejectUnknown, Optional("x", IntOf(0, 9), "X."), Optional("z", IntOf(0, 9), "Z."), Optional("more", MapOf(String), "More."))
	tests := []struct {
		name, text                string
		serde, yaml12, kubernetes string
	}{
		{"a field twice", "{x: 1, x: 2}", "{x: 1} DuplicateField 1:8", "{x: 1} DuplicateField 1:8", "{x: 2} RepeatedKey 1:8"},
		{"a free key twice", "{more: {a: b, a: c}}", "{more: {a: c}} RepeatedKey 1:15", "{more: {a: b}} DuplicateField 1:15", "{more: {a: c}} RepeatedKey 1:15"},
		{"a merge", "{<<: {x: 1, z: 1}, z: 2}", "{x: …, z: 2} MergeKey 1:2", "{z: 2} UnknownField 1:2", "{x: 1, z: 2}"},
		{"a merge of an alias", "{more: &m {a: b}, <<: *m}", "{more: {a: b}} MergeKey 1:19", "{more: {a: b}} UnknownField 1:19", "{more: {a: b}} UnknownField 1:12"},
		{"a merge of several", "{<<: [{x: 1}, {x: 2, z: 3}]}", "{x: …, z: …} MergeKey 1:2", "{} UnknownField 1:2", "{x: 1, z: 3}"},
		{"a merge of a merge", "{<<: {<<: {x: 1, z: 1}, x: 2}}", "{x: …} MergeKey 1:2", "{} UnknownField 1:2", "{x: 2, z: 1}"},
		{"a merge among free keys", "{more: {<<: {a: b, c: d}, a: e}}", "{more: {a: e}} MergeKey 1:9", "{more: {\"<<\": …, a: e}} WrongType 1:13", "{more: {a: e, c: d}}"},
		{"a merge of a text", "{x: 1, <<: 2}", "{x: 1} MergeKey 1:8", "{x: 1} UnknownField 1:8", "{x: 1} WrongType 1:12"},
		{"a merge of itself", "&a {x: 1, <<: *a}", "{x: 1} MergeKey 1:11", "{x: 1} UnknownField 1:11", "{x: 1}"},
		{"a quoted key", "{more: {\"<<\": a}}", "{more: {\"<<\": a}}", "{more: {\"<<\": a}}", "{more: {\"<<\": a}}"},
	}
	for _, tt := range tests {
		for _, in := range []struct {
			p    *Profile
			want string
		}{{Serde, tt.serde}, {YAML12, tt.yaml12}, {Kubernetes, tt.kubernetes}} {
			said := ""
			v := testReader(in.p).Read("f", []byte(tt.text), ObjectOf(point), func(f verdict.Finding) {
				said += fmt.Sprintf(" %s %d:%d", f.Rule, f.Line, f.Column)
			})
			if got := v.Written() + said; got != in.want {
				t.Errorf("%s in %s: got %s; expected %s", tt.name, in.p.Name, got, in.want)
			}
		}
	}
}

// TestMergesAreBounded: merge keys that ask for more and more end with the budget.
func TestMergesAreBounded(t *testing.T) {
	t.Parallel()
	text := "a0: &a0 {x: text}\n"
	for i := range 40 {
		text += fmt.Sprintf("a%d: &a%d {<<: [*a%d, *a%d]}\n", i+1, i+1, i, i)
	}
	said := map[string]int{}
	testReader(Kubernetes).Read("f", []byte(text), MapOf(MapOf(String)), func(f verdict.Finding) { said[f.Rule]++ })
	if said["AliasExpansion"] != 1 || len(said) != 1 {
		t.Errorf("got %v; expected it once", said)
	}
}
