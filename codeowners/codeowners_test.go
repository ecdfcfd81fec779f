package codeowners_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/codeowners"
)

// owners are those of a path by a file, the problems of which fail the test.
func owners(t *testing.T, d codeowners.Dialect, file, path string) string {
	t.Helper()
	rules, problems := codeowners.Parse(file, d)
	for _, p := range problems {
		t.Errorf("line %d: %s", p.Line, p.Message)
	}
	m := codeowners.NewMatcher(rules, d)
	if folder, ok := strings.CutSuffix(path, "/"); ok {
		return strings.Join(m.OwnersOfFolder(folder), " ")
	}
	return strings.Join(m.Owners(path), " ")
}

// TestPatterns: a pattern, what it matches, and what it does not, where a path with a slash at
// its end is a folder.
func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d        codeowners.Dialect
		pattern  string
		yes, not []string
	}{
		{codeowners.GitHub, `*`, []string{"a", "a/b", "a/"}, nil},
		{codeowners.GitHub, `**`, []string{"a", "a/b", "a/"}, nil},
		{codeowners.GitHub, `/`, nil, []string{"a", "a/b", "a/"}},
		{codeowners.GitHub, `/*`, []string{"a"}, []string{"a/b", "a/"}},
		{codeowners.GitHub, `*.js`, []string{"a.js", "x/y/.js", "a.js/b"}, []string{"a.jsx", "js"}},
		{codeowners.GitHub, `docs/*`, []string{"docs/a"}, []string{"docs/a/b", "docs/a/", "x/docs/a", "docs"}},
		{codeowners.GitHub, `docs/**`, []string{"docs/a", "docs/a/b", "docs/"}, []string{"docs", "x/docs/a"}},
		{codeowners.GitHub, `apps/`, []string{"apps/a", "x/apps/a/b", "apps/", "x/apps/y/"}, []string{"apps", "myapps/a"}},
		{codeowners.GitHub, `/apps/`, []string{"apps/a", "apps/"}, []string{"apps", "x/apps/a"}},
		{codeowners.GitHub, `/apps`, []string{"apps", "apps/a", "apps/"}, []string{"x/apps", "apps2"}},
		{codeowners.GitHub, `apps`, []string{"apps", "x/apps", "x/apps/y/z", "x/apps/"}, []string{"apps2", "x/my apps"}},
		{codeowners.GitHub, `**/logs`, []string{"logs", "a/b/logs/c", "logs/"}, []string{"logs2"}},
		{codeowners.GitHub, `a/**/b`, []string{"a/b", "a/x/b", "a/x/y/b/c", "a/b/"}, []string{"x/a/b", "a/xb"}},
		{codeowners.GitHub, `/a/**/b/*.yml`, []string{"a/b/c.yml", "a/b/x/b/c.yml"}, []string{"a/b/c/d.yml", "a/c.yml"}},
		{codeowners.GitHub, `/services/sh?p/`, []string{"services/shop/", "services/ship/x"}, []string{"services/shp/", "services/shoop/"}},
		{codeowners.GitHub, `/services/shop*`, []string{"services/shop/", "services/shopping/"}, []string{"services/sho/"}},
		{codeowners.GitHub, `/services/*/manifest.yml`, []string{"services/shop/manifest.yml"}, []string{"services/shop/", "services/a/b/manifest.yml"}},
		{codeowners.GitHub, `my\ files/`, []string{"my files/a"}, []string{`my\ files/a`}},
		{codeowners.GitHub, `/a\*b`, []string{"a*b"}, []string{"axb"}},
		{codeowners.GitHub, `/Docs/`, []string{"Docs/a"}, []string{"docs/a"}},
		{codeowners.GitHub, `/ünï?/`, []string{"ünïx/a", "ünïß/a"}, []string{"ünï/a"}},
		{codeowners.GitHub, `.github/`, []string{".github/a"}, []string{"github/a"}},

		{codeowners.GitLab, `*`, []string{"a", "a/b", "a/", ".x"}, nil},
		{codeowners.GitLab, `/`, []string{"a", "a/b"}, nil},
		{codeowners.GitLab, `/*`, []string{"a"}, []string{"a/b", "a/"}},
		{codeowners.GitLab, `*.rb`, []string{"a.rb", "x/y/a.rb", ".rb"}, []string{"a.rbx"}},
		{codeowners.GitLab, `docs/*`, []string{"docs/a", "x/docs/a"}, []string{"docs/a/b"}},
		{codeowners.GitLab, `/docs/**`, []string{"docs/a"}, []string{"docs/a/b"}},
		{codeowners.GitLab, `/docs/**/*.md`, []string{"docs/a.md", "docs/x/y/a.md"}, []string{"docs/a.txt"}},
		{codeowners.GitLab, `docs/`, []string{"docs/a", "docs/a/b", "x/docs/a", "docs/", "docs/a/"}, []string{"docs", "mydocs/a"}},
		{codeowners.GitLab, `/docs/`, []string{"docs/a/b", "docs/"}, []string{"x/docs/a"}},
		{codeowners.GitLab, `docs`, []string{"docs", "x/docs"}, []string{"docs/a", "docs/"}},
		{codeowners.GitLab, `README.md`, []string{"README.md", "a/README.md"}, []string{"a/xREADME.md"}},
		{codeowners.GitLab, `/src/[a-c]*.c`, []string{"src/a.c", "src/cx.c"}, []string{"src/d.c"}},
		{codeowners.GitLab, `/src/[!a-c].c`, []string{"src/d.c"}, []string{"src/a.c", "src/dd.c"}},
		{codeowners.GitLab, `/src/[]x].c`, []string{"src/].c", "src/x.c"}, []string{"src/a.c"}},
		{codeowners.GitLab, `/src/[a.c`, nil, []string{"src/a.c", "src/[a.c"}},
		{codeowners.GitLab, `\#file`, []string{"#file", "a/#file"}, []string{`\#file`}},
		{codeowners.GitLab, `path\ with\ spaces/`, []string{"path with spaces/a"}, []string{"path/a"}},
		{codeowners.GitLab, `/a/**b/c`, []string{"a/xb/c", "a/b/c"}, []string{"a/x/b/c"}},
	} {
		for _, path := range tt.yes {
			if got := owners(t, tt.d, tt.pattern+" @o", path); got != "@o" {
				t.Errorf("%s: %s does not match %s", tt.d, tt.pattern, path)
			}
		}
		for _, path := range tt.not {
			if got := owners(t, tt.d, tt.pattern+" @o", path); got != "" {
				t.Errorf("%s: %s matches %s", tt.d, tt.pattern, path)
			}
		}
	}
}

const gitHubFile = `# a comment
*            @acme/everyone
/services/   @acme/platform ops@acme.example  # said here
/services/shop  @acme/shop
/services/shop/legacy/
`

const gitLabFile = `* @everyone
!*.lock

[Services][2] @platform @@maintainer
services/
/services/shop/ @acme/shop/core   # and @guild
^[Docs] @writers
*.md
[SERVICES]
/services/old/ @archive
!/services/gone/
`

func TestOwners(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d          codeowners.Dialect
		file, path string
		want       string
	}{
		{codeowners.GitHub, gitHubFile, "README.md", "@acme/everyone"},
		{codeowners.GitHub, gitHubFile, "services/cart/", "@acme/platform ops@acme.example"},
		{codeowners.GitHub, gitHubFile, "services/shop/", "@acme/shop"},
		{codeowners.GitHub, gitHubFile, "services/shop/legacy/a.yml", ""},
		{codeowners.GitHub, "\ufeff*.yml @a\r\n/x/ @b\r\n", "x/y.yml", "@b"},
		{codeowners.GitHub, "*.yml @a @a", "y.yml", "@a"},
		{codeowners.GitHub, "", "y.yml", ""},
		{codeowners.GitLab, gitLabFile, "README.md", "@everyone @writers"},
		{codeowners.GitLab, gitLabFile, "services/cart/", "@@maintainer @everyone @platform"},
		{codeowners.GitLab, gitLabFile, "services/shop/a.md", "@acme/shop/core @everyone @guild @writers"},
		{codeowners.GitLab, gitLabFile, "services/old/", "@archive @everyone"},
		{codeowners.GitLab, gitLabFile, "services/gone/", "@everyone"},
		{codeowners.GitLab, gitLabFile, "yarn.lock", ""},
	} {
		rules, _ := codeowners.Parse(tt.file, tt.d)
		m := codeowners.NewMatcher(rules, tt.d)
		of := m.Owners
		if folder, ok := strings.CutSuffix(tt.path, "/"); ok {
			tt.path, of = folder, m.OwnersOfFolder
		}
		if got := strings.Join(of(tt.path), " "); got != tt.want {
			t.Errorf("%s: %s is owned by %q, want %q", tt.d, tt.path, got, tt.want)
		}
	}
}

// TestProblems: what a platform passes over is said with its place, and the rest stands.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d    codeowners.Dialect
		line string
		want string // place and message; "" for none
		kept bool
	}{
		{codeowners.GitHub, "!/a @o", `1:1 the pattern "!/a" begins with !, which GitHub does not know: it passes over the line`, false},
		{codeowners.GitHub, `\#a @o`, `1:1 the pattern "\\#a" begins with \#, which GitHub does not know: it passes over the line`, false},
		{codeowners.GitHub, "  /[ab] @o", `1:3 the pattern "/[ab]" has [ or ], which GitHub does not know: it passes over the line`, false},
		{codeowners.GitHub, "/a*** @o", `1:1 the pattern "/a***" has more than two * behind each other: GitHub passes over the line`, false},
		{codeowners.GitHub, "/ä @o two", `1:7 "two" is no owner, and GitHub passes over the line; expected @user, @organisation/team or an address`, false},
		{codeowners.GitHub, "/a @o/", `1:4 "@o/" is no owner, and GitHub passes over the line; expected @user, @organisation/team or an address`, false},
		{codeowners.GitHub, "/a @o/b.c me@x.example #@,", "", true},
		{codeowners.GitHub, "/a", "", true},
		{codeowners.GitHub, "/a\xff @o", "1:1 the line is no UTF-8", false},
		{codeowners.GitLab, "[Docs", `1:1 "[Docs" is no heading of a section, and GitLab passes over the line; expected [Name], ^[Name] or [Name][2], and owners behind it`, false},
		{codeowners.GitLab, "[Docs][x]", `1:1 "[Docs][x]" is no heading of a section, and GitLab passes over the line; expected [Name], ^[Name] or [Name][2], and owners behind it`, false},
		{codeowners.GitLab, "^[ ] @o", `1:1 the section has no name, and GitLab passes over the line`, false},
		{codeowners.GitLab, "/a two @o", `1:4 "two" is no owner; expected @user, @group/subgroup, @@role or an address`, true},
		{codeowners.GitLab, "/a", `1:1 the paths of "/a" are nobody's, for neither the line nor its section has owners`, true},
		{codeowners.GitLab, "!", `1:1 the exclusion has no pattern`, false},
		{codeowners.GitLab, "!/a", "", true},
	} {
		rules, problems := codeowners.Parse(tt.line, tt.d)
		got := ""
		if len(problems) > 0 {
			got = fmt.Sprintf("%d:%d %s", problems[0].Line, problems[0].Column, problems[0].Message)
		}
		if got != tt.want || len(problems) > 1 {
			t.Errorf("%s: %q: %v, want %s", tt.d, tt.line, problems, tt.want)
		}
		if kept := len(rules) == 1; kept != tt.kept {
			t.Errorf("%s: %q: the rules are %v", tt.d, tt.line, rules)
		}
	}
}

func TestSections(t *testing.T) {
	t.Parallel()
	rules, problems := codeowners.Parse(gitLabFile, codeowners.GitLab)
	want := []codeowners.Rule{
		{Pattern: "*", Owners: []string{"@everyone"}, Line: 1},
		{Pattern: "*.lock", Exclude: true, Line: 2},
		{Section: "services", Pattern: "services/", Owners: []string{"@platform", "@@maintainer"}, Line: 5},
		{Section: "services", Pattern: "/services/shop/", Owners: []string{"@acme/shop/core", "@guild"}, Line: 6},
		{Section: "docs", Pattern: "*.md", Owners: []string{"@writers"}, Line: 8},
		{Section: "services", Pattern: "/services/old/", Owners: []string{"@archive"}, Line: 10},
		{Section: "services", Pattern: "/services/gone/", Exclude: true, Line: 11},
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("the rules (-want +got):\n%s", diff)
	}
	var words []string
	for _, p := range problems { // an inline comment is none for GitLab
		words = append(words, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Message))
	}
	if want := []string{`6:35 "#" is no owner; expected @user, @group/subgroup, @@role or an address`, `6:37 "and" is no owner; expected @user, @group/subgroup, @@role or an address`}; !slices.Equal(words, want) {
		t.Errorf("the problems are %q, want %q", words, want)
	}
}

// TestManyRules: that rules are found by the names in them changes no answer.
func TestManyRules(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&file, "/services/s%d/ @team%d\nx%d/ @x%d\n", i, i, i, i)
	}
	file.WriteString("/services/s7*/ @late\n")
	for path, want := range map[string]string{
		"services/s5/": "@team5", "services/s999/": "@team999", "services/s70/": "@late", "services/s5/x3/": "@team5", "services/s3/x5/": "@x5", "services/s5/x5/": "@x5", "a/b/x17/": "@x17", "services/y/": "",
	} {
		if got := owners(t, codeowners.GitHub, file.String(), path); got != want {
			t.Errorf("%s is owned by %q, want %q", path, got, want)
		}
	}
}

// expression is a pattern as a regular expression, written down by its definition: to compare
// with.
func expression(pattern string, d codeowners.Dialect) *regexp.Regexp {
	if d == codeowners.GitLab {
		if pattern == "" || strings.ContainsAny(pattern, `[\`) {
			return nil
		}
		if !strings.HasPrefix(pattern, "/") {
			pattern = "/**/" + pattern
		}
		if strings.HasSuffix(pattern, "/") {
			pattern += "**/*"
		}
		var b strings.Builder
		elements := strings.Split(pattern[1:], "/")
		for i, e := range elements {
			if e == "**" && i < len(elements)-1 {
				b.WriteString(`(?:[^/]*/)*`)
				continue
			}
			b.WriteString(glob(e))
			if i < len(elements)-1 {
				b.WriteByte('/')
			}
		}
		return regexp.MustCompile(`\A(?s:` + b.String() + `)\z`)
	}
	if strings.ContainsAny(pattern, `[]\`) || strings.Contains(pattern, "***") || strings.Trim(pattern, "/") == "" || strings.Contains(pattern, "//") {
		return nil
	}
	core := strings.TrimSuffix(pattern, "/")
	if !strings.Contains(core, "/") {
		core = "**/" + core
	}
	core = strings.TrimPrefix(core, "/")
	elements := strings.Split(core, "/")
	last := elements[len(elements)-1]
	var b strings.Builder
	for _, e := range elements[:len(elements)-1] {
		if e == "**" {
			b.WriteString(`(?:[^/]*/)*`)
			continue
		}
		b.WriteString(glob(e) + "/")
	}
	switch {
	case last == "**":
		b.WriteString(`[^/]*(?:/.*)?`)
	case strings.HasSuffix(pattern, "/"):
		b.WriteString(glob(last) + `/.*`)
	case last == "*":
		b.WriteString(`[^/]*`)
	default:
		b.WriteString(glob(last) + `(?:/.*)?`)
	}
	return regexp.MustCompile(`\A(?s:` + b.String() + `)\z`)
}

func glob(element string) string {
	quoted := regexp.QuoteMeta(element)
	quoted = regexp.MustCompile(`(\\\*)+`).ReplaceAllString(quoted, `[^/]*`)
	return strings.ReplaceAll(quoted, `\?`, `[^/]`)
}

// FuzzOwners: no file and no path is too much, and a pattern matches what its definition says.
func FuzzOwners(f *testing.F) {
	for _, file := range []string{gitHubFile, gitLabFile, "/a/**/b*c?/ @o", "[x", "!", `\`, `[a-\`, "a//b @o"} {
		f.Add(file, "services/shop/a.md")
	}
	f.Fuzz(func(t *testing.T, file, path string) {
		for _, d := range []codeowners.Dialect{codeowners.GitHub, codeowners.GitLab} {
			rules, problems := codeowners.Parse(file, d)
			for _, p := range problems {
				if p.Line < 1 || p.Column < 1 || p.Message == "" {
					t.Errorf("a problem without a place or a message: %+v", p)
				}
			}
			m := codeowners.NewMatcher(rules, d)
			m.OwnersOfFolder(path)
			for _, o := range m.Owners(path) {
				if !slices.ContainsFunc(rules, func(r codeowners.Rule) bool { return slices.Contains(r.Owners, o) }) {
					t.Errorf("%q is nobody's of the file", o)
				}
			}
			for _, r := range rules {
				e := expression(r.Pattern, d)
				if e == nil || path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
					continue
				}
				r.Owners, r.Exclude = []string{"@o"}, false
				got := len(codeowners.NewMatcher([]codeowners.Rule{r}, d).Owners(path)) > 0
				if want := e.MatchString(path); got != want {
					t.Errorf("%s: %q matches %q: %t, want %t", d, r.Pattern, path, got, want)
				}
			}
		}
	})
}

func BenchmarkOwners(b *testing.B) {
	var file strings.Builder
	file.WriteString("* @everyone\n*.yml @yaml\n")
	for i := range 5000 {
		fmt.Fprintf(&file, "/services/s%d/ @team%d\n", i, i)
	}
	rules, _ := codeowners.Parse(file.String(), codeowners.GitHub)
	m := codeowners.NewMatcher(rules, codeowners.GitHub)
	for b.Loop() {
		m.OwnersOfFolder("services/s4711")
	}
}
