package fleet_test

import (
	"testing"

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
