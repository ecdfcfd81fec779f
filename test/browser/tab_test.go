package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser with a page in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // what the console was told, and what was asked for beside the page
}

// patience is how long a page may take for one step on a machine that has other things to do.
const patience = time.Minute

// newTab opens a tab of so many pixels, which is closed at the end of the test. What the console is
// told, and each request but that for a page, fails the test then.
func newTab(t *testing.T, width, height int64) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browserContext)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	}), chromedp.EmulateViewport(width, height))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, trouble := range b.troubles {
			t.Error(trouble)
		}
	})
	return b
}

func (b *tab) heard(event any) {
	var trouble string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		trouble = "the console says: " + e.Entry.Text
	case *runtime.EventExceptionThrown:
		trouble = "an exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			trouble += ": " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		trouble = fmt.Sprintf("the console says: %v", e.Args)
	case *network.EventRequestWillBeSent:
		if e.Type != network.ResourceTypeDocument || !strings.HasPrefix(e.Request.URL, "file:///") && e.Request.URL != "about:blank" {
			trouble = "the page asks for " + e.Request.URL
		}
	}
	if trouble == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles = append(b.troubles, trouble)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open opens a page, by its file and what stands behind it in the address.
func (b *tab) open(file, hash string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate("file://"+file+hash))
}

// press types keys, one event each.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// eval is the value of an expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// becomes waits until an expression is true.
func (b *tab) becomes(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression))
	for err != nil && strings.Contains(err.Error(), "Cannot find context") && ctx.Err() == nil { // the page was left meanwhile for another one
		_, err = chromedp.Run(ctx, chromedp.Poll[bool](expression))
	}
	if err != nil {
		b.t.Fatalf("%s does not become true: %v; the count is %q", expression, err, b.count())
	}
}

// count is what the page says of how many findings it shows.
func (b *tab) count() string {
	b.t.Helper()
	return eval[string](b, `document.getElementById("count").textContent`)
}

// choose sets a filter as a reader does.
func (b *tab) choose(field, value string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => { const f = document.getElementById(%q); f.value = %q; f.dispatchEvent(new Event("input")); f.dispatchEvent(new Event("change")); return true; })()`, field, value))
}

// picture leaves a picture of what is seen where MUSTER_SCREENSHOTS says.
func (b *tab) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("MUSTER_SCREENSHOTS")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
