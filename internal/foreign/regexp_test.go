package foreign

import (
	"strings"
	"testing"
	"time"
)

// TestRegexp: a pattern that stands for a program of any size is refused before it is compiled.
func TestRegexp(t *testing.T) {
	t.Parallel()
	hosts := strings.Repeat("host-01.example.com|", 800)
	tests := []struct{ name, text, want string }{
		{"ordinary", `^[A-Z]{3,4}\.\p{Nd}+$`, ""},
		{"every name of a cluster", hosts, ""},
		{"many repetitions", strings.Repeat("a{1000}", 90), ""},
		{"too many", strings.Repeat("a{1000}", 200), "it repeats its parts too often: it stands for more than 100000 instructions"},
		{"a word", "(?:" + strings.Repeat("a", 99) + "){1000}", ""},
		{"a long word", "(?:" + strings.Repeat("a", 900) + "){1000}", "it repeats its parts too often: it stands for more than 100000 instructions"},
		{"a wide class", `(?:\pL){900}`, "it repeats its parts too often: it stands for more than 100000 instructions"},
		{"an optional end", "(?:[^a]?b*){999,}" + strings.Repeat("(?:[^a]?b*){999,}", 60), "it repeats"},
		{"inside each other", strings.Repeat("(?:", 8) + "a{2}" + strings.Repeat("){2}", 8) + "[a-z]{99}" + strings.Repeat("b{900}", 150), "it repeats"},
		{"classes of Unicode", strings.Repeat(`\pL`, 2000), "it repeats its parts too often"},
		{"classes of Unicode, not", strings.Repeat(`\PL`, 900), "it repeats its parts too often"},
		{"long", hosts + hosts, "it is 32000 bytes long; expected at most 16384"},
		{"none", "(", "error parsing regexp: missing closing ): `(`"},
		{"deep", strings.Repeat("(", 5000) + strings.Repeat(")", 5000), "error parsing regexp: expression nests too deeply: `((("},
		{"open", strings.Repeat("(", 5000), "error parsing regexp: missing closing ): `((("},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			within(t, 2*time.Minute, func() {
				_, err := Regexp(tt.text)
				if got := said(err); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
					t.Errorf("got %q; expected %q", got, tt.want)
				}
			})
		})
	}
}

// FuzzRegexp: a program of bounded size, or why there is none.
func FuzzRegexp(f *testing.F) {
	for _, text := range []string{
		"a", "(a|b)*c", "a{1000}", "(a{10}){10}", "((a{2}){2}){2}", `\p{Greek}`, `\pL\PL`, "[[:^alpha:]]", "(?i)k", "(?P<n>a)", "(", "a**", "[z-a]", `\8`, "x{2,1}", `\Q..\E`, "\xff", "(?s).*",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answered(t, text, func() error {
			_, err := Regexp(text)
			return err
		})
	})
}
