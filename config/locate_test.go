package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// located has a rule in each style of writing, the "§" of each at the place to find.
const located = `muster: 1
units:
  rule:
    at: rules/**/*.yml
    checks:
      - rule: self.id == 1 § 2
      - rule: 'it''s § 2'
      - rule: "a\tb\u00e9 § 2"
      - rule: |
          one(
            two § 2)
      - rule: >-
          one
          two

          three
          four § 2
      - rule: one
          two § 2
      - rule: "one
          two \
          three § 2"
      - {exists: [id, "a.b § c"], as: rule}
      - {exists: x § y, as: rule}
      - {exists: {text: '(a§)'}, as: rule}
      - &anchored {rule: "a § 2"}
      - {exists: x, as: [rule]}
      - *anchored
  service:
    at: services/*/
    checks:
      - {shipcat: {}}
      - {rule: "a § 2", in: manifest.yml}
`

// TestLocate: a place inside a text of a section is one in the file, however it is written.
func TestLocate(t *testing.T) {
	t.Parallel()
	d := declare(t, located)
	lines := strings.Split(located, "\n")
	judged := 0
	for _, s := range d.Sections {
		for i, c := range s.Checks {
			for key, text := range map[string]string{"rule": c.Rule, "keys[0]": first(c.Keys, 0), "keys[1]": first(c.Keys, 1), "text": c.Text} {
				line, column, ok := sign(text)
				if !ok {
					continue
				}
				judged++
				f := d.Locate(verdict.Finding{Rule: c.ID, Place: verdict.Place{File: Marker, Path: fmt.Sprintf("units.%s.checks[%d].%s", s.Kind, i, key), Line: line, Column: column}})
				if f.Line > len(lines) || !strings.HasPrefix(string([]rune(lines[f.Line-1])[f.Column-1:]), "§") {
					t.Errorf("%s of %s is at %s, where no § is", key, c.ID, f.Place)
				}
			}
		}
	}
	if judged != 13 {
		t.Errorf("%d places were judged, want 13", judged)
	}
}

func first(keys []string, i int) string {
	if i < len(keys) {
		return keys[i]
	}
	return ""
}

// sign is where the § of a text stands in it.
func sign(text string) (line, column int, ok bool) {
	before, _, ok := strings.Cut(text, "§")
	line = strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1, ok
}

func TestLocateValues(t *testing.T) {
	t.Parallel()
	d := declare(t, located)
	for _, tt := range []struct{ path, want string }{
		{"units.rule.checks[1].rule:0:0", "7:15 units.rule.checks[1].rule"},
		{"units.rule.checks[1].rule:1:1", "7:16 units.rule.checks[1].rule"},
		{"units.rule.checks[1].rule:1:99", "7:25 units.rule.checks[1].rule"},
		{"units.rule.checks[3].rule:9:1", "11:21 units.rule.checks[3].rule"},
		{"units.rule.checks[3].rule:1:99", "10:15 units.rule.checks[3].rule"},
		{"units.rule.checks[8].exists[0]:1:3", "24:20 units.rule.checks[8].exists"},
		{"units.rule.checks[9].exists.text:1:3", "25:28 units.rule.checks[9].exists.text"},
		{"units.rule.checks[11].as:1:2", "27:27 units.rule.checks[11].as[0]"},
		{"units.rule.checks[11].as:0:0", "27:25 units.rule.checks[11].as"},
		{"units.rule.checks[8].severity:0:0", "24:9 units.rule.checks[8].severity"},
		{"units.rule.checks[8].severity:1:3", "24:9 units.rule.checks[8].severity"},
		{"units.rule.checks[12].rule:1:3", "26:29 units.rule.checks[12].rule"},
		{"units.rule.checks[99]:0:0", "5:5 units.rule.checks[99]"},
		{"units.rule.checks[99999999999999999999].rule:0:0", "5:5 units.rule.checks[99999999999999999999].rule"},
		{"units.rule.at:0:0", "4:9 units.rule.at"},
		{"units.none.at:1:7", "2:1 units.none.at"},
		{"units.service.checks[0].rule:1:3", "33:19 units.service.checks[1].rule"},
		{"units.service.checks[0]:0:0", "33:9 units.service.checks[1]"},
		{":0:0", "1:1 "},
		{"nothing:5:5", "1:1 nothing"},
	} {
		parts := strings.Split(tt.path, ":")
		p := verdict.Place{File: Marker, Path: parts[0]}
		fmt.Sscan(parts[1], &p.Line)
		fmt.Sscan(parts[2], &p.Column)
		f := d.Locate(verdict.Finding{Rule: "rule/rule", Place: p, Related: []verdict.Related{{Place: p}, {Place: verdict.Place{File: "rules/a.yml", Line: 3}}}})
		if got := fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Path); got != tt.want {
			t.Errorf("%s is at %s, want %s", tt.path, got, tt.want)
		}
		if f.Related[0].Place != f.Place || f.Related[1].Line != 3 {
			t.Errorf("%s: related places %+v", tt.path, f.Related)
		}
	}
}

// TestFindingsOfTheFileStay: what is in its place already is not looked for again, nor what is
// of another file.
func TestFindingsOfTheFileStay(t *testing.T) {
	t.Parallel()
	d := declare(t, strings.Replace(located, "at: rules/**/*.yml", "at: ruels/**/*.yml", 1))
	for _, f := range append(d.Findings, verdict.Finding{Rule: "rule/rule", Place: verdict.Place{File: "schemas/a.json", Line: 1, Column: 2, Path: "units.rule.at"}}) {
		if got := d.Locate(f); got.Place != f.Place {
			t.Errorf("%s is now at %s", f.Place, got.Place)
		}
	}
	if len(d.Findings) == 0 {
		t.Error("there is no finding")
	}
}
