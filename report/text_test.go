package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", `cpu "2" is above 1: C:\temp`, `cpu "2" is above 1: C:\temp`},
		{"letters of the world", "naïve 東京 ру́сский 🚢", "naïve 東京 ру́сский 🚢"},
		{"empty", "", ""},
		{"escape", "\x1b[31mred", `\x1b[31mred`},
		{"bell and delete", "\a\x7f", `\x07\x7f`},
		{"line breaks", "a\nb\r\tc", `a\nb\r\tc`},
		{"line separators", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"C1 control", "\u009b2J", `\x9b2J`},
		{"bidi override", "\u202egnp.exe\u202c", `\u202egnp.exe\u202c`},
		{"bidi isolate and mark", "\u2066\u200f\u2069", `\u2066\u200f\u2069`},
		{"zero width", "a\u200bb\ufeff", `a\u200bb\ufeff`},
		{"strange spaces", "a\u00a0b\u3000c", `a\xa0b\u3000c`},
		{"tag characters", "a\U000e0041", `a\U000e0041`},
		{"invalid UTF-8", "a\xff\xc3", `a\ufffd\ufffd`},
		{"replacement character", "a\ufffd", `a\ufffd`},
		{"command of a CI system", "a ##vso[task.x]b ##[group] ##", `a \x23#vso[task.x]b \x23#[group] ##`},
		{"truncated sequence", "\xe2\x80", `\ufffd\ufffd`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := printable(tt.in); got != tt.want {
				t.Errorf("printable(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLeadIsNoCommand(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"::error::x": `\x3a:error::x`, "a::b": "a::b", ":x": ":x", "\x1b::x": `\x1b::x`,
		"  ::error::x": `  \x3a:error::x`, " a ::b": " a ::b", "\t::x": `\t::x`, "  ": "  ",
	} {
		if got := lead(in); got != want {
			t.Errorf("lead(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzTextIsSafe puts the same hostile text in every field that a repository
// fills.
func FuzzTextIsSafe(f *testing.F) {
	for _, s := range []string{"plain", "\x1b]8;;http://x\x07", "a\nb", "\u202e", "\xff\x9b", "::error::", "\u2028", "##[group]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		finding := verdict.Finding{Rule: s, Name: s, Severity: verdict.Warning, Message: s, Help: s + "!",
			Regions: []string{s}, Place: verdict.Place{File: s, Line: 1, Column: 1, Path: s}}
		bad := []aggregator.Unit{
			{Name: id.Unit(s), Kind: verdict.Invalid, Findings: []verdict.Finding{finding}, Owners: []string{s + "!"}}, {Name: id.Unit(s), Kind: verdict.Failed, Cause: s},
		}
		hidden := verdict.Hidden{Finding: finding, Why: verdict.Why(s), Reason: s + "!", By: finding.Place}
		ok := []aggregator.Unit{{Name: id.Unit(s), Findings: []verdict.Finding{finding}, Hidden: []verdict.Hidden{hidden}}}
		sum := policy.Summary{Summary: aggregator.Summary{Config: []verdict.Finding{finding}, OKs: ok, Errs: bad, Conflicts: []string{s},
			Skipped: map[verdict.Skipped]int{verdict.Skipped(s): 1}, Engines: []string{s, s}, Mixed: []string{s}, Unjudged: []aggregator.Unjudged{{Rule: s, Needs: 1}}},
			Remarks: []verdict.Finding{finding}, Fixed: []policy.Entry{{Rule: s, Unit: s, File: s, Path: s, Message: s}}, Proposed: []string{s}}
		o := Options{Verbose: true, ShowHidden: true, Snippets: true, Sources: lineOf(s)}
		var b bytes.Buffer
		if err := Text(&b, Report{Run: Run{Engine: s + "!", Noun: Noun{s, s}}, Summary: sum}, o); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(b.Bytes()) || strings.ContainsFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("%q reaches the terminal:\n%q", s, b.String())
		}
		if n := strings.Count(b.String(), "\n"); n != 41 {
			t.Errorf("%q makes %d lines of 41:\n%s", s, n, b.String())
		}
	})
}

// lineOf has one line, which is the same in all files.
type lineOf string

func (l lineOf) Snippet(aggregator.Unit, verdict.Place) Snippet {
	return Snippet{First: 1, Lines: []string{string(l)}}
}

// TestEveryFindingIsALineForEditors looks for findings as an editor does.
func TestEveryFindingIsALineForEditors(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Text(&b, kinds(), Options{}); err != nil {
		t.Fatal(err)
	}
	matches := regexp.MustCompile(`(?m)^([^:\s]+):(\d+):(\d+): (error|warning)\[(\S+) `).FindAllStringSubmatch(b.String(), -1)
	var got []string
	for _, m := range matches {
		got = append(got, strings.Join(m[1:], " "))
	}
	want := []string{
		"services/billing/manifest.yml 14 15 error M301",
		"services/billing/manifest.yml 30 3 warning M110",
		"services/billing/manifest.yml 41 9 error F001",
		"services/checkout/manifest.yml 12 9 error F001",
	}
	if !slices.Equal(got, want) {
		t.Errorf("an editor finds\n%q, want\n%q", got, want)
	}
}

// TestLastLineKeepsItsForm holds for every case and every set of options.
func TestLastLineKeepsItsForm(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`\n\d+ ok, \d+ err \(\d+ invalid, \d+ failed, \d+ missing\) in \S+\n$`)
	for _, c := range cases() {
		for _, o := range []Options{{}, {Quiet: true}, {Verbose: true}, {Color: true}} {
			var b bytes.Buffer
			if err := Text(&b, c.report, o); err != nil {
				t.Fatal(err)
			}
			if !form.MatchString("\n" + b.String()) {
				t.Errorf("%s with %+v ends in %q", c.name, o, b.String()[max(0, b.Len()-100):])
			}
		}
	}
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 400 * time.Microsecond: "0s", 3*time.Millisecond + 600*time.Microsecond: "4ms",
		340 * time.Millisecond: "340ms", 999600 * time.Microsecond: "1.0s", 1249 * time.Millisecond: "1.2s",
		59940 * time.Millisecond: "59.9s", 59960 * time.Millisecond: "1m0s", 192400 * time.Millisecond: "3m12s",
		3725 * time.Second: "1h2m5s",
	} {
		if got := elapsed(d); got != want {
			t.Errorf("elapsed(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestARunWithoutItsTimesTookNoTime(t *testing.T) {
	t.Parallel()
	for _, r := range []Run{{}, {Finished: started}, {Started: started}, {Started: started, Finished: started.Add(-time.Hour)}} {
		if got := r.took(); got != 0 {
			t.Errorf("%+v took %v, want 0", r, got)
		}
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestOnlyTheRunTellsRunsApart renders the same fleet as two runs found it, in
// another order and by other means.
func TestOnlyTheRunTellsRunsApart(t *testing.T) {
	t.Parallel()
	fleet := errsOfAllKinds()
	o := aggregator.Options{Joins: []verdict.Join{streams}}
	one := Report{Run: queueRun(time.Second), Summary: summary(o, fleet...)}
	slices.Reverse(fleet)
	two := Report{Run: Run{Mode: "validate", Started: started, Finished: started.Add(time.Second)}, Summary: summary(o, fleet...)}
	for _, format := range Formats() {
		run := contracts[format.Name].ofRun
		var a, b bytes.Buffer
		if err := errors.Join(format.Write(&a, one, Options{Verbose: true}), format.Write(&b, two, Options{Verbose: true})); err != nil {
			t.Fatal(err)
		}
		if got, want := run.ReplaceAllString(b.String(), ""), run.ReplaceAllString(a.String(), ""); got != want {
			t.Errorf("%s: two runs over one fleet differ:\n%s\n%s", format.Name, want, got)
		}
	}
}

// limited fails after so many bytes.
type limited struct{ left int }

var errFull = errors.New("the disk is full")

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return l.left, errFull
	}
	l.left -= len(p)
	return len(p), nil
}

func TestAFailingWriterIsReported(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		var whole bytes.Buffer
		if err := format.Write(&whole, kinds(), Options{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		for left := 0; left < whole.Len(); left += 97 {
			if err := format.Write(&limited{left}, kinds(), Options{Verbose: true}); !errors.Is(err, errFull) {
				t.Fatalf("%s: the writer takes %d bytes of %d, the error is %v", format.Name, left, whole.Len(), err)
			}
		}
	}
}

func TestATimeThatJSONCannotHoldIsReported(t *testing.T) {
	t.Parallel()
	r := kinds()
	r.Run.Started = time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := JSON(io.Discard, r, Options{}); err == nil {
		t.Error("a year of five digits is no error")
	}
}

// pieces counts writes and keeps the longest.
type pieces struct{ n, longest int }

func (p *pieces) Write(b []byte) (int, error) {
	p.n++
	p.longest = max(p.longest, len(b))
	return len(b), nil
}

func TestReportsAreStreamed(t *testing.T) {
	t.Parallel()
	f := aggregator.New(aggregator.Options{})
	for i := range 5_000 {
		name := fmt.Sprintf("service-%04d", i)
		f.Expect(id.Unit(name))
		f.Add(decided(name, verdict.Decision{Findings: []verdict.Finding{limits.At(manifest(name, 1, 1), "off", "")}}))
	}
	many := verdict.Decision{}
	for i := range 2_000 {
		many.Findings = append(many.Findings, limits.At(manifest("large", i+1, 1), "off", ""))
	}
	f.Expect("large")
	f.Add(decided("large", many))
	r := Report{Summary: policy.Policy{}.Apply(f.Summary(nil))}
	for _, format := range Formats() {
		var p pieces
		if err := format.Write(&p, r, Options{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if p.longest > 64<<10 || p.n < 10 {
			t.Errorf("%s comes in %d pieces of up to %d bytes", format.Name, p.n, p.longest)
		}
	}
}

// TestMissingServicesAreCappedInTextAlone.
func TestMissingServicesAreCappedInTextAlone(t *testing.T) {
	t.Parallel()
	var text, js bytes.Buffer
	if err := errors.Join(Text(&text, manyMissing(), Options{}), JSON(&js, manyMissing(), Options{})); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(text.String(), "\n    search-"); lines != mostAlike {
		t.Errorf("%d missing services are shown, want %d", lines, mostAlike)
	}
	for _, want := range []string{"\n10,000 services: missing: no worker\n    search-00000\n", "\n    … and 9,990 more (--format json has them all)\n", "\nwarehouse: failed: it panicked\n", "services/billing/manifest.yml:1:1: "} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text does not hold %q", want)
		}
	}
	if n := strings.Count(js.String(), `"kind": "missing"`); n != 10_000 {
		t.Errorf("the JSON report holds %d missing services, want all 10,000", n)
	}
}

// TestAPlaceIsToldOnce: below a finding stand the places that its message does not name.
func TestAPlaceIsToldOnce(t *testing.T) {
	t.Parallel()
	for message, told := range map[string]bool{
		"also at a.yml:1:2": false, "also at a.yml:1:2 and there": false, "also at a.yml:1:2, there": false,
		"also at a.yml:1:20": true, "also at a.yml:1": true, "also": true,
	} {
		f := limits.At(manifest("billing", 3, 4), message, "")
		f.Related = []verdict.Related{{Place: verdict.Place{File: "a.yml", Line: 1, Column: 2}, Text: "also there"}}
		var b bytes.Buffer
		r := Report{Summary: policy.Summary{Summary: aggregator.Summary{Errs: []aggregator.Unit{{Name: "billing", Kind: verdict.Invalid, Findings: []verdict.Finding{f}}}}}}
		if err := Text(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "   = also there: a.yml:1:2\n"); got != told {
			t.Errorf("%q: told below %v, want %v:\n%s", message, got, told, b.String())
		}
	}
}

func TestUnitsAreCountedByTheirName(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0 services": Noun{}.Number(0), "1 service": Noun{}.Number(1), "2,041 units": Noun{"unit", "units"}.Number(2041), "1 unit": Noun{"unit", "units"}.Number(1),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestWhatIsNotJudgedIsSaid, with the reason.
func TestWhatIsNotJudgedIsSaid(t *testing.T) {
	t.Parallel()
	open := []aggregator.Unjudged{{Rule: "a/exists", Needs: 1}, {Rule: "b/exists", Needs: 1200}}
	units := Noun{"unit", "units"}
	for want, s := range map[string]aggregator.Summary{
		"not judged: fleet rule a/exists (1 key): it needs the whole fleet, and 1 of 2,041 units was selected": {
			FleetRules: aggregator.Partial, Fleet: 2041, Counts: aggregator.Counts{Expected: 1}, Unjudged: open[:1]},
		"not judged: fleet rules a/exists (1 key), b/exists (1,200 keys): they need the whole fleet, and 3 units were selected": {
			FleetRules: aggregator.Partial, Counts: aggregator.Counts{Expected: 3, Missing: 1}, Unjudged: open},
		"not judged: fleet rule b/exists (1,200 keys): it needs the whole fleet, and the listing was not seen to its end": {
			FleetRules: aggregator.Whole, Unlisted: true, Unjudged: open[1:]},
		"not judged: fleet rule a/exists (1 key): 1 of 9 units is not decided, and may give what is asked for": {
			FleetRules: aggregator.Whole, Counts: aggregator.Counts{Expected: 9, Failed: 1}, Unjudged: open[:1]},
		"not judged: fleet rule a/exists (1 key): not all units can be read, and one of those that cannot may give what is asked for": {
			FleetRules: aggregator.Whole, Counts: aggregator.Counts{Expected: 9, Invalid: 1}, Unjudged: open[:1]},
		"not judged: fleet rule a/exists (1 key): 2 of 9 units are not decided, and may give what is asked for": {
			FleetRules: aggregator.Whole, Counts: aggregator.Counts{Expected: 9, Failed: 1, Missing: 1}, Unjudged: open[:1]},
	} {
		if got := unjudged(policy.Summary{Summary: s}, units); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if all := notes(Report{Run: Run{Noun: units}, Summary: policy.Summary{Summary: s}}); !slices.Contains(all, want) {
			t.Errorf("the notes %q lack %q", all, want)
		}
	}
}
