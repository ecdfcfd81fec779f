package selector

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const module = "\ufeffmodule(name = \"größe\", version = \"1\")\r\n\nbazel_dep(name = \"a\", version = \"1\")\n  bazel_dep(name = \"b\")  bazel_dep(name = \"c\")\nbazel_dep(name = \"\")\n"
	for pattern, want := range map[string][]string{
		`name = "([^"]*)"`:               {"1:16 größe", "3:19 a", "4:21 b", "4:44 c"},
		`^bazel_dep\(name = "([^"]+)"`:   {"3:19 a"},
		`version = "(\d)"\)\r?$`:         {"1:35 1", "3:34 1"},
		`größe", (v)`:                    {"1:24 v"},
		`x(y)`:                           nil,
		`(?:bazel|x)_dep\(name = "(b)"|`: {"4:21 b"},
		`(\n)b`:                          {"2:1 \n", "4:47 \n"},
	} {
		p, err := ParsePattern(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		found, err := p.Find("MODULE.bazel", []byte(module))
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		var got []string
		for _, f := range found {
			if f.Place.File != "MODULE.bazel" {
				t.Errorf("%s: found in %q", pattern, f.Place.File)
			}
			got = append(got, fmt.Sprintf("%d:%d %s", f.Place.Line, f.Place.Column, f.Key))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pattern, diff)
		}
	}
}

// TestFindInOtherEncodings: keys that differ stay different where the file is no UTF-8.
func TestFindInOtherEncodings(t *testing.T) {
	t.Parallel()
	p, err := ParsePattern(`name=(.*)`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.Find("f", []byte("name=caf\xe9\nname=caf\xe8\nname=caf\ufffd\n"))
	if len(found) != 3 || err != nil || found[0].Key != `caf\xe9` || found[1].Key != `caf\xe8` || found[2].Key != "caf\ufffd" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestPatternErrors(t *testing.T) {
	t.Parallel()
	const syntax = "the syntax is RE2's (https://github.com/google/re2/wiki/Syntax): no lookaround and no backreferences"
	for pattern, want := range map[string]Error{
		"abc":      {1, "the pattern has 0 groups; expected one, the key", "put parentheses around the part that is the key"},
		"(a)(b)":   {1, "the pattern has 2 groups; expected one, the key", "write (?:…) for the groups that are not the key"},
		"(a":       {1, "the pattern is no regular expression: missing closing ): `(a`", syntax},
		"(ä)(?=b)": {4, "the pattern is no regular expression: invalid or unsupported Perl syntax: `(?=`", syntax},
		`(ä)\1`:    {4, "the pattern is no regular expression: invalid escape sequence: `\\1`", syntax},
		strings.Repeat("(?:abcdefghij){1000}", 11) + "(a)": {1, "the pattern is no regular expression: it repeats its parts too often: it stands for more than 100000 instructions", syntax},
		strings.Repeat("a", 20_000):                        {1, "the pattern is no regular expression: it is 20000 bytes long; expected at most 16384", syntax},
	} {
		_, err := ParsePattern(pattern)
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("%.40s: %v is no *Error", pattern, err)
		} else if *got != want {
			t.Errorf("%.40s:\ngot      %+v\nexpected %+v", pattern, *got, want)
		}
	}
}

func TestFindIsBounded(t *testing.T) {
	t.Parallel()
	p, err := ParsePattern("(a)")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := p.Find("a", []byte(strings.Repeat("a", maxFound))); err != nil || len(found) != maxFound {
		t.Errorf("%d keys and %v; expected %d", len(found), err, maxFound)
	}
	if found, err := p.Find("a", []byte(strings.Repeat("a", maxFound+1))); err == nil || found != nil {
		t.Errorf("%d keys and %v; expected an error", len(found), err)
	}
}

// FuzzPattern: a text is a pattern or has an error in it, and keys stand where they are found.
func FuzzPattern(f *testing.F) {
	f.Add(`name = "([^"]+)"`, "name = \"ä\"\r\nname = \"b\"")
	f.Add(`(?:^|x)(\w*)$`, "a\nb")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p, err := ParsePattern(pattern)
		var e *Error
		if errors.As(err, &e) {
			if most := len([]rune(pattern)) + 1; e.Column < 1 || e.Column > most {
				t.Errorf("%q: column %d of %d", pattern, e.Column, most)
			}
			return
		}
		found, err := p.Find("f", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "\ufffd"), "\n")
		for _, k := range found {
			if k.Key == "" || k.Place.Line < 1 || k.Place.Line > len(lines) || k.Place.Column < 1 {
				t.Errorf("%q in %q: %+v", pattern, text, k)
			}
		}
	})
}
