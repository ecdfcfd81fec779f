package report

import (
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// TestCaretsStandUnderTheValue: whatever stands before a value, in columns of a terminal, and
// whatever it is, the carets are below it and as wide.
func TestCaretsStandUnderTheValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, line string
		column     int
		want       string
	}{
		{"plain", "cpu: 750m # too much", 6, "1 | cpu: 750m # too much\n  |      ^^^^\n"},
		{"a tab before it", "\tcpu:\t750m", 7, "1 |     cpu:    750m\n  |             ^^^^\n"},
		{"a tab inside", "a: b\tc", 4, "1 | a: b    c\n  |    ^^^^^^\n"},
		{"wide letters before it", "名前: billing", 5, "1 | 名前: billing\n  |       ^^^^^^^\n"},
		{"wide letters", "team: 東京", 7, "1 | team: 東京\n  |       ^^^^\n"},
		{"half-width letters", "team: ﾄｳｷｮｳ", 7, "1 | team: ﾄｳｷｮｳ\n  |       ^^^^^\n"},
		{"an emoji before it", "🚢: billing", 4, "1 | 🚢: billing\n  |     ^^^^^^^\n"},
		{"an emoji of several runes", "a: 👍🏽", 4, "1 | a: 👍🏽\n  |    ^^\n"},
		{"a flag", "🇬🇧: x", 5, "1 | 🇬🇧: x\n  |     ^\n"},
		{"a joined emoji is spelt out", "👩\u200d🚀: x", 6, "1 | 👩\\u200d🚀: x\n  |             ^\n"},
		{"a combining mark before it", "cafe\u0301: x", 8, "1 | cafe\u0301: x\n  |       ^\n"},
		{"a combining mark in it", "x: cafe\u0301", 4, "1 | x: cafe\u0301\n  |    ^^^^\n"},
		{"a zero-width space before it", "a\u200bb: x", 6, "1 | a\\u200bb: x\n  |           ^\n"},
		{"an escape sequence before it", "\x1b[31ma: x", 9, "1 | \\x1b[31ma: x\n  |            ^\n"},
		{"a change of direction in it", "a: \u202eb\u202c", 4, "1 | a: \\u202eb\\u202c\n  |    ^^^^^^^^^^^^^\n"},
		{"bytes that are no text", "a: \xff\xfe", 4, "1 | a: \\ufffd\\ufffd\n  |    ^^^^^^^^^^^^\n"},
		{"a command of a CI system before it", "##vso[task.x]a: b", 17, "1 | \\x23#vso[task.x]a: b\n  |                    ^\n"},
		{"the end of the line", "a:", 3, "1 | a:\n  |   ^\n"},
		{"behind the end of the line", "a:", 9, "1 | a:\n  |   ^\n"},
		{"an empty line", "", 1, "1 |\n  | ^\n"},
		{"no column", "a: b", 0, "1 | a: b\n"},
	} {
		if got := shown(excerpt{Snippet: Cut([]byte(c.line+"\n"), verdict.Place{Line: 1}), Place: verdict.Place{File: "a.yml", Line: 1, Column: c.column}, digits: 1}); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

// shown is an excerpt without the blanks in front.
func shown(e excerpt) string {
	var b strings.Builder
	for _, line := range e.lines(func(carets string) string { return carets }) {
		b.WriteString(strings.TrimPrefix(line, "  ") + "\n")
	}
	return b.String()
}

// TestTheValueIsTheWholeToken: from the column of a finding to where the value ends, whatever
// language the file is in.
func TestTheValueIsTheWholeToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, marked string }{
		{"a.yml", "replicas: <two>"},
		{"a.yml", "replicas: <two words>  # a comment"},
		{"a.yml", "<replicas>: two"},
		{"a.yml", "url: <http://x:80/#a>"},
		{"a.yml", "a: [x, <y z>, w]"},
		{"a.yml", "a: [<x>]"},
		{"a.yml", "a: {<b>: c}"},
		{"a.yml", "a: {b: <c d>}"},
		{"a.yml", `a: <"x \" y"> # b`},
		{"a.yml", "a: <'it''s'> # b"},
		{"a.yml", `a: <"no end>`},
		{"a.yml", "a: <{b: [c, '}']}> # d"},
		{"a.yml", "a: <[>b,"},
		{"a.yml", "- <x y>"},
		{"a.yml", "- - <x>"},
		{"a.yml", "a: &b <x y>"},
		{"a.yml", "a: !!str <x y>"},
		{"a.yml", "a: <|->"},
		{"a.yml", "expr: sum(<rate>(x[5m]))"},
		{"a.yml", `a: "{{ <env.HOST> }}"`},
		{"a.yml", `a: it's {{ <env.HOST> }}`},
		{"a.yml", `a: ["x, <y>"]`},
		{"a.yml", "a: x<)>"},
		{"a.json", `{"a":<12>,"b":3}`},
		{"a.json", `{<"a">: 12}`},
		{"shipcat.conf", "  replicaCount: <2>"},
		{"a.j2", "{{ <env.MAX_HOURS> }}"},
		{"a.j2", "{% <frobnicate> x %}"},
		{"a.j2", "x <{>"},
		{"a.yml", "a: <名前 x> # b"},
	} {
		before, rest, _ := strings.Cut(c.marked, "<")
		want, behind, _ := strings.Cut(rest, ">")
		line := before + want + behind
		n := tokenAt(c.file, line, len([]rune(before))+1)
		if got := string([]rune(want + behind)[:n]); got != want {
			t.Errorf("%s: %s: the value is %q", c.file, c.marked, got)
		}
	}
	for _, column := range []int{0, -1, 3, 99} {
		if n := tokenAt("a.yml", "ab", column); n != 1 {
			t.Errorf("at column %d of two the value is %d runes long", column, n)
		}
	}
}

// TestLongLinesAreCutAroundTheValue, all lines of an excerpt alike.
func TestLongLinesAreCutAroundTheValue(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("abcdefgh ", 30)
	wide := strings.Repeat("東", 60)
	for _, c := range []struct {
		name, text   string
		line, column int
		want         string
	}{
		{"at the end", "short: 1\nk: " + long + "X\nnext: 2", 2, len("k: "+long) + 1,
			"1 |\n2 | …fgh abcdefgh abcdefgh abcdefgh X\n  |                                 ^\n3 |\n"},
		{"at the beginning", "k: " + long, 1, 1, "1 | k: abcdefgh abcdefgh abcdefgh abc…\n  | ^\n"},
		{"in the middle", "k: '" + long + "' # " + long, 1, 4, "1 | k: 'abcdefgh abcdefgh abcdefgh ab…\n  |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"},
		{"behind wide letters", wide + ": x", 1, 63, "1 | … 東東東東東東東東東東東東東東: x\n  |                                 ^\n"},
	} {
		e := excerpt{Snippet: Cut([]byte(c.text), verdict.Place{Line: c.line}), Place: verdict.Place{File: "a.yml", Line: c.line, Column: c.column}, around: 1, digits: 1, width: leastWidth}
		if got := shown(e); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
		for line := range strings.Lines(shown(e)) {
			if n := cells.StringWidth(strings.TrimSuffix(line, "\n")); n > leastWidth-2 {
				t.Errorf("%s: %q takes %d columns", c.name, line, n)
			}
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	file := "one\r\ntwo\nthree\nfour\nfive\nsix"
	for _, c := range []struct {
		line int
		want Snippet
	}{
		{1, Snippet{First: 1, Lines: []string{"one", "two", "three"}}},
		{4, Snippet{First: 2, Lines: []string{"two", "three", "four", "five", "six"}}},
		{6, Snippet{First: 4, Lines: []string{"four", "five", "six"}}},
		{0, Snippet{First: 1}},
		{7, Snippet{}},
		{99, Snippet{}},
	} {
		got := Cut([]byte(file), verdict.Place{Line: c.line})
		if got.First != c.want.First && len(c.want.Lines) > 0 || strings.Join(got.Lines, "|") != strings.Join(c.want.Lines, "|") || got.Gone != "" {
			t.Errorf("line %d: %+v, want %+v", c.line, got, c.want)
		}
	}
	huge := Cut([]byte("a\n"+strings.Repeat("é", longestLine)+"\nc"), verdict.Place{Line: 2})
	if huge.Gone == "" || len(huge.Lines) != 0 {
		t.Errorf("a line of 16 KiB is shown, or nobody says why not: %q", huge.Gone)
	}
	if beside := Cut([]byte("a\n"+strings.Repeat("é", longestLine)+"\nc"), verdict.Place{Line: 1}); len(beside.Lines) != 3 || len(beside.Lines[1]) > longestLine {
		t.Errorf("beside it %d lines are shown", len(beside.Lines))
	}
}
