package report

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// ownedReport is a report of three units: of a team, of a group, and of nobody.
func ownedReport() Report {
	unit := func(name string, kind verdict.Kind, owners ...string) aggregator.Unit {
		return aggregator.Unit{Name: id.Unit(name), Kind: kind, Owners: owners, Findings: []verdict.Finding{{Rule: "T1", Severity: verdict.Error, Message: "of " + name, Place: verdict.Place{File: name}}}}
	}
	return Report{Summary: policy.Summary{Summary: aggregator.Summary{
		Complete: true, FleetRules: aggregator.Whole, Counts: aggregator.Counts{Invalid: 3, Expected: 3},
		Errs: []aggregator.Unit{unit("a", verdict.Invalid, "shop"), unit("b", verdict.Invalid, "@acme/b", "@acme/c"), unit("c", verdict.Invalid)},
	}}}
}

func TestShownTo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		owners []string
		format string
		want   string
	}{
		{nil, "text", "a b c"},
		{[]string{"shop"}, "text", "a"},
		{[]string{"@shop"}, "text", "a"},
		{[]string{"acme/c", "shop"}, "junit", "a b"},
		{[]string{"none"}, "text", "c"},
		{[]string{"Shop"}, "text", ""},
		{[]string{"shop"}, "json", "a b c"},
		{[]string{"shop"}, "ndjson", "a b c"},
		{[]string{"shop"}, "outputs", "a b c"},
	} {
		r := ownedReport()
		shown := r.ShownTo(tt.owners, tt.format)
		var names []string
		for _, u := range shown.Summary.Errs {
			names = append(names, string(u.Name))
		}
		if got := strings.Join(names, " "); got != tt.want || shown.Summary.Counts != r.Summary.Counts || len(r.Summary.Errs) != 3 {
			t.Errorf("%s to %v: %s, want %s; %+v of %d", tt.format, tt.owners, got, tt.want, shown.Summary.Counts, len(r.Summary.Errs))
		}
	}
}

// TestTextSaysWhoseItShows: what is not shown is counted all the same.
func TestTextSaysWhoseItShows(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Text(&b, ownedReport().ShownTo([]string{"shop\x1b"}, "text"), Options{Owners: []string{"shop\x1b"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"shown: findings of shop\\x1b: 0 of 3 services; the counts are of all\n", "\n0 ok, 3 err (3 invalid"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in:\n%s", want, b.String())
		}
	}
}

// TestFormatsSayWhoseTheyShow: the counts beside them are of all.
func TestFormatsSayWhoseTheyShow(t *testing.T) {
	t.Parallel()
	owners := []string{"shop"}
	for format, write := range map[string]func(io.Writer, Report, Options) error{"markdown": Markdown, "html": HTML, "sarif": SARIF, "junit": JUnit} {
		var b bytes.Buffer
		if err := write(&b, ownedReport().ShownTo(owners, format), Options{Owners: owners}); err != nil {
			t.Fatal(err)
		}
		if want := "shown: findings of shop: 1 of 3 services; the counts are of all"; !strings.Contains(b.String(), want) {
			t.Errorf("%s: %q is not in:\n%s", format, want, b.String())
		}
	}
}
