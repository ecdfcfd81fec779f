package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// manyBad is a fleet of ten thousand services of which every fifth has two errors.
func manyBad() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	for i := range 10_000 {
		name := fmt.Sprintf("service-%05d", i)
		f.AddKnown(id.Unit(name))
		f.Expect(id.Unit(name))
		var d verdict.Decision
		if i%5 == 0 {
			d.Findings = []verdict.Finding{
				limits.At(manifest(name, 14, 15), fmt.Sprintf("cpu request %d is above its limit 1", i+2), "lower the request or raise the limit"),
				syntax.At(manifest(name, 20, 3), `unknown field "replicacount"`, `did you mean "replicaCount"?`),
			}
		}
		f.Add(decided(name, d))
	}
	return Report{Run: queueRun(2), Summary: policy.Policy{}.Apply(f.Summary(nil))}
}

// TestAPageStaysBelowItsLimit, and says what is missing from it.
func TestAPageStaysBelowItsLimit(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile(`\nShown: ([0-9,]+) of 4,000 findings, for there is no room for more here`)
	for _, tt := range []struct {
		format       Format
		limit, least int
	}{
		{markdownFormat, commentLimit, 200},
		{StepSummary(0), summaryLimit, 3000},
		{StepSummary(summaryLimit - 100_000), 100_000, 300},
		{StepSummary(5 << 20), smallestPage, 10},
	} {
		out := written(t, tt.format, manyBad(), Options{})
		if len(out) > tt.limit || len(out) < tt.limit*9/10 {
			t.Errorf("%s has %d bytes of %d", tt.format.Name, len(out), tt.limit)
		}
		if err := validMarkdown(out); err != nil {
			t.Errorf("%s: %v", tt.format.Name, err)
		}
		m := said.FindSubmatch(out)
		if m == nil {
			t.Errorf("%s does not say what is missing", tt.format.Name)
			continue
		}
		shown, _ := strconv.Atoi(strings.ReplaceAll(string(m[1]), ",", ""))
		if places := bytes.Count(out, []byte(": error[")); places != shown || shown < tt.least {
			t.Errorf("%s shows %d findings, and says %d; want %d at least", tt.format.Name, places, shown, tt.least)
		}
	}
	if out := written(t, StepSummary(0), kinds(), Options{}); bytes.Contains(out, []byte("Shown: ")) || bytes.Contains(out, []byte(marker)) {
		t.Errorf("something is missing from a small page, or it is marked as a comment:\n%s", out)
	}
}

// TestNobodyIsCalledFromAComment: what somebody else wrote is code, in which GitHub and GitLab
// look for nothing.
func TestNobodyIsCalledFromAComment(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"@octocat", "#1", "GH-1", "org/repo#1", "https://example.org", "www.example.org", "me@example.org", "![x](http://x)", "[x]: http://x", ":tada:", "`@octocat`",
		"``` @octocat", "````", "` @x", "x `", "||", `\|`, `\`, "<details>", "</details>", "</code>@x", "<!-- muster:report -->", "-->", "---", "# x", "* x", "$x$", "~~x~~", "&commat;octocat",
	} {
		for _, o := range []Options{{}, {Folder: s}} {
			if err := validComment(written(t, markdownFormat, filledWith(s), o), o); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
	}
}

// TestACellIsOne: nothing divides the columns of a table.
func TestACellIsOne(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "plain": "`plain`", "a|b": "`a\\x7cb`", "a`b": "``a`b``", "`": "`` ` ``", " x": "`  x `", "a``b`c": "```a``b`c```",
		strings.Repeat("é", 130): "`" + strings.Repeat("é", 120) + "…`",
	} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := fence("a\n````\n"), "\n`````text\na\n````\n`````\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTablesAreCut, and say of how much.
func TestTablesAreCut(t *testing.T) {
	t.Parallel()
	var units []aggregator.Unit
	for i := range 40 {
		rule := verdict.Rule{Code: fmt.Sprintf("R%02d", i), Severity: verdict.Error}
		units = append(units, aggregator.Unit{Name: id.Unit(fmt.Sprint("u", i)), Kind: verdict.Invalid, Owners: []string{fmt.Sprintf("@acme/team-%02d", i), "@acme/all"},
			Findings: []verdict.Finding{rule.At(verdict.Place{File: "a.yml", Line: i + 1}, "odd", "")}})
	}
	r := Report{Summary: policy.Summary{Summary: aggregator.Summary{Errs: units, Counts: aggregator.Counts{Expected: 40, Invalid: 40}, Complete: true}}}
	out := string(written(t, markdownFormat, r, Options{}))
	for _, want := range []string{"### muster: 40 of 40 services invalid\n", "| `@acme/all` | 40 | 0 | 40 |\n| `@acme/team-00` | 1 | 0 | 1 |\n", "\n… and 10 more rules\n", "\n… and 11 more owners\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %q:\n%s", want, out)
		}
	}
}

// TestHeadlines say in a few words how a run went.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	bad := []verdict.Finding{limits.At(verdict.Place{}, "x", "")}
	of := func(s aggregator.Summary) policy.Summary { return policy.Summary{Summary: s} }
	for want, r := range map[string]Report{
		"3 services ok":                                     {Summary: of(aggregator.Summary{Complete: true, Counts: aggregator.Counts{OK: 3, Expected: 3}})},
		"nothing was selected":                              {Summary: of(aggregator.Summary{Complete: true})},
		"1 of 1 unit not decided, 0 invalid":                {Run: Run{Noun: Noun{"unit", "units"}}, Summary: of(aggregator.Summary{Counts: aggregator.Counts{Missing: 1, Expected: 1}})},
		"1 of 2 `<b>` invalid":                              {Run: Run{Noun: Noun{"x", "<b>"}}, Summary: of(aggregator.Summary{Complete: true, Counts: aggregator.Counts{Invalid: 1, OK: 1, Expected: 2}})},
		"the configuration has errors: nothing was checked": {Summary: of(aggregator.Summary{Config: bad})},
		"errors in what is hidden or asked for":             {Summary: policy.Summary{Summary: aggregator.Summary{Complete: true, Counts: aggregator.Counts{OK: 1, Expected: 1}}, Remarks: bad}},
		"superseded by a newer run":                         {Run: Run{Superseded: true}},
		"0 of 1 service not decided, 0 invalid":             {Summary: of(aggregator.Summary{Unlisted: true, Counts: aggregator.Counts{OK: 1, Expected: 1}})},
	} {
		if got := verdictOf(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestTheBestAreAnnotated: errors before warnings, then what mends most, then by place; and each
// cause once.
func TestTheBestAreAnnotated(t *testing.T) {
	t.Parallel()
	shared := verdict.Place{File: "templates/log.j2", Line: 7, Column: 3}
	var units []aggregator.Unit
	for i := range 12 {
		name := fmt.Sprintf("u%02d", i)
		found := []verdict.Finding{
			limits.At(verdict.Place{File: name, Line: 2, Column: 4}, "above", ""), legacy.At(verdict.Place{File: name, Line: 1}, "old", ""),
			idle.At(verdict.Place{File: name, Line: 5}, "idle", ""),
		}
		if i > 6 {
			found = append(found, syntax.At(shared, "unknown variable", "define it"))
		}
		units = append(units, aggregator.Unit{Name: id.Unit(name), Kind: verdict.Invalid, Findings: found})
	}
	r := Report{Summary: policy.Summary{Summary: aggregator.Summary{Errs: units}}}
	a := annotationsOf(r, Options{}, "error", "warning")
	var got []string
	for _, c := range a.causes {
		got = append(got, c.Place.String())
	}
	want := []string{"templates/log.j2:7:3"}
	for i := range 9 {
		want = append(want, fmt.Sprintf("u%02d:2:4", i))
	}
	for i := range 10 {
		want = append(want, fmt.Sprintf("u%02d:1", i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("annotated are %q, want %q", got, want)
	}
	if got, want := a.title("error", "warning"), "annotations: 10 of 13 errors, 10 of 12 warnings (at most 10 of a kind are kept)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := strings.Join(a.causes[0].told(Noun{}), "|"), "unknown variable|help: define it|in 5 services: u07, u08, u09 and 2 more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTheTokenIsOfTheText: nobody can write it into the text beforehand.
func TestTheTokenIsOfTheText(t *testing.T) {
	t.Parallel()
	a, errA := stopToken(kinds(), Options{})
	again, errAgain := stopToken(kinds(), Options{})
	b, errB := stopToken(hostile(), Options{})
	if errA != nil || errAgain != nil || errB != nil || a != again || a == b {
		t.Errorf("%q, %q and %q; %v, %v, %v", a, again, b, errA, errAgain, errB)
	}
}
