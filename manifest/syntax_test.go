package manifest

import (
	"fmt"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// TestSyntaxErrorsPointAtTheirBeginning: the parser often names the line where
// it gave up; the finding names the one to edit.
func TestSyntaxErrorsPointAtTheirBeginning(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, place, message string }{
		{"unclosed bracket, last in the file", "name: svc\ncommand: [\"/run\", \"server\"\n", "2:10", "the bracket [ opened here is never closed"},
		{"unclosed bracket, keys behind", "command: [a, b\nimageSize: 100\n", "1:10", "the bracket [ opened here is never closed"},
		{"unclosed brace", "resources:\n  limits: {cpu: 1\nname: svc\n", "2:11", "the bracket { opened here is never closed"},
		{"wrong bracket", "command: [a, b}\n", "1:15", "} does not close the bracket [ of line 1, column 10"},
		{"unclosed double quote", "name: svc\ncommand: \"/run\nimageSize: 100\n", "2:10", `the quote " opened here is never closed`},
		{"unclosed single quote at the end", "name: svc\nimage: 'a\n", "2:8", "the quote ' opened here is never closed"},
		{"quote in a quote", "image: 'it's'\n", "1:12", `"s'" stands behind the end of the value`},
		{"text behind a quote", "image: \"a\" b\n", "1:12", `"b" stands behind the end of the value`},
		{"tab", "env:\n\tA: x\n", "2:1", "a tab indents this line"},
		{"tab behind spaces", "env:\n  \tA: x\n", "2:3", "a tab indents this line"},
		{"between two indentations", "env:\n    A: x\n  B: y\n", "3:3", "this line is indented by 2, and nothing above that is still open is"},
		{"below a value", "image: a\n  version: b\n", "2:3", "this line is indented below line 1, which has a value already"},
		{"below a flow list", "command: [a]\n  version: b\n", "2:3", "this line is indented below line 1, which has a value already"},
		{"list behind a value", "regions: dev-uk\n- dev-us\n", "2:1", "a list item stands here, and line 1 has a value already"},
		{"list left of its key", "metadata:\n  regions:\n- dev-uk\n", "3:1", "a list item stands here among keys"},
		{"key among items", "env:\n  - a\n  B: x\n", "3:3", "a key stands here among list items"},
		{"line without a key", "name: svc\nimage:nginx\nversion: 1.0.0\n", "2:1", `expected a key with a colon, or a list item, and found "image:nginx"`},
		{"second colon", "description: note: this\n", "1:18", "a second colon followed by a space stands in one line"},
		{"reserved character", "image: @nginx\n", "1:8", "a value cannot start with @"},
		{"reserved character in a list", "command: [@a]\n", "1:11", "a value cannot start with @"},
		{"percent", "image: %x\n", "1:8", "a value cannot start with %"},
		{"unknown anchor", "env: &a {}\nlabels: *b\n", "2:9", "the alias *b has no anchor &b before it"},
		{"columns count runes", "ß: {é: [ü}\n", "1:10", "} does not close the bracket [ of line 1, column 8"},
		{"only the parser knows", "a: !<unclosed b\n", "1:1", "the YAML cannot be read here: did not find the expected '>'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var found []verdict.Finding
			if v := parse("f.yml", []byte(tt.text), objectOf(manifestObject), func(f verdict.Finding) { found = append(found, f) }); v != nil || len(found) != 1 {
				t.Fatalf("got %v and %d findings; expected one finding and no value", v, len(found))
			}
			f := found[0]
			if got := fmt.Sprintf("%d:%d", f.Line, f.Column); f.Rule != ruleSyntax.Code || got != tt.place || f.Message != tt.message {
				t.Errorf("got %s at %s: %s\nexpected it at %s: %s", f.Rule, got, f.Message, tt.place, tt.message)
			}
		})
	}
}

// TestScanPassesGoodText: the scan for syntax faults finds none in what the
// parser takes.
func TestScanPassesGoodText(t *testing.T) {
	t.Parallel()
	texts := []string{
		"a: 1\nb:\n- x\n- y: 1\n  z: 2\nc:\n  - - p\n    - q\n",
		"text: |\n  any: [thing\n   \"goes\n\nnext: >-\n  here\n",
		"plain: goes on\n  in the next line\n  - with a dash\nb: 2\n",
		"quoted: \"over\n  two lines\"\nflow: [a,\n  b, {c: d}]\n",
		"? complex\n: value\n",
		"%YAML 1.1\n---\na: &x {b: c}\nd: *x # comment: [\n...\n",
		"'key': 1\n\"other\": it's fine # don't\n",
		"a:\n  # comment\n\n  b: 1\n    \n  c: http://x:80/#y\n",
	}
	for _, text := range texts {
		var found []verdict.Finding
		parseYAML("f.yml", []byte(text), func(f verdict.Finding) { found = append(found, f) })
		if len(found) > 0 {
			t.Fatalf("the parser refuses %q: %v", text, found)
		}
		if f := scanSyntax(splitLines(text)); f != nil {
			t.Errorf("%d:%d: %s, in\n%s", f.at.line, f.at.column, f.message, text)
		}
	}
}
