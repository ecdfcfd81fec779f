package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

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
