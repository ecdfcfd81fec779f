package ecma

import (
	"errors"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "anything", true},
		{".*", "two\nlines", true},
		{"^.*$", "two\nlines", false},
		{"b", "abc", true},
		{"^b", "abc", false},
		{`^10\.\d{4,9}\/[^,]+$`, "10.1093/bioinformatics", true},
		{`^(?!x-)[a-z-]+$`, "y-a", true},
		{`^(?!x-)[a-z-]+$`, "x-a", false},
		{`^(a|b)\1$`, "aa", true},
		{`^(a|b)\1$`, "ab", false},
		{`^(?=.*[0-9])\d$`, "९", false}, // \d is 0 to 9
		{`^(?=.)[^\S\r\n]$`, "\u00a0", true},
		{`^\u00e9$`, "é", true},
		{`^(?=.)\p{L}+$`, "äö", true},
		{`^[^]$`, "\n", true},
		{"^(" + strings.Repeat("abcdefg|", 5000) + "x)$", "x", true},
		{strings.Repeat("a{1000}", 2500), "a", false},
		{strings.Repeat("(?:a{1000}){1000}", 2500), "a", false},
		{strings.Repeat(`\p{L}`, 5000), "a", false},
	}
	for _, tt := range tests {
		re, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got, err := re.Match(tt.text); err != nil || got != tt.want || re.MatchString(tt.text) != tt.want || re.String() != tt.pattern {
			t.Errorf("%.40s on %q: got %v, %v; expected %v", re, tt.text, got, err, tt.want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"(", "a{2,1}", "[z-a]", "*", strings.Repeat("a", maxPattern+1)} {
		if re, err := Compile(pattern); err == nil {
			t.Errorf("%.40s compiles: %v", pattern, re.full != nil)
		}
	}
}

// TestMatchHasALimit: an expression that goes back for ever is not decided, and says so.
func TestMatchHasALimit(t *testing.T) {
	t.Parallel()
	re, err := Compile(`^(?=a)(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a", 40) + "b"
	if got, err := re.Match(text); got || !errors.Is(err, ErrUndecided) || re.MatchString(text) {
		t.Errorf("got %v, %v", got, err)
	}
}
