package report

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// allOptions are the ways in which a report is asked for.
var allOptions = []Options{{}, {Verbose: true}, {Quiet: true}, {Color: true}, {Color: true, Verbose: true}, {Color: true, Quiet: true}}

// TestEveryFormatIsWellFormed holds every case in every option, and what is hostile in every
// text, against what the format's readers take.
func TestEveryFormatIsWellFormed(t *testing.T) {
	t.Parallel()
	all := cases()
	for _, f := range Formats() {
		for _, c := range all {
			if c.report.Summary.Expected < 1000 { // larger ones say nothing new
				wellFormed(t, f, contracts[f.Name], c.name, c.report)
			}
		}
		for _, s := range hostileTexts {
			wellFormed(t, f, contracts[f.Name], fmt.Sprintf("a report full of %q", s), filledWith(s))
		}
	}
}

func wellFormed(t *testing.T, f Format, c contract, what string, r Report) {
	t.Helper()
	var before []byte
	for _, o := range allOptions { // those without colour first
		out := written(t, f, r, o)
		if before != nil && bytes.Equal(out, before) {
			continue
		}
		before = out
		if err := c.valid(out, o); err != nil {
			t.Errorf("%s of %s with %+v is malformed: %v", f.Name, what, o, err)
		}
	}
}

// hostileTexts would like to be something else than text.
var hostileTexts = []string{
	"", " ", "plain", "\x00", "\x1b[31mred\x1b[0m", "\x1b]8;;http://x\a", "\a\b\x7f", "\u009b2J", "a\nb", "a\r\nb\tc\v\f", "\u2028\u2029\u0085",
	"\u202egnp.exe\u202c", "\u2066x\u2069\u200f", "\ufeff\u200b", "\xff\xfe", "\xe2\x80", "\xc3\x28\xed\xa0\x80", "\ufffd\ufffe\U0010ffff",
	"::error::x", "\n::error file=a,line=1::x", " ::error::x", "\u2003::set-output name=a::b", "::::stop", "##vso[task.x]", "##[group]", "a##[error]",
	"<script>alert(1)</script>", "]]>", "<!--", "&amp;&#0;&x;", `"`, `\`, `\"`, "'", "`", "|", "{{ x }}", "${x}", "%0A%0D", "%s%n%!", "=cmd()", "```",
	strings.Repeat("long ", 100), strings.Repeat("é", 7) + "\xff", "東京 🚢 \U000e0041",
}

// FuzzFormatsStayWellFormed puts two texts into every field of a report, and expects every
// format to stay what its readers take it for.
func FuzzFormatsStayWellFormed(f *testing.F) {
	for i, s := range hostileTexts {
		f.Add(s, hostileTexts[(i+1)%len(hostileTexts)], i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, a, b string, turn bool) {
		both := func() string {
			if turn = !turn; turn {
				return a
			}
			return b
		}
		var r Report
		number := 0
		fill(reflect.ValueOf(&r).Elem(), both, &number)
		for _, format := range Formats() {
			wellFormed(t, format, contracts[format.Name], fmt.Sprintf("%q and %q", a, b), r)
		}
	})
}
