package browser

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// grouped is a number as the page writes it.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// TestAPageOpensInTime: with 5,000 findings and their lines it can be used within a second. The
// machine may have other things to do, so the best of three medians counts.
func TestAPageOpensInTime(t *testing.T) {
	file := madeUp(t, "-findings", "5000")
	b := newTab(t, 1280, 1000)
	best := time.Hour
	for range 3 {
		var times []time.Duration
		for range 5 {
			b.open(file, "")
			b.becomes(`"ready" in document.documentElement.dataset`)
			times = append(times, time.Duration(eval[float64](b, `performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`)*float64(time.Millisecond)))
		}
		slices.Sort(times)
		if best = min(best, times[2]); best < time.Second {
			break
		}
	}
	size := eval[float64](b, `performance.getEntriesByType("navigation")[0].decodedBodySize`)
	search := eval[float64](b, `(() => { const start = performance.now(); const q = document.getElementById("query"); q.value = "service-04999"; q.dispatchEvent(new Event("change")); return performance.now() - start; })()`)
	t.Logf("5,000 findings in %.1f MB: usable after %v, and the first search takes %.0f ms", size/1e6, best.Round(time.Millisecond), search)
	if best >= time.Second {
		t.Errorf("a page of 5,000 findings can be used after %v", best)
	}
	if got := b.count(); got != "1 of 5,000 findings, and 200 hidden" {
		t.Errorf("the search says %q", got)
	}
}

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

// TestTheListGrows: findings become elements as they come into view, and all of them do.
func TestTheListGrows(t *testing.T) {
	b := newTab(t, 1280, 1000)
	b.open(madeUp(t, "-findings", "450"), "")
	if got := eval[int](b, `document.querySelectorAll("#list > li").length`); got != 100 {
		t.Errorf("at first there are %d findings, want 100", got)
	}
	for _, more := range []int{200, 300} {
		eval[bool](b, `scrollTo(0, document.body.scrollHeight), true`)
		b.becomes(fmt.Sprintf(`document.querySelectorAll("#list > li").length >= %d`, more))
	}
	eval[bool](b, `dispatchEvent(new Event("beforeprint"))`)
	b.becomes(`document.querySelectorAll("#list > li").length === 450 && document.getElementById("more").hidden`)
	if got := eval[int](b, `new Set(Array.from(document.querySelectorAll("#list > li"), (li) => li.id)).size`); got != 450 {
		t.Errorf("%d of 450 findings have an address of their own", got)
	}
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

// TestKeys presses each.
func TestKeys(t *testing.T) {
	b := newTab(t, 1280, 1000)
	b.open(madeUp(t, "-findings", "250"), "")
	at := func(want string) {
		t.Helper()
		if got := eval[string](b, `document.activeElement.closest("li")?.querySelector(".unit").textContent ?? document.activeElement.id`); got != want {
			t.Errorf("the focus is at %q, want %q", got, want)
		}
	}
	b.press("jj")
	at("service-00001")
	b.press("k")
	at("service-00000")
	b.press(kb.ArrowDown)
	at("service-00001")
	b.press(kb.ArrowUp)
	at("service-00000")
	b.press(kb.Enter)
	b.becomes(`document.querySelector("#list > li > details").open`)
	b.becomes(`document.querySelector("#list dd > button")?.textContent === "copy"`)
	b.press(kb.Enter)
	b.becomes(`!document.querySelector("#list > li > details").open`)
	b.press("/")
	at("query")
	b.press("service-00123")
	b.becomes(`document.getElementById("count").textContent.startsWith("1 of 250 findings")`)
	b.press(kb.Enter)
	at("service-00123")
	b.press(kb.Escape)
	b.becomes(`document.getElementById("count").textContent.startsWith("250 findings")`)
	b.choose("severity", "info")
	b.press(kb.Escape)
	b.becomes(`document.getElementById("count").textContent.startsWith("250 findings")`)
	b.press("?")
	b.becomes(`document.getElementById("help").open`)
	b.picture("keys")
	b.do(chromedp.Click("#letters"), chromedp.Click("#help button"))
	b.becomes(`!document.getElementById("help").open`)
	eval[bool](b, `document.activeElement.blur(), true`)
	b.press("j")
	if got := eval[string](b, `document.activeElement.tagName`); got != "BODY" {
		t.Errorf("single letters are no keys any more, and j goes to %s", got)
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

// TestHostileTextsStayText, in what is made up and in the manifests of a real run.
func TestHostileTextsStayText(t *testing.T) {
	repo := t.TempDir()
	if err := os.CopyFS(repo, os.DirFS(filepath.Join(root, "examples", "fleet"))); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(repo, "services", "crew-rota", "manifest.yml")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	attack := "\n\"</noscript></script><script>window.hacked=1</script>\": '\"><img src=x onerror=window.hacked=2>'\n"
	if err := os.WriteFile(manifest, append(text, attack...), 0o644); err != nil {
		t.Fatal(err)
	}
	real, f := validated(t, repo)
	if !slices.ContainsFunc(f.all(), func(f finding) bool { return strings.Contains(f.Message, "<script>") }) {
		t.Fatal("no finding has the hostile key")
	}
	made := madeUp(t, "-findings", "300", "-hostile")
	b := newTab(t, 1280, 1000)
	for _, file := range []string{real, made} {
		b.open(file, "")
		for _, field := range []string{"rule", "owner", "sort"} {
			eval[bool](b, fmt.Sprintf(`(() => { const f = document.getElementById(%q); for (const o of f.options) { f.value = o.value; f.dispatchEvent(new Event("change")); } f.value = ""; f.dispatchEvent(new Event("change")); return true; })()`, field))
		}
		eval[bool](b, `dispatchEvent(new Event("beforeprint"))`)
		b.do(chromedp.Click("#unfold"))
		if eval[bool](b, `"hacked" in window`) {
			t.Error("a script of a manifest ran")
		}
		strangers := eval[[]string](b, `Array.from(document.querySelectorAll("script:not(:last-of-type), img, iframe, base, link, object, embed, svg:not(.bar), body meta, body style"), (e) => e.outerHTML.slice(0, 80))`)
		if len(strangers) > 0 {
			t.Errorf("texts became elements: %q", strangers)
		}
		attributes := eval[[]string](b, `[...new Set(Array.from(document.querySelectorAll("*")).flatMap((e) => e.getAttributeNames()))].filter((name) => name.startsWith("on") || ["style", "src", "srcset", "srcdoc", "action", "formaction"].includes(name))`)
		if len(attributes) > 0 {
			t.Errorf("texts became attributes: %q", attributes)
		}
		if links := eval[[]string](b, `Array.from(document.links, (a) => a.getAttribute("href")).filter((to) => !to.startsWith("#"))`); len(links) > 0 {
			t.Errorf("texts became links: %q", links)
		}
	}
	if got := eval[int](b, `document.querySelectorAll("#list > li").length`); got != 300 {
		t.Errorf("the list has %d findings, want 300", got)
	}
}

// TestAPhoneIsWideEnough: nothing is wider than the window.
func TestAPhoneIsWideEnough(t *testing.T) {
	example, _ := validated(t, filepath.Join(root, "examples", "fleet"))
	for name, file := range map[string]string{"example": example, "5,000": madeUp(t, "-findings", "5000"), "hostile": madeUp(t, "-findings", "40", "-hostile")} {
		for _, width := range []int64{390, 320, 1280} {
			b := newTab(t, width, 844)
			b.open(file, "")
			b.do(chromedp.Click("#unfold"))
			eval[bool](b, `(() => { for (const d of document.querySelectorAll("details")) d.open = true; return true; })()`)
			if got := eval[int64](b, `document.documentElement.scrollWidth`); got > width {
				wide := eval[[]string](b, `Array.from(document.querySelectorAll("body *")).filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 100))`)
				t.Errorf("%s is %d wide in a window of %d: %q", name, got, width, wide)
			}
		}
	}
	b := newTab(t, 390, 844)
	b.open(example, "")
	b.picture("phone")
	b.open(example, "#findings")
	b.picture("phone-findings")
}

// TestWhoDoesNotSeeThePage: a screen reader is given landmarks, headings and names.
func TestWhoDoesNotSeeThePage(t *testing.T) {
	b := newTab(t, 1280, 1000)
	b.open(madeUp(t, "-findings", "120"), "")
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		name := ""
		if node.Name != nil {
			name = strings.Trim(string(node.Name.Value), `"`)
		}
		role := strings.Trim(string(node.Role.Value), `"`)
		has[role+" "+name] = true
		switch role {
		case "button", "combobox", "searchbox", "checkbox", "link", "DisclosureTriangle":
			if strings.TrimSpace(name) == "" {
				t.Errorf("a %s has no name", role)
			}
		}
	}
	for _, want := range []string{
		"banner ", "main ", "contentinfo ", "search Findings", "heading 120 of 360 services are invalid", "heading Findings", "heading By owner",
		"region About this run", "region Counts of findings", "region Findings", "searchbox Search", "combobox Severity", "combobox Rule", "combobox Owner",
		"combobox Kind", "combobox Show", "combobox Sort by", "button Clear filters", "button Open all", "button Keys", "status ", "list Findings", "link Skip to the findings",
	} {
		if !has[want] {
			t.Errorf("the tree lacks %q", want)
		}
	}
	if live := eval[string](b, `document.getElementById("count").ariaLive`); live != "polite" {
		t.Errorf("the count is %q, and not polite", live)
	}
	b.press(kb.Tab)
	if got := eval[string](b, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop is %q, want the link that skips", got)
	}
}

// contrasts are the least contrasts of the texts of a page with what is behind them, by the formula of WCAG 2.
const contrasts = `(() => {
  const numbers = (c) => c.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const low = new Map();
  for (const e of document.querySelectorAll("body *")) {
    if (!Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const [a, b] = [luminance(numbers(getComputedStyle(e).color)), luminance(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.set(e.tagName + "." + e.className, ratio.toFixed(2));
  }
  return Array.from(low, (entry) => entry.join(" "));
})()`

// TestTextsCanBeRead: contrast AA in the light and in the dark, of every kind of page.
func TestTextsCanBeRead(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		b := newTab(t, 1280, 1000)
		b.scheme(scheme)
		for _, file := range allKinds(t) {
			b.open(file, "#?show=all")
			b.do(chromedp.Click("#unfold"))
			eval[bool](b, `(() => { for (const d of document.querySelectorAll("details")) d.open = true; return true; })()`)
			if low := eval[[]string](b, contrasts); len(low) > 0 {
				t.Errorf("%s, %s: too little contrast: %q", filepath.Base(file), scheme, low)
			}
		}
		eval[bool](b, `document.getElementById("list").scrollIntoView(), true`)
		b.picture("opened-" + scheme)
	}
}

// TestWithoutScript: all findings can be read, and nothing that needs the script is seen.
func TestWithoutScript(t *testing.T) {
	b := newTab(t, 1280, 1000)
	b.withoutScript()
	b.open(madeUp(t, "-findings", "150"), "")
	if got := eval[int](b, `document.querySelectorAll("#findings li").length`); got != 156 {
		t.Errorf("%d findings can be read, want 150 and 6 that are hidden", got)
	}
	if eval[bool](b, `document.getElementById("filters").checkVisibility() || document.getElementById("more").checkVisibility()`) {
		t.Error("there are filters that do nothing")
	}
}

// TestARealFleet compares the page of a run over 10,000 services with the JSON report of it.
func TestARealFleet(t *testing.T) {
	repo := t.TempDir()
	command(t, repo, "genfleet", "-n", "10000", "-bad", "0.2", "-out", ".")
	file, f := validated(t, repo)
	b := newTab(t, 1280, 1000)
	b.open(file, "#?show=all")
	all := f.all()
	counts := map[string]int{}
	for _, found := range all {
		level := found.Severity
		if found.Advice {
			level = "info"
		}
		counts["severity "+level]++
		counts["rule "+found.Rule+" "+found.Name]++
	}
	if got := b.count(); got != grouped(len(all))+" findings" {
		t.Errorf("the page has %q, the report %d", got, len(all))
	}
	if want, got := fmt.Sprintf("%s of %s services are invalid", grouped(f.Counts.Invalid), grouped(f.Expected)), eval[string](b, `document.querySelector("h1").textContent`); got != want {
		t.Errorf("the heading is %q, want %q", got, want)
	}
	for _, what := range slices.Sorted(maps.Keys(counts))[:10] {
		n := counts[what]
		field, value, _ := strings.Cut(what, " ")
		b.choose(field, value)
		want := grouped(n) + " of " + grouped(len(all)) + " findings"
		if n == len(all) {
			want = grouped(n) + " findings"
		}
		if got := b.count(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		b.choose(field, "")
	}
	b.open(file, "")
	b.picture("fleet")
}

// TestTheExample is looked at.
func TestTheExample(t *testing.T) {
	file, f := validated(t, filepath.Join(root, "examples", "fleet"))
	b := newTab(t, 1280, 1600)
	b.open(file, "")
	for _, found := range f.all() {
		if !eval[bool](b, fmt.Sprintf(`document.getElementById(%q).textContent.includes(%q)`, found.Fingerprint, found.Message)) {
			t.Errorf("%s %q is not in the page", found.Rule, found.Message)
		}
	}
	b.picture("desktop")
}
