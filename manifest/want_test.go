package manifest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// want is what a bad example says of a finding of its rule: where it is, and words
// that its message contains.
type want struct {
	file         string
	line, column int // 0 for a finding about the file as a whole
	words        string
}

func (w want) String() string {
	return fmt.Sprintf("%s with %q", verdict.Place{File: w.file, Line: w.line, Column: w.column}, w.words)
}

// met says whether f is what w wants.
func (w want) met(f verdict.Finding) bool {
	at := w.file == f.File && w.line == f.Line && w.column == f.Column
	return at && strings.Contains(f.Message, w.words)
}

// wantsOf are the wants of a bad example, with the lines that they have in the laid
// repository. A mark is "# want COLUMN WORDS", WORDS quoted as in Go, with as many such
// pairs as there are findings in the line; column 0 is the file as a whole. A line that
// is a mark alone says FILE:LINE:COLUMN, and counts as no line.
func wantsOf(tb testing.TB, example string) []want {
	tb.Helper()
	laid := exampleRepo(tb).lay(withoutWants(example))
	var wants, here []want
	file, line := "services/svc/manifest.yml", 0
	settle := func() { // the file has been read: its lines are the last of the laid one
		for _, w := range here {
			if w.column > 0 {
				w.line += strings.Count(laid[file], "\n") - line
			}
			wants = append(wants, w)
		}
		here = nil
	}
	for text := range strings.Lines(example) {
		text, mark, _ := strings.Cut(strings.TrimSuffix(text, "\n"), wantMark)
		if text == "" && mark != "" {
			wants = append(wants, parseWants(tb, mark, "", 0)...)
			continue
		}
		if name, ok := headerOf(text); ok {
			settle()
			file, line = name, 0
		} else {
			line++
		}
		here = append(here, parseWants(tb, mark, file, line)...)
	}
	settle()
	return wants
}

// headerOf is the name in a line that begins a file of an archive.
func headerOf(line string) (name string, ok bool) {
	name, ok = strings.CutPrefix(strings.TrimRight(line, " "), "-- ")
	return strings.TrimSuffix(name, " --"), ok
}

// parseWants reads the pairs of a mark in a line of a file. Without a file each says its own.
func parseWants(tb testing.TB, mark, file string, line int) []want {
	tb.Helper()
	var wants []want
	for rest := mark; rest != ""; {
		where, quoted, _ := strings.Cut(rest, " ")
		words, err := strconv.QuotedPrefix(quoted)
		if err != nil {
			tb.Fatalf("the mark %q: %q is not followed by quoted words", mark, where)
		}
		rest = strings.TrimPrefix(quoted[len(words):], " ")
		w := want{file: file, line: line}
		if w.words, _ = strconv.Unquote(words); w.words == "" {
			tb.Fatalf("the mark %q wants no words", mark)
		}
		if file == "" {
			w.file, w.line, where = absolute(tb, where)
		}
		w.column = number(tb, where)
		if w.column == 0 {
			w.line = 0
		}
		wants = append(wants, w)
	}
	return wants
}

// absolute takes FILE:LINE:COLUMN apart.
func absolute(tb testing.TB, where string) (file string, line int, column string) {
	tb.Helper()
	parts := strings.Split(where, ":")
	if len(parts) != 3 {
		tb.Fatalf("the mark at %q: a line that is a mark alone says FILE:LINE:COLUMN", where)
	}
	return parts[0], number(tb, parts[1]), parts[2]
}

func number(tb testing.TB, text string) int {
	tb.Helper()
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		tb.Fatalf("a mark says %q where a number belongs", text)
	}
	return n
}

// differences compares the findings of a rule with the wants of its bad example: each
// want is met by a finding of its own, and no finding is left.
func differences(rule string, wants []want, found []verdict.Finding) []string {
	var all []string
	met := make([]bool, len(wants))
next:
	for _, f := range found {
		if f.Rule != rule {
			continue
		}
		for i, w := range wants {
			if !met[i] && w.met(f) {
				met[i] = true
				continue next
			}
		}
		all = append(all, fmt.Sprintf("not wanted: %s: %s", f.Place, f.Message))
	}
	for i, w := range wants {
		if !met[i] {
			all = append(all, "not found: "+w.String())
		}
	}
	return all
}

// TestWants: marks are read with the lines of the laid repository, and are no part of the
// text that readers see.
func TestWants(t *testing.T) {
	t.Parallel()
	const example = "# want shipcat.conf:25:12 `elsewhere`\n" +
		"-- services/svc/manifest.yml -- # want 0 \"the whole\"\nenv: # want 1 `a \"key\"` 5 \"null\"\n" +
		"-- services/svc/dev.yml --\nversion: 1.0.0\nimage: x # want 8 `image`\n"
	wants := []want{
		{"shipcat.conf", 25, 12, "elsewhere"},
		{"services/svc/manifest.yml", 0, 0, "the whole"},
		{"services/svc/manifest.yml", 8, 1, `a "key"`},
		{"services/svc/manifest.yml", 8, 5, "null"},
		{"services/svc/dev.yml", 2, 8, "image"},
	}
	if diff := cmp.Diff(wants, wantsOf(t, example), cmp.AllowUnexported(want{})); diff != "" {
		t.Errorf("wants (-expected +read):\n%s", diff)
	}
	const shown = "-- services/svc/manifest.yml --\nenv:\n-- services/svc/dev.yml --\nversion: 1.0.0\nimage: x\n"
	if got := withoutWants(example); got != shown {
		t.Errorf("without its wants the example is\n%s\nexpected\n%s", got, shown)
	}
}

// TestDifferences: a want is met by one finding of the rule, at its place, with its words.
func TestDifferences(t *testing.T) {
	t.Parallel()
	rule := verdict.Rule{Code: "M999"}
	at := verdict.Place{File: "f", Line: 2, Column: 3}
	here := rule.At(at, "a is 1", "")
	for _, c := range []struct {
		name  string
		found []verdict.Finding
		want  int
	}{
		{"as wanted", []verdict.Finding{here}, 0},
		{"another rule's beside it", []verdict.Finding{here, verdict.Rule{Code: "M998"}.At(at, "b", "")}, 0},
		{"nothing", nil, 1},
		{"twice", []verdict.Finding{here, here}, 1},
		{"other words", []verdict.Finding{rule.At(at, "a is 2", "")}, 2},
		{"another column", []verdict.Finding{rule.At(verdict.Place{File: "f", Line: 2, Column: 4}, "a is 1", "")}, 2},
		{"another line", []verdict.Finding{rule.At(verdict.Place{File: "f", Line: 3, Column: 3}, "a is 1", "")}, 2},
		{"another file", []verdict.Finding{rule.At(verdict.Place{File: "g", Line: 2, Column: 3}, "a is 1", "")}, 2},
	} {
		if got := differences("M999", []want{{"f", 2, 3, "a is 1"}}, c.found); len(got) != c.want {
			t.Errorf("%s: got %q, expected %d differences", c.name, got, c.want)
		}
	}
}
