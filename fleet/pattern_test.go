package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/fleet"
)

// TestCapture: a unit is called what the wildcards of its glob matched.
func TestCapture(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		glob, path, want string
		ok               bool
	}{
		{"ports/*/", "ports/zlib", "zlib", true},
		{"modules/nf-core/**/meta.yml", "modules/nf-core/bwa/mem/meta.yml", "bwa/mem", true},
		{"modules/nf-core/**/meta.yml", "modules/nf-core/meta.yml", "", true},
		{"rules*/**/*.yml", "rules-emerging/windows/a.yml", "-emerging/windows/a", true},
		{"rules*/**/*.yml", "rules/windows/a.b.yml", "windows/a.b", true},
		{"clusters/*/apps/*/", "clusters/eu/apps/pay", "eu/pay", true},
		{"{a,b}/x?.yml", "a/x1.yml", "a/x1.yml", true},
		{"a/*-*.yml", "a/b-c.yml", "b-c.yml", true},
		{"a/**/b/**/c", "a/b/x/b/c", "x/b", true},
		{"a/**", "a", "", true},
		{"a/**/", "a/b/c", "b/c", true},
		{"a/**/c", "a/.hidden/c", "", false},
		{"ports/*/", "ports/zlib/x", "", false},
		{"ports/*/", "port/zlib", "", false},
		{"one.yml", "one.yml", "", true},
	} {
		p, err := fleet.ParsePattern(tt.glob)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := p.Capture(tt.path)
		if got != tt.want || ok != tt.ok || p.Match(tt.path) != tt.ok {
			t.Errorf("%s of %s: %q, %v, matches %v; want %q, %v", tt.glob, tt.path, got, ok, p.Match(tt.path), tt.want, tt.ok)
		}
	}
}

// TestHostilePatterns: what would have to try very many ways is refused, or tries each once.
func TestHostilePatterns(t *testing.T) {
	t.Parallel()
	for glob, ok := range map[string]bool{
		strings.Repeat("{a*,aa*,*}", 14) + "b": false, strings.Repeat("{a,b}", 9): true, "{" + strings.Repeat("{a,b}", 10) + ",c}": false, "{a,{b,{c,d}}}": true,
		"{" + strings.Repeat("a,", 998) + "a}": true, "{" + strings.Repeat("a,", 1000) + "a}": false, strings.Repeat(`\{a,b\}`, 20): true, strings.Repeat("{a}", 100): true,
	} {
		if _, err := fleet.ParsePattern(glob); (err == nil) != ok || !ok && !strings.Contains(err.Error(), "stands for more than 1000 alternatives") {
			t.Errorf("%.40s: %v", glob, err)
		}
	}
	p, err := fleet.ParsePattern(strings.Repeat("**/a*/", 12) + "b")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if got, ok := p.Capture(strings.Repeat("a/", 60) + "c"); ok || time.Since(begin) > 5*time.Second {
		t.Errorf("%q, %v after %v", got, ok, time.Since(begin))
	}
	if got, ok := p.Capture(strings.Repeat("a/", 13) + "b"); got != "a" || !ok {
		t.Errorf("%q, %v", got, ok)
	}
}

// TestExample: a made-up path is one that the glob matches, or there is none.
func TestExample(t *testing.T) {
	t.Parallel()
	for glob, want := range map[string]string{
		"ports/*/": "ports/some", "one.yml": "one.yml", "modules/**/meta.yml": "modules/some/meta.yml", "a/**": "a/some", "*.y?ml": "some.yxml",
		"rules-*/[x-z]*.yml": "rules-some/xsome.yml", "{a,b}/[!a]": "a/b", "{*-a,b}.yml": "some-a.yml", `\*.yml`: "*.yml", ".github/*.yml": ".github/some.yml",
		"{a,{b,c}}/d": "", "[é]": "", `[\]]`: "]",
	} {
		p, err := fleet.ParsePattern(glob)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := p.Example("some")
		if ok != (want != "") || ok && (got != want || !p.Match(got)) {
			t.Errorf("%s: %q, %v; want %q", glob, got, ok, want)
		}
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		glob, path string
		want       bool
	}{
		{"a", "a", true},
		{"a", "a/b/c", true},
		{"a", "ab", false},
		{"a/", "a", false},
		{"a/", "a/b", true},
		{"a/*", "a", false},
		{"a/*", "a/.b/c", true},
		{"a/*/", "a/b", false},
		{"a/*/", "a/b/c", true},
		{"a/**", "a", true},
		{"**/x.yml", "a/.b/x.yml", true},
		{"**/x.yml", "x.yml", true},
		{"**/x.yml", "a/x.yaml", false},
		{"**/a/**/b", "a/c/a/d/b/e", true},
		{"{a,b}/?", "b/c", true},
	} {
		p, err := fleet.ParsePattern(tt.glob)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Covers(tt.path); got != tt.want {
			t.Errorf("%s covers %s: %t", tt.glob, tt.path, got)
		}
	}
}
