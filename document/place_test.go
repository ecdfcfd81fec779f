package document

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

func at(p verdict.Place) string { return fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Path) }

// TestPlaces: where the value stands that a way leads to, and its key.
func TestPlaces(t *testing.T) {
	t.Parallel()
	const block = "# a\nname: ü\ntools:\n  - &x\n    name: [1, b]\n    ä: {\"c.d\": e, f: g}\n  - *x\nmore:\n  <<: *x\n  own: 1\n1: h\n"
	const braces = "{\"name\": \"ü\",\n \"tools\": [{\"n\": [1, true]}, null],\n \"ä\": {\"c.d\": -1}, \"x\": []}"
	tests := []struct {
		text       string
		format     Format
		way        string // with spaces
		value, key string
	}{
		{block, YAML, "", "2:1 ", "2:1 "},
		{block, YAML, "name", "2:7 name", "2:1 name"},
		{block, YAML, "tools", "4:3 tools", "3:1 tools"},
		{block, YAML, "tools 0 name 1", "5:15 tools[0].name[1]", "5:15 tools[0].name[1]"},
		{block, YAML, "tools 0 ä c.d", "6:16 tools[0].ä[\"c.d\"]", "6:9 tools[0].ä[\"c.d\"]"},
		{block, YAML, "tools 1", "7:5 tools[1]", "7:5 tools[1]"},
		{block, YAML, "tools 1 ä f", "6:22 tools[1].ä.f", "6:19 tools[1].ä.f"},
		{block, YAML, "more name", "5:11 more.name", "5:5 more.name"},
		{block, YAML, "more own", "10:8 more.own", "10:3 more.own"},
		{block, YAML, "more nothing", "9:3 more", "9:3 more"},
		{block, YAML, "tools 7", "4:3 tools", "4:3 tools"},
		{block, YAML, "tools 01", "4:3 tools", "4:3 tools"},
		{block, YAML, "1", "11:4 1", "11:1 1"},
		{"", YAML, "a", "1:1 ", "1:1 "},
		{braces, JSON, "", "1:1 ", "1:1 "},
		{braces, JSON, "name", "1:10 name", "1:2 name"},
		{braces, JSON, "tools 0 n 1", "2:22 tools[0].n[1]", "2:22 tools[0].n[1]"},
		{braces, JSON, "tools 1", "2:30 tools[1]", "2:30 tools[1]"},
		{braces, JSON, "ä c.d", "3:15 ä[\"c.d\"]", "3:8 ä[\"c.d\"]"},
		{braces, JSON, "x 0", "3:25 x", "3:25 x"},
		{"/* ü */ [1, /* ü */ 2,]", JSONC, "1", "1:21 [1]", "1:21 [1]"},
	}
	for _, tt := range tests {
		d := Reader{}.Read("f", []byte(tt.text), tt.format).Docs[0]
		way := strings.Fields(tt.way)
		if got := at(d.At(way...)); got != tt.value {
			t.Errorf("%q is at %s; expected %s", tt.way, got, tt.value)
		}
		if got := at(d.KeyAt(way...)); got != tt.key {
			t.Errorf("the key of %q is at %s; expected %s", tt.way, got, tt.key)
		}
	}
}

// TestPlacesInLargeMappings: there the keys are looked up, and those of merges as well.
func TestPlacesInLargeMappings(t *testing.T) {
	t.Parallel()
	var large strings.Builder
	large.WriteString("a: &a\n")
	for i := range 100 {
		fmt.Fprintf(&large, "  k%d: %d\n", i, i)
	}
	large.WriteString("b:\n  <<: *a\n  k5: x\n")
	d := Reader{}.Read("f", []byte(large.String()), YAML).Docs[0]
	for way, want := range map[string]string{"a k70": "72:8 a.k70", "b k70": "72:8 b.k70", "b k5": "104:7 b.k5", "b k100": "103:3 b", "a k100": "1:4 a"} {
		if got := at(d.At(strings.Fields(way)...)); got != want {
			t.Errorf("%q is at %s; expected %s", way, got, want)
		}
	}
}

// TestDuplicates: a key that is given twice is told with both places.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	for text, format := range map[string]Format{"{a: [{b: 1,\n b: 2}]}": YAML, "{\"a\": [{\"b\": 1,\n \"b\": 2}]}": JSON} {
		f := Reader{}.Read("f", []byte(text), format)
		if len(f.Findings) != 1 || len(f.Findings[0].Related) != 1 {
			t.Fatalf("%q: %+v", text, f)
		}
		x := f.Findings[0]
		if at(x.Place) != "2:2 a[0].b" || x.Related[0].Line != 1 || x.Related[0].Text != "first given here" {
			t.Errorf("%q: %+v", text, x)
		}
	}
}

// TestLongPaths: what names a place is of a length that a report can carry, whatever the keys are.
func TestLongPaths(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 100_000)
	deep := strings.Repeat(`{"a-key-of-some-length":`, 120) + "1" + strings.Repeat("}", 120)
	for _, tt := range []struct {
		text, want string
		way        []string
	}{
		{`{"` + long + `": [{"b": 1}]}`, strings.Repeat("é", maxPath/2) + "…", []string{long, "0", "b"}},
		{`{"a": {" ` + long + `": 1}}`, `a[" ` + strings.Repeat("é", maxPath/2-2) + "…", []string{"a", " " + long}},
		{deep, strings.Repeat("a-key-of-some-length.", maxPath/21+1)[:maxPath] + "…", slices.Repeat([]string{"a-key-of-some-length"}, 120)},
	} {
		d := Reader{}.Read("f", []byte(tt.text), JSON).Docs[0]
		if got := d.At(tt.way...).Path; got != tt.want {
			t.Errorf("%.30s: the path is %.20s…%s, %d bytes; expected %d", tt.text, got, got[max(0, len(got)-20):], len(got), len(tt.want))
		}
	}
}
