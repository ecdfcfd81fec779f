package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// sameLines are Sources that have the same lines around every place.
type sameLines Snippet

// Snippet implements Sources.
func (l sameLines) Snippet(_ aggregator.Unit, at verdict.Place) Snippet {
	s := Snippet(l)
	s.First += at.Line
	return s
}

// judgedPage is a report of which a policy has hidden findings, with owners, remarks, an entry of the
// baseline that is gone, and a change that would switch something off.
func judgedPage() Report {
	r := kinds()
	s := &r.Summary
	for i := range s.Errs {
		s.Errs[i].Owners = []string{"@pay/billing", "payments & <co>"}
	}
	for i := range s.OKs {
		if s.OKs[i].Name == "mailer" {
			s.OKs[i].Hidden = []verdict.Hidden{
				hiddenFinding(limits.At(manifest("mailer", 3, 8), "cpu request 4 is above its limit 1", ""), "suppressed", "until the migration", "services/mailer/manifest.yml"),
				hiddenFinding(legacy.At(manifest("mailer", 9, 3), `field "uri" is no longer read`, `use "path"`), "baseline", "", "muster-baseline.json"),
			}
		}
	}
	ignored := verdict.Rule{Code: "P001", Name: "unused-ignore", Severity: verdict.Error}
	s.Remarks = []verdict.Finding{ignored.At(verdict.Place{File: "muster.yaml", Line: 4, Column: 7}, "it hides nothing", "take it out")}
	s.Fixed = []policy.Entry{{Fingerprint: "00ff", Rule: "M110", Unit: "orders", File: "services/orders/manifest.yml", Path: "health.uri", Message: `field "uri" is no longer read`}}
	s.Proposed = []string{"M301 is switched off for services/billing/**"}
	return r
}

func hiddenFinding(f verdict.Finding, why verdict.Why, reason, by string) verdict.Hidden {
	f.Fingerprint = fmt.Sprintf("%04d", f.Line)
	return verdict.Hidden{Finding: f, Why: why, Reason: reason, By: verdict.Place{File: by, Line: 2}}
}

// withoutSources is a page without its style and its script, which have files of their own.
func withoutSources(page []byte) []byte {
	for _, source := range []string{pageStyle, pageScript} {
		page = bytes.Replace(page, []byte(source), []byte("…"), 1)
	}
	return regexp.MustCompile(`sha256-([\w/=]|&#43;)*`).ReplaceAll(page, []byte("sha256-…"))
}

func htmlOf(t *testing.T, r Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r, o); err != nil {
		t.Fatal(err)
	}
	if err := validHTML(b.Bytes(), o); err != nil {
		t.Errorf("the page is malformed: %v", err)
	}
	return string(withoutSources(b.Bytes()))
}

// TestGoldenPages compares pages with html/testdata.
func TestGoldenPages(t *testing.T) {
	t.Parallel()
	here := Options{
		Sources: sameLines{First: -1, Lines: []string{"metadata:", "\treplicas:  'two' # <b>", "", "<script>alert(1)</script>"}},
		Rules:   map[string]verdict.Rule{"M301": {Summary: "a request is not above its limit"}},
	}
	for name, c := range map[string]struct {
		report  Report
		options Options
	}{
		"all-kinds": {kinds(), Options{}}, "config": {configErrors(), Options{}}, "hostile": {hostile(), here},
		"judged": {judgedPage(), here}, "empty": {cases()[7].report, Options{}},
	} {
		page, path := htmlOf(t, c.report, c.options), filepath.Join("html", "testdata", name+".html")
		if *update {
			if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), page); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// TestAPageHasEveryFindingOnce: those that it shows when it opens and those behind them, each
// with an address of its own.
func TestAPageHasEveryFindingOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, mostOpen, mostOpen + 1, mostAtOnce, mostAtOnce + 1, 1000} {
		var d verdict.Decision
		for i := range n {
			d.Findings = append(d.Findings, limits.At(manifest("billing", i+1, 1), "off", ""))
		}
		r := Report{Run: queueRun(1), Summary: summary(aggregator.Options{Whole: true}, decided("billing", d))}
		page := htmlOf(t, r, Options{})
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`<li id="([0-9a-f]{32})"`).FindAllStringSubmatch(page, -1) {
			seen[m[1]] = true
		}
		if got := strings.Count(page, `<li id="`); got != n || len(seen) != n {
			t.Errorf("of %d findings the page has %d, with %d addresses", n, got, len(seen))
		}
		first, rest, more := strings.Cut(page, "<noscript")
		if got := strings.Count(first, `<li id="`); got != min(n, mostAtOnce) || more != (n > mostAtOnce) || strings.Count(rest, "</ol></noscript>") != strings.Count(page, "<noscript") {
			t.Errorf("of %d findings the page shows %d at once", n, got)
		}
		if opened := strings.Count(page, "<details open><summary><b"); opened != n && n <= mostOpen || opened != 0 && n > mostOpen {
			t.Errorf("of %d findings %d are opened", n, opened)
		}
	}
}

func TestPagesHaveHeadlines(t *testing.T) {
	t.Parallel()
	bad := []verdict.Finding{{Rule: "C1", Severity: verdict.Error}}
	of := func(n aggregator.Counts) policy.Summary {
		n.Expected = n.OK + n.Invalid + n.Failed + n.Missing
		return policy.Summary{Summary: aggregator.Summary{Complete: n.Missing == 0, Counts: n}}
	}
	with := func(s policy.Summary, change func(*policy.Summary)) policy.Summary {
		change(&s)
		return s
	}
	for want, c := range map[string]struct {
		s    policy.Summary
		word string
	}{
		"All 203 services are ok":                                   {of(aggregator.Counts{OK: 203}), "ok"},
		"The service is ok":                                         {of(aggregator.Counts{OK: 1}), "ok"},
		"3 of 203 services are invalid":                             {of(aggregator.Counts{OK: 200, Invalid: 3}), "invalid"},
		"1 of 1,203 services is invalid":                            {of(aggregator.Counts{OK: 1202, Invalid: 1}), "invalid"},
		"3 of 205 services are invalid, and 2 are not decided":      {of(aggregator.Counts{OK: 200, Invalid: 3, Failed: 1, Missing: 1}), "undecided"},
		"1 of 201 services is not decided":                          {of(aggregator.Counts{OK: 200, Failed: 1}), "undecided"},
		"0 of at least 2 services are not decided":                  {with(of(aggregator.Counts{OK: 2}), func(s *policy.Summary) { s.Unlisted = true }), "undecided"},
		"All 2 services are ok; the policy has 1 error":             {with(of(aggregator.Counts{OK: 2}), func(s *policy.Summary) { s.Remarks = bad }), "invalid"},
		"Nothing was checked: the shared configuration has 1 error": {with(of(aggregator.Counts{}), func(s *policy.Summary) { s.Config = bad }), "nothing"},
		"Nothing was checked: no service was selected":              {of(aggregator.Counts{}), "nothing"},
	} {
		if got := headingOf(Report{Summary: c.s}); got.Headline != want || got.Word != c.word {
			t.Errorf("%q (%s), want %q (%s)", got.Headline, got.Word, want, c.word)
		}
	}
	r := supersededAtOnce()
	r.Summary.Unlisted = false
	if got := headingOf(r).Headline; got != "Nothing was checked: a newer run has replaced this one" {
		t.Errorf("of a run that a newer one has replaced at once: %q", got)
	}
}

// TestABarShowsTheLeast: one err among ten thousand services can be seen.
func TestABarShowsTheLeast(t *testing.T) {
	t.Parallel()
	b := newBar(policy.Summary{Summary: aggregator.Summary{Counts: aggregator.Counts{OK: 9999, Invalid: 1, Expected: 10_000}}})
	if b.Total != leastShare+999 || b.Shares[0].Width != leastShare || b.Shares[1].Width != 0 || b.Shares[3].From != leastShare {
		t.Errorf("the bar is %+v", b)
	}
}

// TestTallies: a finding counts for its rule and for each owner of its unit, a hidden one apart,
// and those with the most errs come first.
func TestTallies(t *testing.T) {
	t.Parallel()
	r := judgedPage()
	got := newTallies(r.Summary.Errs, newHTMLFindings(nil, r, Options{}), map[string]verdict.Rule{"M110": {Summary: "every field is read"}})
	if want := (tallyRow{Errors: 4, Warnings: 2, Info: 2, Hidden: 2}); got.All != want {
		t.Errorf("of all findings %+v, want %+v", got.All, want)
	}
	owners := []tallyRow{
		{Name: "@pay/billing", Errs: 6, Errors: 3, Warnings: 1, Info: 1},
		{Name: "payments & <co>", Errs: 6, Errors: 3, Warnings: 1, Info: 1},
		{Warnings: 1, Info: 1, Hidden: 2},
	}
	if diff := cmp.Diff(owners, got.Owners.Rows); diff != "" {
		t.Errorf("by owner (-want +got):\n%s", diff)
	}
	rules := []tallyRow{
		{Name: "F001 stream-taken", Errors: 2}, {Name: "M301 request-above-limit", Errors: 1, Hidden: 1}, {Name: "P001 unused-ignore", Errors: 1},
		{Name: "M110 legacy-field", Doc: "every field is read", Warnings: 2, Hidden: 1}, {Name: "M130 idle-field", Info: 2},
	}
	if diff := cmp.Diff(rules, got.Rules.Rows); diff != "" {
		t.Errorf("by rule (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]hiddenTally{{"baseline", 1}, {"suppressed", 1}}, got.Hidden); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
}

// TestErrsWithOneCauseAreTogether, and what was found is no cause.
func TestErrsWithOneCauseAreTogether(t *testing.T) {
	t.Parallel()
	found := []verdict.Finding{limits.At(manifest("a", 1, 1), "off", "")}
	got := newSilentErrs([]aggregator.Unit{
		{Name: "a", Kind: verdict.Invalid, Findings: found}, {Name: "b", Kind: verdict.Missing, Cause: "no worker"},
		{Name: "c", Kind: verdict.Failed, Cause: "no worker", Findings: found}, {Name: "d", Kind: verdict.Missing, Cause: "no worker", Owners: []string{"x"}},
		{Name: "e", Kind: verdict.Invalid},
	})
	want := []silentErrs{
		{"missing", "no worker", []ownedUnit{{Name: "b"}, {"d", []string{"x"}}}},
		{"failed", "no worker", []ownedUnit{{Name: "c"}}},
		{"invalid", "no finding says why", []ownedUnit{{Name: "e"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestALongWriteIsParted, and an error in the middle is returned with what was written.
func TestALongWriteIsParted(t *testing.T) {
	t.Parallel()
	var p pieces
	if n, err := (inPieces{&p}).Write(make([]byte, 3*maxWrite+1)); n != 3*maxWrite+1 || err != nil || p.n != 4 || p.longest != maxWrite {
		t.Errorf("%d bytes in %d pieces of up to %d, %v", n, p.n, p.longest, err)
	}
	if n, err := (inPieces{&limited{maxWrite + 1}}).Write(make([]byte, 3*maxWrite)); n != maxWrite+1 || !errors.Is(err, errFull) {
		t.Errorf("a full disk takes %d bytes, %v", n, err)
	}
}

// TestTheValueIsMarked: under a column stands what begins there, to its end.
func TestTheValueIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line   string
		column int
		want   string
	}{
		{"replicas: two", 11, "two"}, {"replicas: two", 1, "replicas"}, {"replicas:", 1, "replicas"}, {"  cpu: 2 # why", 8, "2"},
		{`name: "a # \" b" # c`, 7, `"a # \" b"`}, {"name: 'it''s' # c", 7, "'it''s'"}, {`name: "not closed  `, 7, `"not closed`},
		{"url: http://x:1/ # c", 6, "http://x:1/"}, {"tags: [a, b]", 8, "a"}, {"tags: [a, b]", 11, "b"}, {"tags: [a, [b]]", 7, "[a, [b]]"},
		{"m: {a: 1, b: 2}", 5, "a"}, {"m: {a: 1, b: 2}", 8, "1"}, {"{{ env.X }} and", 1, "{{ env.X }}"}, {"list: [", 7, "["},
		{"Ünïcödé: 東京 # x", 10, "東京"}, {"\tkey: v", 2, "key"}, {"  whole line  ", 0, "whole line"}, {"  past its end", 99, "past its end"},
		{"", 1, ""}, {"   ", 2, ""}, {"a\xffb: c", 6, "c"}, {"- item", 3, "item"}, {"key: value,with]odd", 6, "value,with]odd"},
	} {
		from, to := valueAt("a.yml", c.line, c.column)
		if got := c.line[from:to]; got != c.want {
			t.Errorf("at column %d of %q: %q, want %q", c.column, c.line, got, c.want)
		}
	}
}

// TestALongLineIsCut on both sides of the value, by characters.
func TestALongLineIsCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 5000)
	line := `{"a": "` + long + `", "b": two, "c": "` + long + `"}`
	r := kinds()
	r.Summary.Errs = r.Summary.Errs[:1]
	r.Summary.Errs[0].Findings[0].Line, r.Summary.Errs[0].Findings[0].Column = 7, 5016
	page := htmlOf(t, r, Options{Sources: sameLines{Lines: []string{line, line}}})
	around := strings.Repeat("é", mostOfLine/2-8)
	if want := `data-line="7">…` + around + `&#34;, &#34;b&#34;: <mark>two</mark>, &#34;c&#34;: &#34;`; !strings.Contains(page, want) {
		t.Errorf("the page lacks %q", want)
	}
	if len(page) > 20_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

// TestLinesThatAreGoneAreSaid.
func TestLinesThatAreGoneAreSaid(t *testing.T) {
	t.Parallel()
	if page := htmlOf(t, kinds(), Options{Sources: sameLines{Gone: "its bytes are <gone>"}}); !strings.Contains(page, `<p class="gone">its bytes are &lt;gone&gt;</p>`) {
		t.Error("the page does not say that lines are gone")
	}
}

// TestWhoseFindingsAPageHasIsSaid, as its counts are of all.
func TestWhoseFindingsAPageHasIsSaid(t *testing.T) {
	t.Parallel()
	owners := []string{"@pay/billing", "<co>"}
	page := htmlOf(t, judgedPage().ShownTo(owners, "html"), Options{Owners: owners})
	if want := "<li>shown: findings of @pay/billing, &lt;co&gt;: 6 of 9 services; the counts are of all</li>"; !strings.Contains(page, want) {
		t.Errorf("the page lacks %q", want)
	}
}

// FuzzSnippetsStayText puts lines of any bytes around a finding.
func FuzzSnippetsStayText(f *testing.F) {
	for i, s := range hostileTexts {
		f.Add(s, hostileTexts[(i+1)%len(hostileTexts)], i-1)
	}
	r := kinds()
	r.Summary.Errs = r.Summary.Errs[:1]
	f.Fuzz(func(t *testing.T, a, b string, column int) {
		r := Report{Run: r.Run, Summary: r.Summary}
		unit := r.Summary.Errs[0]
		finding := limits.At(manifest("billing", 1, column), "off", "")
		unit.Findings = []verdict.Finding{finding}
		unit.Name = id.Unit(a)
		r.Summary.Errs = []aggregator.Unit{unit}
		var page bytes.Buffer
		if err := HTML(&page, r, Options{Sources: sameLines{Lines: []string{a, b}, Gone: a}}); err != nil {
			t.Fatal(err)
		}
		if err := validHTML(page.Bytes(), Options{}); err != nil {
			t.Errorf("%q, %q, column %d: %v", a, b, column, err)
		}
	})
}
