package yamldoc

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed306eabeb/muster/verdict"
)

func TestNotText(t *testing.T) {
	t.Parallel()
	const (
		here    = "the file is not valid UTF-8 here (save it as UTF-8; "
		latin   = here + "it looks like Latin-1 (ISO 8859-1) or Windows-1252)"
		windows = here + "it looks like Windows-1252, or like no text at all)"
		damaged = here + "a character is damaged here, or text in another encoding was put in)"
	)
	tests := []struct{ name, text, want string }{
		{"ASCII", "a: b\n", ""},
		{"nothing", "", ""},
		{"UTF-8", "a: é\U0001f600\n", ""},
		{"with a byte order mark", "\ufeffa: b\n", ""},
		{"a zero", "a\x00b", ""},
		{"Latin-1", "a: b\n# Gr\xfc\xdfe\n", "2:5 " + latin},
		{"Latin-1, first", "\xe9", "1:1 " + latin},
		{"Windows-1252", "a: \x80\n", "1:4 " + windows},
		{"UTF-8, cut", "a: é\n# é\xc3\n", "2:4 " + damaged},
		{"UTF-8 and Latin-1", "é: \xe9", "1:4 " + damaged},
		{"an overlong form", "a: \xc0\xaf", "1:4 " + latin},
		{"a surrogate", "a: \xed\xa0\x80", "1:4 " + latin},
		{"UTF-16", wide("a: é\n", true, true), "1:1 the file is UTF-16, not UTF-8 (save it as UTF-8)"},
		{"UTF-16, the other way round", wide("a: é\n", false, true), "1:1 the file is UTF-16, not UTF-8 (save it as UTF-8)"},
		{"UTF-16 alone", wide("a: b\n", true, false), "1:1 the file is UTF-16 without a byte order mark, not UTF-8 (save it as UTF-8)"},
		{"UTF-16 alone, the other way round", wide("a: b\n", false, false), "1:1 the file is UTF-16 without a byte order mark, not UTF-8 (save it as UTF-8)"},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", "1:1 the file is UTF-32, not UTF-8 (save it as UTF-8)"},
		{"UTF-32, the other way round", "\x00\x00\xfe\xff\x00\x00\x00a", "1:1 the file is UTF-32, not UTF-8 (save it as UTF-8)"},
		{"UTF-32 alone", "a\x00\x00\x00:\x00\x00\x00", "1:1 the file is UTF-32 without a byte order mark, not UTF-8 (save it as UTF-8)"},
	}
	for _, tt := range tests {
		got := ""
		if f, bad := testReader(Serde).NotText("f", []byte(tt.text)); bad {
			got = strings.TrimSuffix(strings.TrimPrefix(say([]verdict.Finding{f}), "NotUTF8 "), "\n")
			got = strings.Replace(got, " : ", " ", 1)
		}
		if got != tt.want {
			t.Errorf("%s: got %q; expected %q", tt.name, got, tt.want)
		}
	}
}

// wide is a text in UTF-16.
func wide(text string, little, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		low, high := byte(u), byte(u>>8)
		if little {
			low, high = high, low
		}
		b.Write([]byte{high, low})
	}
	return b.String()
}
