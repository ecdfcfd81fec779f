package report

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// TestFormatsAreListed: names are words for a command line, docs are one line, and the page
// about reports has both.
func TestFormatsAreListed(t *testing.T) {
	t.Parallel()
	page := readFile(t, "../docs/reports.md")
	seen := map[string]bool{}
	for _, f := range Formats() {
		if f.Name == "" || strings.ContainsFunc(f.Name, func(r rune) bool { return !unicode.IsLower(r) && !unicode.IsDigit(r) }) || seen[f.Name] {
			t.Errorf("%q is no name of a format, or not of one alone", f.Name)
		}
		seen[f.Name] = true
		if line := "| `" + f.Name + "` | " + f.Doc + " |\n"; f.Doc == "" || !strings.Contains(page, line) {
			t.Errorf("docs/reports.md lacks the line %q", line)
		}
		if _, ok := contracts[f.Name]; !ok {
			t.Errorf("%s has no contract", f.Name)
		}
		if found, ok := FormatNamed(f.Name); !ok || found.Doc != f.Doc {
			t.Errorf("FormatNamed(%q) is %v, %v", f.Name, found, ok)
		}
	}
	if _, ok := FormatNamed("nosuch"); ok || len(seen) != len(contracts) {
		t.Errorf("%d formats have %d contracts; nosuch is one: %v", len(seen), len(contracts), ok)
	}
}

// TestNoFormatDropsAField changes one field of a report after the other. What a format does not show,
// or not as it is, must be in its contract, with the reason; and nothing else may be.
func TestNoFormatDropsAField(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			for _, problem := range undeclared(t, f, contracts[f.Name]) {
				t.Error(problem)
			}
		})
	}
}

// telling is how much a format tells of a field.
type telling int

const (
	untold   telling = iota // the same bytes whatever it is
	changes                 // other bytes
	verbatim                // the value itself
)

// undeclared compares what a format tells of each field with its contract.
func undeclared(t *testing.T, f Format, c contract) (problems []string) {
	t.Helper()
	if !slices.Contains([]string{"text", "github", "azure", "json"}, f.Name) {
		c.leftOut = leaveOut(c.leftOut, map[string]string{"Cached": "a verdict from the cache says what one that is made anew does"})
	}
	return undeclaredIn(t, f, c, fieldReports(t))
}

// undeclaredIn is undeclared with reports of one's own.
func undeclaredIn(t *testing.T, f Format, c contract, reports []Report) (problems []string) {
	t.Helper()
	told, kin := map[string]telling{}, map[string]string{}
	for _, r := range reports {
		for _, o := range []Options{{}, {Verbose: true, ShowHidden: true}} {
			probe(t, f, &r, o, told, kin)
		}
	}
	used := map[string]bool{}
	for path, how := range told {
		want, key := c.promise(path, kin[path])
		used[key] = true
		if how != want {
			problems = append(problems, fmt.Sprintf("%s: %s (%s) is %s, and declared as %s: show it, or give the reason in the format's contract",
				f.Name, path, kin[path], how, want))
		}
	}
	for _, declared := range []map[string]string{c.reworded, c.leftOut} {
		for key, reason := range declared {
			if !used[key] || reason == "" {
				problems = append(problems, fmt.Sprintf("%s: the contract's %s (%q) is no field, or has no reason", f.Name, key, reason))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// String says it as a test does.
func (how telling) String() string {
	return [...]string{"left out", "reworded", "shown"}[how]
}

// promise is what the contract says of a field, or of what it is part of, and by which key.
func (c contract) promise(path, kin string) (telling, string) {
	keys := []string{path}
	for cut := strings.LastIndexByte(path, '.'); cut > 0; cut = strings.LastIndexByte(path[:cut], '.') {
		keys = append(keys, path[:cut])
	}
	for _, key := range append(keys, kin) {
		switch {
		case c.leftOut[key] != "", neverTold[key] != "":
			return untold, key
		case c.reworded[key] != "":
			return changes, key
		}
	}
	return verbatim, ""
}

// probe changes each field of a report, and keeps the most that the format tells of it.
func probe(t *testing.T, f Format, r *Report, o Options, told map[string]telling, kin map[string]string) {
	t.Helper()
	before := written(t, f, *r, o)
	leaves(reflect.ValueOf(r).Elem(), "", "", func(l leaf) {
		shown, undo := l.change(t)
		after := written(t, f, *r, o)
		undo()
		how := untold
		switch {
		case bytes.Equal(before, after):
		case shown != "" && bytes.Contains(after, []byte(shown)) && !bytes.Contains(before, []byte(shown)):
			how = verbatim
		default:
			how = changes
		}
		told[l.path], kin[l.path] = max(told[l.path], how), l.kin
	})
}

// TestEveryFormatShowsEveryErr: beside each kind of field, each err and each finding that a
// report holds is shown, whatever the options, and warnings and notes of ok services in the
// options that show them.
func TestEveryFormatShowsEveryErr(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		for _, o := range allOptions {
			for _, problem := range dropped(t, f, o) {
				t.Errorf("%s with %+v: %s", f.Name, o, problem)
			}
		}
	}
}

// dropped lists what a format should show of a report in which every text and number is its
// own, and does not.
func dropped(t *testing.T, f Format, o Options) (problems []string) {
	t.Helper()
	r := everyKind()
	out, marks := string(written(t, f, r, o)), marks
	if contracts[f.Name].lines {
		marks = lineMarks
	}
	want := func(what string, texts ...string) {
		for _, s := range texts {
			if !strings.Contains(out, s) {
				problems = append(problems, fmt.Sprintf("%s lacks %q", what, s))
			}
		}
	}
	for _, finding := range r.Summary.Config {
		want("the shared configuration", marks(finding)...)
	}
	for _, u := range r.Summary.Errs {
		if u.Kind != verdict.Invalid || !contracts[f.Name].lines {
			want("an err", string(u.Name), u.Cause)
		}
		for _, failure := range u.Failures {
			want("a failure of "+string(u.Name), failure.Check, failure.Cause)
		}
		for _, finding := range u.Findings {
			want("a finding of "+string(u.Name), marks(finding)...)
		}
	}
	for _, u := range r.Summary.OKs {
		for _, finding := range u.Findings {
			if !o.Quiet && (o.Verbose || !finding.Advice) {
				want("an ok service", marks(finding)...)
				if !contracts[f.Name].lines {
					want("an ok service", string(u.Name))
				}
			}
		}
	}
	return problems
}

// lineMarks are what must be seen of a finding that has a line.
func lineMarks(f verdict.Finding) []string {
	return append([]string{f.Rule, f.Name, f.Message, f.File, fmt.Sprint(f.Line), fmt.Sprint(f.Column)}, f.Regions...)
}

// marks are what must be seen of a finding elsewhere.
func marks(f verdict.Finding) []string {
	all := append(lineMarks(f), f.Help)
	for _, r := range f.Related {
		all = append(all, r.Text, r.File, fmt.Sprint(r.Line), fmt.Sprint(r.Column))
	}
	return all
}

// TestADroppingFormatIsFound: the tests above see what is not there.
func TestADroppingFormatIsFound(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]func(*policy.Summary){
		"all errs":      func(s *policy.Summary) { s.Errs = nil },
		"the last err":  func(s *policy.Summary) { s.Errs = s.Errs[:max(0, len(s.Errs)-1)] },
		"ok services":   func(s *policy.Summary) { s.OKs = nil },
		"configuration": func(s *policy.Summary) { s.Config = nil },
		"causes": func(s *policy.Summary) {
			s.Errs = slices.Clone(s.Errs)
			for i := range s.Errs {
				s.Errs[i].Cause, s.Errs[i].Failures = "", nil
			}
		},
		"findings of a failed service": func(s *policy.Summary) {
			s.Errs = slices.Clone(s.Errs)
			for i := range s.Errs {
				if s.Errs[i].Kind == verdict.Failed {
					s.Errs[i].Findings = nil
				}
			}
		},
		"related places": func(s *policy.Summary) {
			s.Errs = slices.Clone(s.Errs)
			for i := range s.Errs {
				s.Errs[i].Findings = slices.Clone(s.Errs[i].Findings)
				for k := range s.Errs[i].Findings {
					s.Errs[i].Findings[k].Related = nil
				}
			}
		},
	} {
		for _, f := range Formats() {
			lossy := Format{Name: f.Name, Doc: f.Doc, Write: func(w io.Writer, r Report, o Options) error { drop(&r.Summary); return f.Write(w, r, o) }}
			if name == "related places" && contracts[f.Name].lines {
				continue
			}
			if len(dropped(t, lossy, Options{Verbose: true})) == 0 {
				t.Errorf("nobody notices that %s drops %s", f.Name, name)
			}
		}
	}
	for _, f := range Formats() {
		silent := Format{Name: f.Name, Doc: f.Doc, Write: func(w io.Writer, r Report, o Options) error { r.Run.Stopped = ""; return f.Write(w, r, o) }}
		found := func(problem string) bool { return strings.Contains(problem, "Run.Stopped (Run.Stopped) is left out") }
		if !slices.ContainsFunc(undeclaredIn(t, silent, contracts[f.Name], fieldReports(t)[:1]), found) {
			t.Errorf("nobody notices that %s drops Run.Stopped", f.Name)
		}
	}
}

func written(t *testing.T, f Format, r Report, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, r, o); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return b.Bytes()
}
