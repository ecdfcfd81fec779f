package syntax

import (
	"fmt"
	"testing"
)

// TestFaultsPointAtTheirBeginning: the parser often names the line where
// it gave up; the finding names the one to edit.
func TestFaultsPointAtTheirBeginning(t *testing.T) {
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
		{"tag", "a: !<unclosed b\n", "1:4", "the tag opened here is never closed"},
		{"alias in a comment and a text", "# *b\na: \"*b\"\nc: *b\n", "3:4", "the alias *b has no anchor &b before it"},
		{"star of a schedule", "- schedule: */5 * * * *\n", "1:13", "a value that starts with * is an alias, and this is no name of an anchor"},
		{"star of a host", "hosts:\n- *.example.com\n", "2:3", "a value that starts with * is an alias, and this is no name of an anchor"},
		{"two commas", "a: x\nb: [c,,d]\n", "2:7", "a comma stands here without a value before it"},
		{"comma first", "b: [,d]\n", "1:5", "a comma stands here without a value before it"},
		{"comma missing in a line", "b: [c, \"d\" e]\n", "1:12", `expected a comma or ], and found "e]"`},
		{"comma missing between lines", "b: {\n  c: 1,\n  d: 2\n  e: 3\n  }\n", "4:3", `expected a comma or }, between line 3 and this, and found "e: 3"`},
		{"comma missing behind a quote", "b: {\n  c: \"1\"\n  e: 3\n  }\n", "3:3", `expected a comma or }, between line 2 and this, and found "e: 3"`},
		{"quote unclosed in brackets", "{\n  \"a\": \"b,\n  \"c\": \"d\"\n}\n", "2:8", `the quote " opened here is never closed`},
		{"dashes in brackets", "b: [\n  - c\n  ]\n", "2:3", "a dash begins a list item inside brackets"},
		{"bracket never opened", "b: c\nd: ]\n", "2:4", "] closes a bracket that is not open"},
		{"second colon in brackets", "b: {c: d: e}\n", "1:9", "a second colon follows one key"},
		{"text behind a comment in a block", "env:\n  A: |\n    one\n  # note\n    two\n", "5:5", "this line is indented below line 2, which has a value already"},
		{"key between a block's text and its key", "- |\n    aaa\n  key:\n", "3:3", "this line is indented by 2, and the text above it by 4"},
		{"blank line deeper than a block's text", "A: |-\n        \n    text\n", "2:9", "this blank line is indented deeper than the text below it"},
		{"text behind the sign of a block", "a: | x\n  y\n", "1:6", `"x" stands behind the | of a block of text`},
		{"escape in a later line", "A: \"x\n  y \\d\"\n", "2:5", `\d is no escape`},
		{"escape of a character that is not ASCII", "A: \"\\ü\"\n", "1:5", `\ü is no escape`},
		{"short hexadecimal escape", "A: \"\\x4\"\n", "1:5", `\x is followed by 2 hexadecimal digits, and here it is not`},
		{"item behind a comment", "a:\n- b # oups\n      - d\n", "3:7", "this line is indented below line 2, which has a value already"},
		{"item behind a key", "a: - b\n", "1:4", "a dash stands behind a key in one line"},
		{"control character in a comment", "a: b\n# c\x1b\n", "2:4", "the control character U+001B stands here"},
		{"control character", "a: b\nc: \x7f\n", "2:4", "the control character U+007F stands here"},
		{"line of a tab below text", "a:\n  b: c\n\t\n  d: e\n", "3:1", "a tab indents this line"},
		{"line of a tab below a key", "a:\n\t\n  d: e\n", "2:1", "a tab indents this line"},
		{"tab in a block", "a: |\n\tb\n", "2:1", "a tab indents this line"},
		{"tab behind a dash", "a:\n-\tb\n", "2:2", "a tab stands behind the dash"},
		{"template's condition", "{{- if x }}\na: b\n{{- end }}\n", "1:1", `a template's braces stand here: "{{- if x }}"`},
		{"template's condition without a dash", "{{ if x }}\na: b\n", "1:1", `a template's braces stand here: "{{ if x }}"`},
		{"template's block", "a: b\n{% if x %}\n", "2:1", `a template's braces stand here: "{% if x %}"`},
		{"template's text below a key", "a:\n  {{- toYaml x }}\nb: c\n", "2:3", `a template's braces stand here: "{{- toYaml x }}"`},
		{"keys with a tag, an anchor, an alias", "a:\n  !!str b: &x c\n  &k d: e\n  *k : f\n  ? g\n  : h\nimage: @x\n", "7:8", "a value cannot start with @"},
		{"colon of a key missing", "a:\n  b\n    c: d\n", "2:3", `expected a key with a colon, or a list item, and found "b"`},
		{"key over two lines", "\"a\n  b\": c\n", "2:5", "this colon ends a key that began in line 1"},
		{"key behind the start of a document", "--- a: b\n", "1:6", "a key stands behind ---"},
		{"text behind the end of the document", "a: b\n...\nc: d\n", "3:1", "text stands behind the end of the document"},
		{"directive without a document's start", "%YAML 1.1\na: b\n", "2:1", "the document begins here, and no --- stands between it and the directive above"},
		{"no directive", "%a: b\n", "1:1", "this is no directive of YAML"},
		{"two anchors", "a: &x &y b\n", "1:7", "a value has one anchor, and this is a second"},
		{"no character", "A: x\nB: \"y \\U00110000\"\n", "2:7", `\U00110000 is the number of no character`},
		{"half of a pair", "A: x\nB: [\"y\", \"\\ud83d\\ude00\"]\n", "2:11", `\ud83d is the number of no character`},
		{"half of a pair in a later line", "A: \"x\n  y \\uDFFF\"\n", "2:5", `\uDFFF is the number of no character`},
		{"two signs of chomping", "env:\n  A: >-+\n   x\n", "2:8", `"+" stands behind the > of a block of text`},
		{"two depths of a block", "A: |23\n   x\n", "1:6", `"3" stands behind the | of a block of text`},
		{"template's condition behind keys", "a: b\n{{ if x }}\nc: d\n", "2:1", `a template's braces stand here: "{{ if x }}"`},
		{"template's condition at the end", "a:\n- b\n{{ if x }}\n", "3:1", `a template's braces stand here: "{{ if x }}"`},
		{"template's comment", "a: b\n{# c #}\nc: d\n", "2:1", `a template's braces stand here: "{# c #}"`},
		{"mapping behind keys", "a: b\n{c: d}\ne: f\n", "2:1", `expected a key with a colon, or a list item, and found "{c: d}"`},
		{"bracket that a comment hides", "a: {b: #c, d: e}\nf: g\n", "1:4", "the bracket { opened here is never closed"},
		{"only the parser knows", "a: !%z b\n", "1:1", "the YAML cannot be read here: did not find URI escaped octet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range []Profile{{}, yamlRust} {
				_, f := Parse([]byte(tt.text), p)
				if f == nil {
					t.Fatalf("%q is taken for YAML", tt.text)
				}
				if got := fmt.Sprintf("%d:%d", f.Line, f.Column); got != tt.place || f.Message != tt.message {
					t.Errorf("got %s: %s\nexpected %s: %s", got, f.Message, tt.place, tt.message)
				}
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
		if _, f := Parse([]byte(text), Profile{}); f != nil {
			t.Fatalf("the parser refuses %q: %v", text, f)
		}
		if f := newScan(splitLines(text), Profile{}, &masks{}).run(); f != nil {
			t.Errorf("%d:%d: %s, in\n%s", f.Line, f.Column, f.Message, text)
		}
	}
}

// TestTemplateInBrackets: a comma is no remedy for a value that is in part a template.
func TestTemplateInBrackets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: [b{{ c }}]\n":      "quote the whole value: YAML takes a template's braces for its own",
		"a: [b, {{ c }}d]\n":   "quote the whole value: YAML takes a template's braces for its own",
		"a: [{b: {c: d}} e]\n": "separate the entries by commas",
		"a: [\"b\" {{ c }}]\n": "separate the entries by commas",
	} {
		if _, f := Parse([]byte(text), yamlRust); f == nil || f.Help != want {
			t.Errorf("%q: got %+v; expected the help %q", text, f, want)
		}
	}
}

// TestCommentHidesBracket: who writes a channel without quotes is told what the # is.
func TestCommentHidesBracket(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: {b: #c, d: e}\n":      "close it with } before the comment; a # that is part of a value is quoted with it",
		"a: [b, #c]\nd: [e]\n":    "close it with ] before the comment; a # that is part of a value is quoted with it",
		"a: [b, c # none\nd: e\n": "close it with ]",
	} {
		if _, f := Parse([]byte(text), yamlRust); f == nil || f.Help != want {
			t.Errorf("%q: got %+v; expected the help %q", text, f, want)
		}
	}
}
