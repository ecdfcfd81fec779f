package yamldoc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// TestPlaceInScalars: a place inside a text is one in its file, however the text is written.
// The place is that of the first "§", or else the one behind the text.
func TestPlaceInScalars(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, at string }{
		{"plain", "A: x §", "1:6"},
		{"plain, over several lines", "A: one\n    two\n\n  three §\n", "4:9"},
		{"single-quoted", "A: 'it''s §'", "1:11"},
		{"single-quoted, over several lines", "A: 'one  \n\n  it''s §'", "3:9"},
		{"double-quoted", `A: "é§"`, "1:6"},
		{"double-quoted, with escapes", `A: "\t\x41\u0042\U00000043\"\\ §"`, "1:32"},
		{"double-quoted, escaped itself", `A: "a\u00a7"`, "1:6"},
		{"double-quoted, over several lines", "A: \"one\n\n\n  two \\\n    three §\"", "5:11"},
		{"double-quoted, with a break at its end", "A: \"one \\n  \n   two§\"", "2:7"},
		{"double-quoted, with an escaped break and spaces", "A: \"one\\\n  \\  two§\"", "2:9"},
		{"literal", "A: |\n  one\n  two §\n", "3:7"},
		{"literal, deeper than the block", "A: |\n  one\n      §\n", "3:7"},
		{"literal, with its indentation", "A: |2\n      x §\n", "2:9"},
		{"literal, with its indentation and chomping", "A: |-1\n   x\n\n  §\n", "4:3"},
		{"literal, with empty lines first", "A: |\n\n\n  x §\n", "4:5"},
		{"literal, with spaces alone in a line", "A: |\n  x\n      \n  §\n", "4:3"},
		{"literal, with spaces at an end", "A: |\n  x  \n  §\n", "3:3"},
		{"literal, kept, at its end", "A: |+\n  x\n\n", "2:4"},
		{"literal, stripped, at its end", "A: |-\n  x\n", "2:4"},
		{"folded", "A: >\n  one\n  two §\n", "3:7"},
		{"folded, with paragraphs", "A: >\n  one\n  two\n\n\n  three §\n", "6:9"},
		{"folded, with deeper lines", "A: >\n  one\n    two\n\n    three §\n  four\n", "5:11"},
		{"folded, with its indentation", "A: >1\n    one\n   §\n", "3:4"},
		{"anchored", "A: &a x §", "1:9"},
		{"anchored and tagged", "A: !!str &a \"\\t§\"", "1:16"},
		{"anchored, in the next line", "A: &a # why\n  # here\n  'x §'\n", "3:6"},
		{"anchored, behind a comment on the left", "A: &a\n# here\n  x §\n", "3:5"},
		{"anchored, a block", "A: &a |\n  one\n    §\n", "3:5"},
		{"tagged, folded", "A: !!str >-\n  one\n  §\n", "3:3"},
		{"with CRLF", "A: |\r\n  one\r\n    §\r\n", "3:5"},
		{"plain, at its end", "A: ab", "1:6"},
		{"quoted, at its end", "A: 'ab'", "1:7"},
		{"in braces", "A: {B: \"\\n§\"}", "1:11"},
		{"in brackets, over lines", "A: [\n  one\n    two §, x]", "3:9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := onlyText(t, tt.value)
			offset := strings.IndexRune(v.text, '§')
			if offset < 0 {
				offset = len(v.text)
			}
			p := v.Trace().Place(offset)
			if got := fmt.Sprintf("%d:%d", p.Line, p.Column); got != tt.at {
				t.Errorf("%q, which is %q: got %s; expected %s", tt.value, v.text, got, tt.at)
			}
		})
	}
}

// onlyText is the first text below the key A.
func onlyText(t *testing.T, file string) *Value {
	t.Helper()
	shapes := []*Type{Relaxed, MapOf(Relaxed), ListOf(String)}
	for _, shape := range shapes {
		var found []verdict.Finding
		v := testReader(Serde).Read("f.yml", []byte(file), MapOf(shape), func(f verdict.Finding) { found = append(found, f) })
		if len(found) > 0 || v == nil {
			continue
		}
		for v = v.Items()[0]; len(v.items) > 0; v = v.items[0] {
		}
		return v
	}
	t.Fatalf("%q cannot be read", file)
	return nil
}
