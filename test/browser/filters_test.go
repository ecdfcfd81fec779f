package browser

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFiltersCount compares what each filter leaves with what test/page says that it makes.
func TestFiltersCount(t *testing.T) {
	const n = 1000
	b := newTab(t, 1280, 1000)
	b.open(madeUp(t, "-findings", strconv.Itoa(n)), "")
	of := func(pass func(i int) bool) (count int) {
		for i := range n {
			if pass(i) {
				count++
			}
		}
		return count
	}
	for _, c := range []struct{ field, value, want string }{
		{"severity", "error", fmt.Sprintf("%d of 1,000 findings, and 40 hidden", of(func(i int) bool { return i%10 < 6 }))},
		{"severity", "warning", fmt.Sprintf("%d of 1,000 findings, and 40 hidden", of(func(i int) bool { return i%10 > 5 && i%10 < 9 }))},
		{"severity", "info", fmt.Sprintf("%d of 1,000 findings, and 40 hidden", of(func(i int) bool { return i%10 == 9 }))},
		{"owner", "team-07", fmt.Sprintf("%d of 1,000 findings, and 40 hidden", of(func(i int) bool { return i%12 == 7 }))},
		{"rule", "R13 wrong-value", fmt.Sprintf("%d of 1,000 findings, and 40 hidden", of(func(i int) bool { return i%30 == 13 }))},
		{"kind", "invalid", "1,000 findings, and 40 hidden"},
		{"show", "hidden", "40 findings"},
		{"show", "all", "1,040 findings"},
		{"query", "service-0042 PROD-UK", "10 of 1,000 findings, and 40 hidden"},
		{"query", `"two" defaults.replicaCount`, "200 of 1,000 findings, and 40 hidden"},
		{"query", "nowhere to be found", "0 of 1,000 findings, and 40 hidden"},
	} {
		b.choose(c.field, c.value)
		if got := b.count(); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.field, c.value, got, c.want)
		}
		b.do(chromedp.Click(`#reset`))
		if got := b.count(); got != "1,000 findings, and 40 hidden" {
			t.Fatalf("without filters: %q", got)
		}
	}
	b.choose("owner", "team-07")
	b.choose("severity", "error")
	want := of(func(i int) bool { return i%12 == 7 && i%10 < 6 })
	if got := b.count(); got != fmt.Sprintf("%d of 1,000 findings, and 40 hidden", want) {
		t.Errorf("errors of team-07: %q, want %d", got, want)
	}
	if got := eval[int](b, `document.querySelectorAll("#list > li").length`); got != want {
		t.Errorf("the list has %d, want %d", got, want)
	}
	b.picture("owner")
}

// TestSorting.
func TestSorting(t *testing.T) {
	b := newTab(t, 1280, 1000)
	b.open(madeUp(t, "-findings", "60"), "")
	for by, want := range map[string]string{"": "service-00000", "unit": "service-00000", "owner": "service-00000 service-00012", "rule": "service-00000 service-00030", "place": "service-00000 service-00001 service-00002"} {
		b.choose("sort", by)
		got := eval[string](b, `Array.from(document.querySelectorAll("#list > li .unit"), (e) => e.textContent).join(" ")`)
		if !strings.HasPrefix(got, want) || strings.Count(got, " ") != 59 {
			t.Errorf("sorted by %q: %.60s, want %s", by, got, want)
		}
	}
}

// TestAddresses: the filters stand in the address, and a fingerprint leads to its finding whatever
// they are.
func TestAddresses(t *testing.T) {
	b := newTab(t, 1280, 1000)
	file := madeUp(t, "-findings", "300")
	b.open(file, "")
	b.choose("owner", "team-03")
	b.choose("query", "service-0003")
	hash := eval[string](b, `location.hash`)
	if hash != "#?query=service-0003&owner=team-03" {
		t.Errorf("the address has %q", hash)
	}
	b.open(file, hash)
	if got := b.count(); got != "1 of 300 findings, and 12 hidden" {
		t.Errorf("opened with the address: %q", got)
	}
	print := eval[string](b, `document.getElementById("rest").textContent.match(/<li id="([0-9a-f]+)"/)[1]`)
	b.do(chromedp.Navigate("file://" + file + "#" + print))
	b.becomes(fmt.Sprintf(`document.activeElement.closest("li")?.id === %q && document.activeElement.closest("details").open`, print))
	if got := b.count(); got != "300 findings, and 12 hidden" {
		t.Errorf("a fingerprint that is filtered out: %q", got)
	}
	b.open(file, "#"+fmt.Sprintf("%032x", 25)) // a hidden one
	b.becomes(fmt.Sprintf(`document.activeElement.closest("li")?.id === %q`, fmt.Sprintf("%032x", 25)))
	b.open(file, "#?severity=nosuch&owner=team-01")
	if got := b.count(); got != "25 of 300 findings, and 12 hidden" {
		t.Errorf("with a filter that there is not: %q", got)
	}
}
