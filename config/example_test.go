package config

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/verdict"
)

// repository has units in ports/, rules/ and services/, and the files given.
func repository(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range map[string]string{
		"ports/zlib/port.json": `{"name": "zlib"}`, "ports/zlib/notes.txt": "", "ports/abseil/port.json": `{"name": "abseil"}`, "ports/README": "",
		"rules/a.yml": "id: a\n", "rules/deep/b.yml": "id: b\n", "rules/deep/c.md": "",
		"services/pay/manifest.yml": "health: {}\n", "shipcat.conf": "", "docs/checks.md": "",
		"schemas/port.json": `{}`, "schemas/rule.yaml": `{}`, "schemas/lib/base.json": `{}`, "shared/teams.yml": "{}\n", "regions.yaml": "regions: [{name: eu}, {name: us}]\n",
	} {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// declare reads a muster.yaml in that repository.
func declare(tb testing.TB, text string) *Declaration {
	tb.Helper()
	return declareIn(tb, repository(map[string]string{Marker: text}))
}

func declareIn(tb testing.TB, files fs.FS) *Declaration {
	tb.Helper()
	d, err := ReadDeclaration(files)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// valid reads a muster.yaml that has no mistakes.
func valid(tb testing.TB, text string) *Declaration {
	tb.Helper()
	d := declare(tb, text)
	if len(d.Findings) > 0 {
		tb.Fatalf("%s\nhas the mistakes\n%s", text, said(d.Findings))
	}
	if err := d.Layout.Check(); err != nil {
		tb.Fatalf("%s\nhas a layout with: %v", text, err)
	}
	return d
}

// said puts findings as lines.
func said(findings []verdict.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%d:%d %s %s: %s", f.Line, f.Column, f.Rule, f.Path, f.Message)
		if f.Help != "" {
			fmt.Fprintf(&b, " [%s]", f.Help)
		}
		for _, r := range f.Related {
			fmt.Fprintf(&b, " {%d:%d %s}", r.Line, r.Column, r.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestRuleExamples: the good example of each rule has no mistake, and the bad one this
// mistake where its marks say, and no other.
func TestRuleExamples(t *testing.T) {
	t.Parallel()
	for _, r := range registry {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if all := examine(t, r.Good); len(all) > 0 {
				t.Errorf("the good example\n%s\nhas the mistakes\n%s", r.Good, said(all))
			}
			wants := wantsOf(t, r.Bad)
			for _, f := range examine(t, withoutWants(r.Bad)) {
				at := fmt.Sprintf("%d:%d", f.Line, f.Column)
				i := slices.IndexFunc(wants, func(w [2]string) bool { return w[0] == at && strings.Contains(f.Message, w[1]) })
				if f.Rule != r.Code || i < 0 {
					t.Errorf("the bad example gives %s", said([]verdict.Finding{f}))
					continue
				}
				wants = slices.Delete(wants, i, i+1)
			}
			for _, w := range wants {
				t.Errorf("the bad example does not give %q at %s", w[1], w[0])
			}
		})
	}
}

// examine is all that is found in an example.
func examine(tb testing.TB, text string) []verdict.Finding {
	tb.Helper()
	files := repository(map[string]string{Marker: text})
	d := declareIn(tb, files)
	if len(d.Findings) > 0 {
		return d.Findings
	}
	_, found, err := d.Census(files)
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// wantsOf are the places and the words that the marks of a bad example want.
func wantsOf(tb testing.TB, example string) (all [][2]string) {
	tb.Helper()
	for i, text := range strings.Split(example, "\n") {
		_, mark, _ := strings.Cut(text, " "+wantMark)
		for rest := mark; rest != ""; {
			column, quoted, _ := strings.Cut(rest, " ")
			words, err := strconv.QuotedPrefix(quoted)
			if err != nil {
				tb.Fatalf("the mark %q: %v", mark, err)
			}
			rest = strings.TrimPrefix(quoted[len(words):], " ")
			plain, _ := strconv.Unquote(words)
			all = append(all, [2]string{fmt.Sprintf("%d:%s", i+1, column), plain})
		}
	}
	if len(all) == 0 {
		tb.Errorf("the bad example has no mark:\n%s", example)
	}
	return all
}

func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, r := range Rules() {
		if names[r.Name] || r.Summary == "" || strings.HasSuffix(r.Summary, ".") || r.Good == "" || r.Bad == "" || strings.Contains(r.Bad, wantMark) {
			t.Errorf("%s %s: expected a name of its own, a summary without a final period and two examples without marks", r.Code, r.Name)
		}
		names[r.Name] = true
	}
}
