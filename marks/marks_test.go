package marks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/marks"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

var profile = syntax.Profile{AnyTag: true}

// shown is a mark in a line: its rules, what it covers, and its reason.
func shown(m verdict.Mark) string {
	covers := fmt.Sprintf("%d-%d", m.First, m.Last)
	if m.File {
		covers = "file"
	}
	text := fmt.Sprintf("%s %s", strings.Join(m.Rules, ","), covers)
	if m.Path != "" {
		text += " " + m.Path
	}
	if m.Reason != "" {
		text += ": " + m.Reason
	}
	if m.Until != "" {
		text += " (" + m.Until + ")"
	}
	return text
}

func in(text string, l marks.Language) string {
	var all []string
	for _, m := range marks.In("f", []byte(text), l, profile) {
		all = append(all, shown(m))
	}
	return strings.Join(all, "; ")
}

// TestWhatAMarkCovers has "IGN" for muster:ignore.
func TestWhatAMarkCovers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text, want string
		language         marks.Language
	}{
		{"a value", "a: 1\nb: 2 # IGN X r\nc: 3\n", "X 2-2 b: r", marks.YAML},
		{"a key with a block", "a:  # IGN X r\n  b: 1\n\n  c: 2\n\nd: 3\n", "X 1-4 a: r", marks.YAML},
		{"a key with a list at its column", "a:  # IGN X r\n- b: 1\n- c\nd: 3\n", "X 1-3 a: r", marks.YAML},
		{"a key with a list below", "w:\n  x:  # IGN X r\n    - b: 1\n    - c\nd: 3\n", "X 2-4 w.x: r", marks.YAML},
		{"a block of text", "a: | # IGN X r\n  # IGN Y no\n  b\nc: 3\n", "X 1-3 a: r", marks.YAML},
		{"the first key of an item", "w:\n- name: a # IGN X r\n  b: 1\n", "X 2-2 w[name=a].name: r", marks.YAML},
		{"the last key of an item", "w:\n- name: a\n  b: 1 # IGN X r\n", "X 3-3 w[name=a].b: r", marks.YAML},
		{"an item of one line", "w:\n- {name: a, b: 1} # IGN X r\n- c\n", "X 2-2 w[name=a]: r", marks.YAML},
		{"a scalar item", "w: # a comment\n- a # IGN X r\n- c\n", "X 2-2 w[]: r", marks.YAML},
		{"braces in a line", "a: {b: 1, c: 2} # IGN X r\nd: 1\n", "X 1-1 a: r", marks.YAML},
		{"braces that go on", "a: {b: 1, # IGN X r\n  c: 2,\n}\nd: 1\n", "X 1-1 a.b: r", marks.YAML},
		{"an open bracket", "a: [ # IGN X r\n  1,\n  2,\n]\nd: 1\n", "X 1-4 a: r", marks.YAML},
		{"a closing bracket", "a: [\n  1,\n  2,\n] # IGN X r\nd: 1\n", "X 1-4 a: r", marks.YAML},
		{"an item in brackets", "a: [\n  1, # IGN X r\n  2,\n]\n", "X 2-2 a[]: r", marks.YAML},
		{"two lines that share one", "a: [1,\n  2], # IGN X r\n", "X 2-2: r", marks.YAML},
		{"the end of a long text", "a: \"b\n  c\" # IGN X r\nd: 1\n", "X 1-2 a: r", marks.YAML},
		{"the line before", "a: 1\n# IGN X r\nb: 2\nc: 3\n", "X 3-3 b: r", marks.YAML},
		{"the line before a block", "a: 1\n# IGN X r\nb:\n  c: 2\n  d: 2\ne: 3\n", "X 3-5 b: r", marks.YAML},
		{"the line before an item", "w:\n  # IGN X r\n  - name: a\n    b: 1\n  - c: 1\n", "X 3-4 w[name=a]: r", marks.YAML},
		{"stacked, with blanks and comments between", "# IGN X r\n\n# about a\n#IGN Y s\n  \na: 1\nb: 1\n", "X 6-6 a: r; Y 6-6 a: s", marks.YAML},
		{"before what is less deep", "a:\n  b: 1\n  # IGN X r\nc: 3\nd: 1\n", "X 4-4 c: r", marks.YAML},
		{"before a document", "# IGN X r\n---\na: 1\nb: 2\n---\nc: 1\n", "X 2-4: r", marks.YAML},
		{"of a document", "a: 1\n--- # IGN X r\nb: 1\nc: 1\n", "X 2-4: r", marks.YAML},
		{"in the second document", "a: 1\n---\nb: [{name: c}]\nc:\n- name: d\n  e: 1 # IGN X r\n", "X 6-6 c[name=d].e: r", marks.YAML},
		{"behind everything", "a: 1\n# IGN X r\n", "X 0-0: r", marks.YAML},
		{"a file", "a: 1\n  # IGN-file X,Y* r\nb: 1\n", "X,Y* file: r", marks.YAML},
		{"a file of comments", "# IGN-file X r\n", "X file: r", marks.YAML},
		{"a scalar alone", "# IGN X r\nabc\n", "X 2-2: r", marks.YAML},
		{"line ends of Windows", "a: 1\r\n# IGN X r\r\nb:\r\n  c: 1\r\n", "X 3-4 b: r", marks.YAML},
		{"a byte order mark", "\ufeff# IGN X r\na: 1\n", "X 2-2 a: r", marks.YAML},
		{"a key with a dot", "a.b: 1 # IGN X r\n", `X 1-1 ["a.b"]: r`, marks.YAML},
		{"an anchor", "a: &x # IGN X r\n  b: 1\nc: *x\n", "X 1-2 a: r", marks.YAML},

		{"inside double quotes", "a: \"x # IGN X r\"\nb: \"\\\" # IGN X r\"\n", "", marks.YAML},
		{"inside single quotes", "a: 'it''s # IGN X r'\n", "", marks.YAML},
		{"inside quotes of many lines", "a: \"x\n  # IGN X r\n  y\"\n", "", marks.YAML},
		{"behind quotes", "a: 'x' # IGN X r\n", "X 1-1 a: r", marks.YAML},
		{"a key in quotes", "\"a # IGN X r\": 1\n", "", marks.YAML},
		{"inside a block of text", "a: |\n  # IGN X r\n\n  # IGN X r\nb: 1\n", "", marks.YAML},
		{"inside a folded one in a list", "- >-\n  # IGN X r\n- b\n", "", marks.YAML},
		{"inside one that says its depth", "a:\n  - b: |1\n     # IGN X r\n    c: 1\n", "", marks.YAML},
		{"inside one with an anchor", "a: &x !!str |\n  # IGN X r\nb: 1\n", "", marks.YAML},
		{"behind a block of text", "a:\n  b: |\n    x\n   # IGN X r\n  c: 1\n", "X 5-5 a.c: r", marks.YAML},
		{"inside plain text", "a: x# IGN X r\nb: http://a/#IGN X\n", "", marks.YAML},
		{"an apostrophe in plain text", "a: it's # IGN X r\nb: it's\n", "X 1-1 a: r", marks.YAML},
		{"not first in its comment", "a: 1 # see IGN X r\n", "", marks.YAML},

		{"a broken file", "a: [1\nb:\n  # IGN X r\n  c:\n    d: 1\n  e: 1\nf: 'x # IGN Y no' # IGN Z s\ng: # IGN W t\n- x\nh: 1\n", "X 4-5: r; Z 7-7: s; W 8-9: t", marks.YAML},
		{"a broken file with an open quote", "a: \"x # IGN X r\nb: 1\n", "X 1-1: r", marks.YAML},

		{"JSON's line", "{\n  \"a\": 1, // IGN X r\n  \"b\": 2\n}\n", "X 2-2 a: r", marks.JSONC},
		{"JSON's line before", "{\n  // IGN X r\n  \"a\": {\n    \"b\": 2\n  },\n  \"c\": 1\n}\n", "X 3-5 a: r", marks.JSONC},
		{"JSON's open bracket", "{\n  \"w\": [ // IGN X r\n    {\"name\": \"a\"}, /* IGN Y s */\n  ],\n  \"c\": 1,\n}\n", "X 2-4 w: r; Y 3-3 w[name=a]: s", marks.JSONC},
		{"JSON's comment before a value", "{\n  /* IGN X r */ \"a\": 1,\n  \"c\": 1\n}\n", "X 2-2 a: r", marks.JSONC},
		{"JSON's comment of many lines", "{\n  /**\n   * IGN X r\n   * IGN-file Y s\n   */\n  \"a\": [\n1],\n  \"c\": 1\n}\n", "X 6-7 a: r; Y file: s", marks.JSONC},
		{"inside a text of JSON", `{"a": "// IGN X r", "b": "\"/* IGN X r */"}`, "", marks.JSONC},
		{"a tab of JSON", "{\n\t\"a\": 1, // IGN X r\n\t\"b\": \"\\/\"\n}\n", "X 2-2 a: r", marks.JSONC},
		{"a broken JSON", "{\n  // IGN X r\n  \"a\": {\n    \"b\": 2\n  },\n  \"c\" 1\n", "X 3-5: r", marks.JSONC},
		{"plain JSON", "{\n  \"a\": 1 // IGN X r\n}\n", "", marks.None},

		{"a template's line", "a {{ x }} {# IGN X r #}\nb\n", "X 1-1: r", marks.Template},
		{"a template's line before", "{#- IGN X r -#}\n\nb {{ x }}\nc\n", "X 3-3: r", marks.Template},
		{"a template's block", "{# IGN X r #}\n{% for a in b %}\n{% if a %}x{% endif %}\n{{ a }}\n{%- endfor -%}\nc\n", "X 2-5: r", marks.Template},
		{"a template's block in its line", "{% if a %} {# IGN X r #}\n{{ a }}\n{% endif %}\nc\n", "X 1-3: r", marks.Template},
		{"a template's comment of many lines", "{#\n  IGN X r\n  IGN-file Y s\n#}\nb\n", "X 5-5: r; Y file: s", marks.Template},
		{"what a template writes", "# IGN X r\n{{ x }}\n{{ \"{# IGN X r #}\" }}\n{% raw %}{# IGN X r #}{% endraw %}\n", "", marks.Template},
		{"a template that goes on", "{% if a %} {# IGN X r #}\n{{ a", "X 1-2: r", marks.Template},
		{"a comment that goes on", "a {# IGN X r", "X 1-1: r", marks.Template},

		{"a text's signs", "# IGN A r\n// IGN B r\n-- IGN C r\n; IGN D r\n<!-- IGN E r -->\n  /* IGN F r */\nuses x\nuses y\n", "A 7-7: r; B 7-7: r; C 7-7: r; D 7-7: r; E 7-7: r; F 7-7: r", marks.Text},
		{"a text's own comment", "# IGN A r\n# x\nuses x\n", "A 2-2: r", marks.Text},
		{"not first in its line", "uses x # IGN A r\n", "", marks.Text},
		{"not the sign's", "#see IGN A r\n! IGN A r\n", "", marks.Text},
		{"a text as a whole", "uses x\n// IGN-file A r\n", "A file: r", marks.Text},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := in(strings.ReplaceAll(tt.text, "IGN", "muster:ignore"), tt.language); got != tt.want {
				t.Errorf("%s\n%q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestWhatAMarkSays(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	for text, want := range map[string]string{
		"muster:ignore M101 because of it":                   "M101 2-2 a: because of it",
		"muster:ignore M101,no-name , x/*,M2 why":            "M101,no-name,x/*,M2 2-2 a: why",
		"muster:ignore M101, M102 why":                       "M101,M102 2-2 a: why",
		"muster:ignore M101 ,M102 why":                       "M101,M102 2-2 a: why",
		"muster:ignore M101 until=2026-12-31 why not":        "M101 2-2 a: why not (2026-12-31)",
		"muster:ignore M101 why until=soon not until=x":      "M101 2-2 a: why not (until=soon until=x)",
		"muster:ignore M101 why until=":                      "M101 2-2 a: why (until=)",
		"muster:ignore M101 until= why until=2026-12-31":     "M101 2-2 a: why (until= until=2026-12-31)",
		"muster:ignore M101 -- why":                          "M101 2-2 a: why",
		"muster:ignore M101 – : why":                         "M101 2-2 a: why",
		"muster:ignore * 修正待ち":                               "* 2-2 a: 修正待ち",
		"muster:ignore M101":                                 "M101 2-2 a",
		"muster:ignore M101 ...":                             "M101 2-2 a",
		"muster:ignore M101 until=2026-12-31":                "M101 2-2 a (2026-12-31)",
		"muster:ignore until=2026-12-31 why":                 " 2-2 a: why (2026-12-31)",
		"muster:ignore":                                      " 2-2 a",
		"muster:ignore ,":                                    " 2-2 a",
		"muster:ignored M101 why":                            " 2-2 a",
		"muster:ignore-line M101 why":                        " 2-2 a",
		"muster:ignore: M101 why":                            " 2-2 a",
		"muster:ignore-file":                                 " file",
		"muster:ignore-files M101 why":                       " 2-2 a",
		"muster:ignore\tM101\twhy \t not":                    "M101 2-2 a: why not",
		"Muster:ignore M101 why":                             "",
		"muster: ignore M101 why":                            "",
		"muster:ignore " + long + " " + long:                 long[:200] + "… 2-2 a: " + long[:500] + "…",
		"muster:ignore a" + strings.Repeat(",a", 100) + " b": "a" + strings.Repeat(",a", 49) + " 2-2 a: b",
	} {
		if got := in("# "+text+"\na: 1\n", marks.YAML); got != want {
			t.Errorf("%.80s: %q, want %q", text, got, want)
		}
	}
}

// TestWhereAMarkStands: its place is that of its word, by characters.
func TestWhereAMarkStands(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text     string
		language marks.Language
		want     string
	}{
		{"é: \"ü\" #  muster:ignore X r\n", marks.YAML, "f:1:11"},
		{"{\n\"é\": 1, /* muster:ignore X r */ \"b\": 1}", marks.JSONC, "f:2:12"},
		{"é\né {#- muster:ignore X r #}\n", marks.Template, "f:2:7"},
		{"é\n  <!-- muster:ignore X r -->\n", marks.Text, "f:2:8"},
	} {
		all := marks.In("f", []byte(tt.text), tt.language, profile)
		if len(all) != 1 || all[0].Place.String() != tt.want {
			t.Errorf("%q: %v, want %s", tt.text, all, tt.want)
		}
	}
}

func TestThereAreNotTooMany(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("# muster:ignore X r\n", 3000) + "a: 1\n"
	if n := len(marks.In("f", []byte(text), marks.YAML, profile)); n != marks.Most {
		t.Errorf("%d marks", n)
	}
}

// TestManyMarksTakeNoTime: a thousand marks before the same block of a large file are one look.
func TestManyMarksTakeNoTime(t *testing.T) {
	t.Parallel()
	stack := strings.Repeat("# muster:ignore X r\n", marks.Most)
	for what, text := range map[string]string{
		"blank lines": stack + strings.Repeat("\n", 900_000) + "a: 1\n",
		"a block":     stack + "a:\n" + strings.Repeat(" - 1\n", 150_000),
		"broken":      stack + "a: [\n" + strings.Repeat(" - 1\n", 150_000),
	} {
		start := time.Now()
		all := marks.In("f", []byte(text), marks.YAML, profile)
		if took := time.Since(start); len(all) != marks.Most || all[0].Last == 0 || took > time.Minute {
			t.Errorf("%s: %d marks, the first of the lines %d to %d, after %s", what, len(all), all[0].First, all[0].Last, took)
		}
	}
}

// FuzzIn: whatever a file is, its marks stand in comments, cover lines that it has, and are small.
func FuzzIn(f *testing.F) {
	for l := marks.None; l <= marks.Text; l++ {
		for _, text := range []string{
			"a: # muster:ignore X r\n  - {b: \"# muster:ignore\", c: '#'}\n# muster:ignore-file Y, Z until=2026-01-01 s\n---\nd: |\n # muster:ignore\n",
			"{\"a\": [1, // muster:ignore X r\n 2], /* muster:ignore Y\n * muster:ignore Z */ \"b\": \"/*\"}",
			"{# muster:ignore X r #}{% for a in b %}\n{{ a }}{% endfor %}{% raw %}{#{% endraw %}",
			"# muster:ignore X r\r\n<!-- muster:ignore Y -->\r\nx",
			"? [a, # muster:ignore\n b]\n: !!str &a # muster:ignore X r\n  \"x\n  y\"\n<<: *a",
			"\"a",
		} {
			f.Add(text, uint8(l))
		}
	}
	f.Fuzz(func(t *testing.T, text string, language uint8) {
		l := marks.Language(language % 5)
		all := marks.In("f", []byte(text), l, yamldoc.YAML12.Syntax)
		lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
		for i, m := range all {
			if m.Line < 1 || m.Line > len(lines) || m.First < 0 || m.Last < m.First || m.Last > len(lines) || (m.First == 0) != (m.Last == 0) || m.File && m.First > 0 {
				t.Fatalf("%+v, in %d lines", m, len(lines))
			}
			if r := []rune(lines[m.Line-1]); m.Column < 1 || m.Column > len(r) || !strings.HasPrefix(string(r[m.Column-1:]), "muster:ignore") {
				t.Fatalf("%+v does not stand in %q", m, lines[m.Line-1])
			}
			if len(m.Rules) > 50 || len(m.Reason) > 510 || len(m.Until) > 70 || len(m.Path) > 1100 {
				t.Fatalf("%+v is large", m)
			}
			if i > 0 && all[i-1].Place.Compare(m.Place) > 0 {
				t.Fatalf("%+v stands before %+v", m, all[i-1])
			}
		}
		if l == marks.YAML && len(all) > 0 {
			checkComments(t, text, lines, all)
		}
	})
}

// checkComments: without the comments in which marks stand, a YAML text says the same.
func checkComments(t *testing.T, text string, lines []string, all []verdict.Mark) {
	t.Helper()
	if strings.ContainsAny(text, "\r\u0085\u2028\u2029\ufeff") {
		return // lines are counted by line feeds
	}
	before, fault := syntax.ParseAll([]byte(text), yamldoc.YAML12.Syntax)
	if fault != nil {
		return
	}
	for _, m := range all {
		l := lines[m.Line-1]
		sign := strings.LastIndexByte(string([]rune(l)[:m.Column-1]), '#')
		lines[m.Line-1] = l[:sign+1]
	}
	after, fault := syntax.ParseAll([]byte(strings.Join(lines, "\n")), yamldoc.YAML12.Syntax)
	if fault != nil {
		t.Fatalf("%q: without marks %v", text, fault)
	}
	if a, b := dump(before...), dump(after...); a != b {
		t.Fatalf("%q:\n%s\nwithout marks\n%s", text, a, b)
	}
}
