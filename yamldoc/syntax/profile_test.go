package syntax

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// yamlRust is the profile with every setting.
var yamlRust = Profile{
	FlowPlain: true, FlowEmptyValues: true, FlowIndent: true,
	ValueAtKey: true, EmptyKeys: true, AnchoredEmpty: true,
	LineFeeds: true, AnyDirective: true, AnyTag: true, SlashEscape: true,
}

// show writes a node on one line: scalars with their places, quoted where they
// are text whatever they look like, and ~ for null.
func show(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		parts := make([]string, len(n.Content))
		for i, c := range n.Content {
			parts[i] = show(c)
		}
		if n.Kind == yaml.SequenceNode {
			return "[" + strings.Join(parts, " ") + "]"
		}
		return "{" + strings.Join(parts, " ") + "}"
	case yaml.AliasNode:
		return fmt.Sprintf("*%s@%d:%d", n.Value, n.Line, n.Column)
	}
	text := n.Value
	switch {
	case n.Style != 0:
		text = fmt.Sprintf("%q", text)
	case text == "" || text == "~":
		text = "~"
	}
	return fmt.Sprintf("%s@%d:%d", text, n.Line, n.Column)
}

// reads is what a profile makes of a text: its nodes, or where and why it is none.
func reads(text string, p Profile) string {
	d, f := Parse([]byte(text), p)
	switch {
	case f != nil:
		return fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Message)
	case d.Root == nil:
		return "nothing"
	case d.Next.Line > 0:
		return fmt.Sprintf("another at %d:%d", d.Next.Line, d.Next.Column)
	}
	return show(d.Root)
}

// TestProfiles: each setting decides about its own, and leaves the places of what
// stands around as they are in the text.
func TestProfiles(t *testing.T) {
	t.Parallel()
	flow := Profile{FlowPlain: true}
	values := Profile{FlowEmptyValues: true}
	feeds := Profile{LineFeeds: true}
	tests := []struct {
		name    string
		profile Profile
		text    string
		want    string
	}{
		{"colon first", flow, "a: [b, :8080, c]\n", "{a@1:1 [b@1:5 :8080@1:8 c@1:15]}"},
		{"address", flow, "[::1, x]\n", "[::1@1:2 x@1:7]"},
		{"colon, dash", flow, "[r, :- .gitignore]\n", "[r@1:2 :- .gitignore@1:5]"},
		{"colon first in a mapping", flow, "{a: :b, :c: d}\n", "{a@1:2 :b@1:5 :c@1:9 d@1:13}"},
		{"question mark inside", flow, "{p: /h?deep=1, q: 0 0 ? * *}\n", "{p@1:2 /h?deep=1@1:5 q@1:16 0 0 ? * *@1:19}"},
		{"question mark first", flow, "[grep, ?x, y]\n", "[grep@1:2 ?x@1:8 y@1:12]"},
		{"question mark alone is a key's sign", flow, "[? a : b]\n", "[{a@1:4 b@1:8}]"},
		{"bars", flow, "[a, |, >, b]\n", "[a@1:2 |@1:5 >@1:8 b@1:11]"},
		{"in several lines", flow, "a: [\n  b?c\n  ?d,\n  :e ]\n", "{a@1:1 [b?c ?d@2:3 :e@4:3]}"},
		{"not in quotes, comments and blocks", flow, "a: [\"?b\", '|'] # [:c\nd: |\n  [:x, ?y]\ne: f\n", "{a@1:1 [\"?b\"@1:5 \"|\"@1:11] d@2:1 \"[:x, ?y]\\n\"@2:4 e@4:1 f@4:4}"},
		{"a colon behind a quoted key's blank is text", flow, "{\"a\" :b}\n", "1:6 expected a comma or }, and found \":b}\""},
		{"private characters stay", flow, "[\ue000, :b]\n", "[\ue000@1:2 :b@1:5]"},
		{"empty value before a comma", values, "{uri:, wait: 5}\n", "{uri@1:2 ~@1:6 wait@1:8 5@1:14}"},
		{"empty value before a bracket", values, "{a: [b:], c:}\n", "{a@1:2 [{b@1:6 ~@1:7}] c@1:11 ~@1:13}"},
		{"a value that begins with a bracket", values, "{a:[b], c:{d: e}}\n", "{a@1:2 [b@1:5] c@1:9 {d@1:12 e@1:15}}"},
		{"behind characters of several bytes", values, "{ü:, é: ß}\n", "{ü@1:2 ~@1:4 é@1:6 ß@1:9}"},
		{"separators in a comment", feeds, "# a\u2028b: c\nd: e\n", "{d@2:1 e@2:4}"},
		{"separators in a text", feeds, "a: b\u2028c\u0085\u2029d\ne: f\n", "{a@1:1 b\u2028c\u0085\u2029d@1:4 e@2:1 f@2:4}"},
		{"separators in quotes and blocks", feeds, "a: \"b\u2028 c\"\nd: |\n  e\u2028  f\ng: h\n", "{a@1:1 \"b\\u2028 c\"@1:4 d@2:1 \"e\\u2028  f\\n\"@2:4 g@4:1 h@4:4}"},
		{"byte order mark within", feeds, "a: b\n\ufeffc: d\n", "{a@1:1 b@1:4 \ufeffc@2:1 d@2:5}"},
		{"carriage returns with line feeds", feeds, "a: b\r\nc: d\r\n", "{a@1:1 b@1:4 c@2:1 d@2:4}"},
		{"carriage return alone ends a comment", feeds, "a: # b\rc: d\n", "{a@1:1 {c@1:8 d@1:11}}"},
		{"carriage return alone folds", feeds, "a: \"b\rc\"\nd: e\r", "{a@1:1 \"b c\"@1:4 d@2:1 e@2:4}"},
		{"carriage return alone begins no line", feeds, "a: b\rc: d\n", "1:6 this line is indented below line 1, which has a value already"},
		{"any version", Profile{AnyDirective: true}, "# c\n%YAML 1.2 # d\n%YAML 3.14\n---\na: b\n", "{a@5:1 b@5:4}"},
		{"any name", Profile{AnyDirective: true}, "%FOO bar baz\n---\na: b\n", "{a@3:1 b@3:4}"},
		{"a tag's prefix has no meaning", Profile{AnyDirective: true}, "%TAG ! tag:yaml.org,2002:\n---\na: !int b\n", "{a@3:1 \"b\"@3:4}"},
		{"a directive needs a document", Profile{AnyDirective: true}, "%FOO\na: b\n", "2:1 the document begins here, and no --- stands between it and the directive above"},
		{"no directive", Profile{AnyDirective: true}, "%YAML one\n---\na: b\n", "1:1 this is no directive of YAML"},
		{"tag of one character", Profile{AnyTag: true}, "a: ! 5\nb: !\nc: [! d, ! ]\n", "{a@1:1 \"5\"@1:4 b@2:1 \"\"@2:4 c@3:1 [\"d\"@3:5 \"\"@3:10]}"},
		{"handle that nobody declared", Profile{AnyTag: true}, "a: !x!y 5\n", "{a@1:1 \"5\"@1:4}"},
		{"escaped slash", Profile{SlashEscape: true}, "{\"a\\/b\": \"\\\\/\", c: '\\/'}\n", "{\"a/b\"@1:2 \"\\\\/\"@1:10 c@1:17 \"\\\\/\"@1:20}"},
		{"empty with an anchor", Profile{AnchoredEmpty: true}, "a: &i\nb: *i\nc: [&j , ~]\nd:\n", "{a@1:1 \"\"@1:4 b@2:1 *i@2:4 c@3:1 [\"\"@3:5 ~@3:10] d@4:1 ~@4:3}"},
		{"empty key", Profile{EmptyKeys: true}, ": a\nb: {: c}\n", "{~@1:1 a@1:3 b@2:1 {~@2:5 c@2:7}}"},
		{"key's colon in a line of its own", Profile{EmptyKeys: true}, "? a\n: b\n", "{a@1:3 b@2:3}"},
		{"value at the column of its key", Profile{ValueAtKey: true}, "a:\nb\nc:\n\"d\"\ne: f\n", "{a@1:1 b@2:1 c@3:1 \"d\"@4:1 e@5:1 f@5:4}"},
		{"item at the column of the keys", Profile{FlowIndent: true}, "a: [\nb\n]\n", "2:1 text inside brackets stands at the column of the keys around them"},
		{"bracket at the column of the keys", Profile{FlowIndent: true}, "a: [\n  b\n]\nc: {\nd: e\n}\n", "{a@1:1 [b@2:3] c@4:1 {d@5:1 e@5:4}}"},
		{"item left of the keys", Profile{FlowIndent: true}, "k:\n  a: [b,\nc]\n", "{k@1:1 {a@2:3 [b@2:7 c@3:1]}}"},
		{"second document", yamlRust, "a: b\n---\nc: d\n", "another at 2:1"},
		{"second document behind shifted lines", yamlRust, "a: # \rb: d\n---\nc: d\n", "another at 2:1"},
		{"places of faults", yamlRust, "a: [:b, c:]\r\n# \u2028\nd: [e,,]\n", "3:7 a comma stands here without a value before it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := reads(tt.text, tt.profile); got != tt.want {
				t.Errorf("%q\ngot  %s\nwant %s", tt.text, got, tt.want)
			}
		})
	}
}

// TestParseAll: all documents of a text are read, also those without content, and a fault in
// any of them is told.
func TestParseAll(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", ""},
		{"# a\n", ""},
		{"a: b\n", "{a@1:1 b@1:4}"},
		{"---\n---\na: b\n...\n--- # c\n", "~@2:1 {a@3:1 b@3:4} ~@6:1"},
		{"%A\n%B\n--- [:b]\n---\n- c:\n", "[:b@3:6] [{c@5:3 ~@5:5}]"},
		{"a: b\n---\nc: [\nd\n]\n", "4:1 text inside brackets stands at the column of the keys around them"},
		{"a: b\n---\n'c\n", "3:1 the quote ' opened here is never closed"},
		{"a: b\n---\nc: {{ d }}\ne\n", "4:1 expected a key with a colon, or a list item, and found \"e\" with a template at 3:4"},
	}
	for _, tt := range tests {
		roots, f := ParseAll([]byte(tt.text), yamlRust)
		var all []string
		for _, root := range roots {
			all = append(all, show(root))
		}
		if f != nil {
			all = append(all, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Message))
		}
		if f != nil && f.Template.Line > 0 {
			all = append(all, fmt.Sprintf("with a template at %d:%d", f.Template.Line, f.Template.Column))
		}
		if got := strings.Join(all, " "); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestDirectivesAreReadOnce: yaml.v3 is given one in place of a document's many, for which it
// would take a time that grows with their square.
func TestDirectivesAreReadOnce(t *testing.T) {
	t.Parallel()
	r := read([]byte(strings.Repeat("%FOO\n", 100)+"---\na: b\n...\n%BAR\n---\n"), yamlRust)
	if n := strings.Count(string(r.text), "%"); n != 2 {
		t.Errorf("%d directives", n)
	}
}
