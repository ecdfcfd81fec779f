package browser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
