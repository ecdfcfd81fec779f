package document

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadJSON: what JSON is read as, without comments and with them.
func TestReadJSON(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 128) + strings.Repeat("]", 128)
	tests := []struct {
		text        string
		json, jsonc string // "" for the same
	}{
		{`{"a": [1, 2.5, true, null, "b"]}`, `map{"a":[]any{1, 2.5, true, any(nil), "b"}}`, ""},
		{`[18446744073709551615, 18446744073709551616, 1e400, -9223372036854775808]`, `[]any{0xffffffffffffffff, "18446744073709551616", "1e400", -9223372036854775808}`, ""},
		{"", "<nil>", ""},
		{" \n", "<nil>", ""},
		{"// a\n", "1:1 syntax error", "<nil>"},
		{"\ufeff{\"a\": x}", "1:7 syntax error", ""},
		{"\ufeff[\"\ufeff\"]", "[]any{\"\\ufeff\"}", ""},
		{"{\n\"a\": 1, // b\n}", "2:9 syntax error", `map{"a":1}`},
		{"{\n\"ä\": [1,/* ü\n */2,],\n}", "2:9 syntax error", `map{"ä":[]any{1, 2}}`},
		{`["//", "/*", "\"//", ",]"]`, `[]any{"//", "/*", "\"//", ",]"}`, ""},
		{"[,]", "1:2 syntax error", ""},
		{"[1,,]", "1:4 syntax error", "1:4 syntax error"},
		{"{\"a\":,}", "1:6 syntax error", ""},
		{"[1, /* a", "1:5 syntax error", ""},
		{"{\"a\": 1,\n \"a\": 2}", "2:2 duplicate-key error", ""},
		{deep, strings.Repeat("[]any{", 128) + strings.Repeat("}", 128), ""},
		{"[\n" + deep + "]", "2:128 too-deep error", ""},
		{strings.Repeat("[", 100_000), "1:129 too-deep error", ""},
		{"[" + strings.Repeat("0,\n", 999_999) + "0]", "1000000:1 too-large error", ""},
		{`"\ud800"`, "1:2 syntax error", ""},
	}
	for _, tt := range tests {
		if tt.jsonc == "" {
			tt.jsonc = tt.json
		}
		if got := read(Reader{}, tt.text, JSON); got != tt.json {
			t.Errorf("%.60q in JSON\ngot  %s\nwant %s", tt.text, got, tt.json)
		}
		if got := read(Reader{}, tt.text, JSONC); got != tt.jsonc {
			t.Errorf("%.60q in JSONC\ngot  %s\nwant %s", tt.text, got, tt.jsonc)
		}
	}
}

// TestJSONFaults: what is said of a text that is no JSON, and what to do.
func TestJSONFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"{} // a", "1:4 a comment stands here, and JSON has none; take it out, or name the file .jsonc, or declare it to be JSON with comments"},
		{"[1 /* a */]", "1:4 a comment stands here, and JSON has none; take it out, or name the file .jsonc, or declare it to be JSON with comments"},
		{"# a\n{}", "1:1 a # stands here, and begins no comment in JSON; take the comment out"},
		{"{\"a\": 1,\n}", "1:8 a comma stands here with no value behind it; take the comma out; JSON with comments (.jsonc) may have it"},
		{"[1,,2]", "1:4 a comma stands here without a value before it; take the comma out"},
		{"{'a': 1}", "1:2 a text begins with a single quote; JSON's texts stand in double quotes"},
		{"{a: 1}", "1:2 a text stands here without quotes; JSON's keys and texts stand in double quotes"},
		{"{\"a\": b}", "1:7 a text stands here without quotes; JSON's keys and texts stand in double quotes"},
		{"{\"a\": NaN}", "1:7 JSON has no such number; leave the key out, or write null or a text"},
		{"[True]", "1:2 JSON has no such word; it is true, false or null"},
		{"{\"a\": 1\n \"b\": 2}", "2:2 a comma is missing before this text; put a comma between the two"},
		{"{\n  \"a\": [1, {\"b\": 2},\n", "2:8 what is opened here with [ is never closed; close it"},
		{"{\"a\": \"b}", "1:7 what is opened here with \" is never closed; close it"},
		{"tru", "1:4 the text ends here, before its value does; "},
		{"{} {\"a\": 1}", "1:4 \"{\\\"a\\\": 1}\" stands behind the end of the value; a JSON file has one value: take the rest out, or put several in a list"},
	}
	for _, tt := range tests {
		f := Reader{}.Read("f", []byte(tt.text), JSON)
		if len(f.Findings) != 1 {
			t.Fatalf("%q: %+v", tt.text, f)
		}
		x := f.Findings[0]
		if got := fmt.Sprintf("%d:%d %s; %s", x.Line, x.Column, x.Message, x.Help); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestFormatOf: a file's name says what it is written in.
func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Format{"a/b.yml": YAML, "b.YAML": YAML, "c.json": JSON, "d.jsonc": JSONC} {
		if got, ok := FormatOf(name); !ok || got != want {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	if _, ok := FormatOf("json"); ok {
		t.Error("a name without an end is a document's")
	}
}
