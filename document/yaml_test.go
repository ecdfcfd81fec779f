package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// TestReadYAML: what each dialect makes of a text that people read differently.
func TestReadYAML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, yaml12, kubernetes string }{
		{"a word of YAML 1.1", "a: yes", `map{"a":"yes"}`, `map{"a":true}`},
		{"a key that is a boolean in YAML 1.1", "y: 1\non: 2", `map{"on":2, "y":1}`, `1:1 boolean-key warning; 2:1 duplicate-key error; 2:1 boolean-key warning`},
		{"one such key", "y: 1", `map{"y":1}`, `map{"true":1} 1:1 boolean-key warning`},
		{"a key that is a boolean everywhere", "true: 1", `map{"true":1}`, `map{"true":1}`},
		{"a zero before a number", "010", `10 1:1 leading-zero warning`, `8`},
		{"a minus and a zero", "-010", `-10 1:1 leading-zero warning`, `-8`},
		{"a zero before what is no octal number", "a: 0089", `map{"a":89} 1:4 leading-zero warning`, `map{"a":89}`},
		{"a zero before what is the same in octal", "[007, 00, 0]", `[]any{7, 0, 0}`, `[]any{7, 0, 0}`},
		{"underscores", "1_000", `"1_000"`, `1000`},
		{"a date", "2024-01-01", `"2024-01-01"`, `"2024-01-01"`},
		{"a time", "12:30:45", `"12:30:45"`, `"12:30:45"`},
		{"an infinite number", "[.inf, -.INF]", `[]any{+Inf, -Inf}`, `1:2 infinite-number error; 1:8 infinite-number error`},
		{"a number that is none", ".nan", `NaN`, `1:1 infinite-number error`},
		{"a key that is given twice", "a: 1\nb: 2\na: 3", `3:1 duplicate-key error`, `3:1 duplicate-key error`},
		{"a key that is given twice, in two spellings", "{1: a, '1': b}", `1:8 duplicate-key error`, `1:8 duplicate-key error`},
		{"a directive", "%YAML 1.2\n---\na: b", `map{"a":"b"}`, `map{"a":"b"}`},
		{"several documents", "a: 1\n---\nb: 2\n--- c\n", `map{"a":1} map{"b":2} "c"`, `map{"a":1} map{"b":2} "c"`},
		{"an empty file", "", `<nil>`, ``},
		{"comments alone", "# a\n---\n# b\n", `<nil>`, ``},
		{"empty documents among others", "---\n---\na: 1\n---\n# b\n", `map{"a":1}`, `map{"a":1}`},
		{"a document that is null", "a: 1\n---\n~\n", `map{"a":1} <nil>`, `map{"a":1}`},
		{"a byte order mark before", "\ufeffa: b", `map{"a":"b"}`, `map{"a":"b"}`},
		{"byte order marks before documents", "a: b\n\ufeff---\nc: d\n---\n\ufeffe: f", `map{"a":"b"} map{"c":"d"} map{"e":"f"}`, `map{"a":"b"} map{"c":"d"} map{"e":"f"}`},
		{"a byte order mark within", "a: b\nc: d\ufeff", "map{\"a\":\"b\", \"c\":\"d\\ufeff\"} 2:5 byte-order-mark warning", "map{\"a\":\"b\", \"c\":\"d\\ufeff\"} 2:5 byte-order-mark warning"},
		{"a template", "name: {{ x }}\na: 1\na: 2", `1:7 template error`, `1:7 template error`},
		{"bombs of aliases", aliasBomb(12), `7:26 too-large error`, `7:26 too-large error`},
		{"bombs of merges", mergeBomb(40), `19:17 too-large error`, `19:17 too-large error`},
		{"bombs of texts", "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat(" *a,\n", 40) + "]", `32:2 too-large error`, `32:2 too-large error`},
		{"bombs of keys", "? &a " + strings.Repeat("x", 1<<20) + "\n: b\nc: [" + strings.Repeat(" {*a : x},\n", 40) + "]", `33:8 too-large error`, `33:8 too-large error`},
		{"an alias of itself", "a: &x [b, *x]", `1:11 recursive-alias error`, `1:11 recursive-alias error`},
		{"a merge of itself", "a: &x {b: c, <<: *x}", `1:18 recursive-alias error`, `1:18 recursive-alias error`},
		{"an alias of another document", "a: &x 1\n---\nb: *x", `3:4 unknown-alias error`, `3:4 unknown-alias error`},
		{"deep", strings.Repeat("[", 128) + strings.Repeat("]", 128), strings.Repeat("[]any{", 128) + strings.Repeat("}", 128), strings.Repeat("[]any{", 128) + strings.Repeat("}", 128)},
		{"too deep", strings.Repeat("[", 129) + strings.Repeat("]", 129), `1:129 too-deep error`, `1:129 too-deep error`},
		{"too deep by aliases", deepAliases(), `64:10 too-deep error`, `64:10 too-deep error`},
		{"aliases", "a: &x {b: c}\nd: [*x, *x]", `map{"a":map{"b":"c"}, "d":[]any{map{"b":"c"}, map{"b":"c"}}}`, `map{"a":map{"b":"c"}, "d":[]any{map{"b":"c"}, map{"b":"c"}}}`},
		{"a merge", "a: &x {b: 1, c: 1}\nd: {<<: *x, c: 2}", `map{"a":map{"b":1, "c":1}, "d":map{"b":1, "c":2}}`, `map{"a":map{"b":1, "c":1}, "d":map{"b":1, "c":2}}`},
		{"a merge of several", "{<<: [{a: 1, b: 1}, {b: 2, c: 2}]}", `map{"a":1, "b":1, "c":2}`, `map{"a":1, "b":1, "c":2}`},
		{"a merge of a list's alias", "a: &x [{b: 1}]\n<<: *x", `map{"a":[]any{map{"b":1}}, "b":1}`, `map{"a":[]any{map{"b":1}}, "b":1}`},
		{"a merge of a text", "a: b\n<<: c", `2:5 merge-key error`, `2:5 merge-key error`},
		{"two merges", "{<<: {a: 1}, <<: {b: 2}}", `1:14 duplicate-key error`, `1:14 duplicate-key error`},
		{"a quoted merge key", `{"<<": {a: 1}}`, `map{"<<":map{"a":1}}`, `map{"<<":map{"a":1}}`},
		{"keys of other types", "{1: a, 2.50: b, ~: c, 0x10: d}", `map{"0x10":"d", "1":"a", "2.50":"b", "null":"c"}`, `1:17 complex-key error`},
		{"keys of other types, as JSON has them", "{1: a, 2.50: b, 0x10: d}", `map{"0x10":"d", "1":"a", "2.50":"b"}`, `map{"1":"a", "16":"d", "2.5":"b"}`},
		{"a key that is a list", "? [a]\n: b", `1:3 complex-key error`, `1:3 complex-key error`},
		{"a key that is an alias", "&x a: b\nc: *x\n*x : d", `3:1 duplicate-key error`, `3:1 duplicate-key error`},
		{"a tag that does not fit", "a: !!int b", `1:4 wrong-tag error`, `1:4 wrong-tag error`},
		{"a tag of others", "a: !Ref b\nc: !Sub {d: e}", `map{"a":"b", "c":map{"d":"e"}}`, `map{"a":"b", "c":map{"d":"e"}}`},
		{"numbers", "[1, -1, 9223372036854775808, 1.5, 1e3]", `[]any{1, -1, 0x8000000000000000, 1.5, 1000}`, `[]any{1, -1, 0x8000000000000000, 1.5, 1000}`},
		{"numbers that are too large", "[-00099999999999999999999, +1e999, .5e999]", `[]any{"-99999999999999999999", "1e999", "0.5e999"} 1:2 leading-zero warning`, `[]any{-1e+20, "+1e999", ".5e999"}`},
		{"an escape of JSON", `"a\/b"`, `"a/b"`, `1:3 syntax error`},
		{"no YAML", "a: [b\nc: d\n", `1:4 syntax error`, `1:4 syntax error`},
		{"a fault in the second document", "a: b\n---\nc: 'd\n", `3:4 syntax error`, `3:4 syntax error`},
	}
	for _, tt := range tests {
		if got := read(Reader{}, tt.text, YAML); got != tt.yaml12 {
			t.Errorf("%s in YAML 1.2\ngot  %s\nwant %s", tt.name, got, tt.yaml12)
		}
		if got := read(Reader{Profile: yamldoc.Kubernetes}, tt.text, YAML); got != tt.kubernetes {
			t.Errorf("%s in Kubernetes\ngot  %s\nwant %s", tt.name, got, tt.kubernetes)
		}
	}
}

func aliasBomb(levels int) string {
	text := "a0: &a0 [x, x]\n"
	for i := 1; i < levels; i++ {
		alias := fmt.Sprintf("*a%d", i-1)
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Join([]string{alias, alias, alias, alias, alias, alias, alias, alias, alias}, ","))
	}
	return text
}

func mergeBomb(levels int) string {
	text := "a0: &a0 {x: text}\n"
	for i := 1; i < levels; i++ {
		text += fmt.Sprintf("a%d: &a%d {<<: [*a%d, *a%d]}\n", i, i, i-1, i-1)
	}
	return text
}

// deepAliases is a text whose lists get deeper by two with each line.
func deepAliases() string {
	text := "- &a0 [x]\n"
	for i := 1; i < 100; i++ {
		text += fmt.Sprintf("- &a%d [[*a%d]]\n", i, i-1)
	}
	return text
}

// TestTemplates: a template is told once, whatever it breaks; what has its braces in texts is
// none.
func TestTemplates(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"a: {{ x }}\n", "1:4 template error"},
		{"- {{ x }}\n", "1:3 template error"},
		{"a: {{ x }}/{{ y }}\n", "1:4 template error"},
		{"a: {{ include \"x\" . | quote }}\n", "1:4 template error"},
		{"a:\n  {{- if .x }}\n  b: c\n  {{- end }}\n", "2:3 template error"},
		{"{{ if x }}\na: b\n{{ end }}\n", "1:1 template error"},
		{"{% if x %}\na: b\n{% endif %}\n", "1:1 template error"},
		{"{# a comment #}\na: b\n", "1:1 template error"},
		{"spec:\n  {{ if x }}\n  a: 1\n  {{ end }}\n", "2:3 template error"},
		{"a: b\n  {{ toYaml x }}: c\n", "2:3 template error"},
		{"a: \"{{ include \"x\" . }}\"\n", "1:17 template error"},
		{"a: x-{{ b: c }}\n", "1:10 template error"},
		{"a: '{{ x }}'\nb: x{{ y }}\nc: |\n  {{ z }}\n", `map{"a":"{{ x }}", "b":"x{{ y }}", "c":"{{ z }}\n"}`},
		{"a: ${{ x }}: b\n", "1:12 syntax error"},
		{"a: \"{{ x }}\" b\n", "1:14 syntax error"},
		{"a: |\n  {{ x }}\n  {% y %}\nb: [\n", "4:4 syntax error"},
		{"a: {b: {c: d}}\n", `map{"a":map{"b":map{"c":"d"}}}`},
		{"a: {? {b: c} : d}\n", "1:7 complex-key error"},
	}
	for _, tt := range tests {
		if got := read(Reader{}, tt.text, YAML); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestNotText: what is no text is told once, at its place.
func TestNotText(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"a: b\nc: ü\xff", "2:5 not-utf8 error"},
		{"\xff\xfea\x00:\x00", "1:1 not-utf8 error"},
		{"\xfe\xff\x00a", "1:1 not-utf8 error"},
		{"a\x00:\x00 \x00b\x00", "1:1 not-utf8 error"},
		{"a: b\nc: d\x00", "2:5 not-text error"},
	}
	for _, tt := range tests {
		for _, format := range []Format{YAML, JSON, JSONC} {
			if got := read(Reader{}, tt.text, format); got != tt.want {
				t.Errorf("%q\ngot  %s\nwant %s", tt.text, got, tt.want)
			}
		}
	}
}

// TestFindingsAreBounded: a mistake that is made many times is told a hundred times, and an
// error behind as many warnings is still told.
func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("- 010\n", 500)
	if f := (Reader{}).Read("f", []byte(text), YAML); len(f.Findings) != 100 || len(f.Docs) != 1 {
		t.Errorf("%d findings, %d documents", len(f.Findings), len(f.Docs))
	}
	text += strings.Repeat("- {a: b, a: c}\n", 500)
	f := (Reader{}).Read("f", []byte(text), YAML)
	errors := 0
	for _, x := range f.Findings {
		if x.Severity == verdict.Error {
			errors++
		}
	}
	if len(f.Findings) != 200 || errors != 100 || len(f.Docs) != 0 {
		t.Errorf("%d findings, %d errors, %d documents", len(f.Findings), errors, len(f.Docs))
	}
}
