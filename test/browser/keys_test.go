package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
