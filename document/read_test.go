package document

import (
	"fmt"
	"strings"
	"testing"
)

// said writes findings, one a line.
func said(f File) string {
	var out []string
	for _, x := range f.Findings {
		out = append(out, fmt.Sprintf("%d:%d %s %s", x.Line, x.Column, x.Name, x.Severity))
	}
	return strings.Join(out, "; ")
}

// read is what a text is read as: its documents, or what is found.
func read(r Reader, text string, format Format) string {
	f := r.Read("f", []byte(text), format)
	var docs []string
	for _, d := range f.Docs {
		docs = append(docs, fmt.Sprintf("%#v", d.Value()))
	}
	out := strings.Join(docs, " ") + " " + said(f)
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(out, "interface {}", "any"), "map[string]any", "map"))
}

// TestReadJSON: what JSON is read as.
func TestReadJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text        string
		json, jsonc string
	}{
		{`{"a": [1, 2.5, true, null, "b"]}`, `map{"a":[]any{1, 2.5, true, any(nil), "b"}}`, ""},
		{`[18446744073709551615, 18446744073709551616, 1e400, -9223372036854775808]`, `[]any{0xffffffffffffffff, "18446744073709551616", "1e400", -9223372036854775808}`, ""},
		{"", "<nil>", ""},
		{"{\n\"a\": 1, // b\n}", "2:9 syntax error", `map{"a":1}`},
		{"{\n\"ä\": [1,/* ü */2,],\n}", "2:9 syntax error", `map{"ä":[]any{1, 2}}`},
		{"[,]", "1:2 syntax error", ""},
		{"{\"a\": 1,\n \"a\": 2}", "2:2 duplicate-key error", ""},
		{"{} {}", "1:4 syntax error", ""},
		{"{\n\"a\": [1\n", "2:6 syntax error", ""},
	}
	for _, tt := range tests {
		if tt.jsonc == "" {
			tt.jsonc = tt.json
		}
		if got := read(Reader{}, tt.text, JSON); got != tt.json {
			t.Errorf("%q in JSON\ngot  %s\nwant %s", tt.text, got, tt.json)
		}
		if got := read(Reader{}, tt.text, JSONC); got != tt.jsonc {
			t.Errorf("%q in JSONC\ngot  %s\nwant %s", tt.text, got, tt.jsonc)
		}
	}
}
