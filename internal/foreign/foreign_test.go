package foreign

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// answered wants an answer about a text soon, the same twice, that names nothing of this process.
func answered(t *testing.T, about string, ask func() error) {
	t.Helper()
	start := time.Now()
	first := ask()
	if took := time.Since(start); took > time.Minute { // far beyond what a busy machine makes of the bounds
		t.Errorf("took %v", took)
	}
	second := ask()
	if said(first) != said(second) {
		t.Errorf("it said %q, then %q", said(first), said(second))
	}
	text := said(first)
	for _, mark := range []string{"goroutine", "0x"} { // of a stack and of an address
		if strings.Contains(text, mark) && !strings.Contains(about, mark) {
			t.Errorf("it said %q", text)
		}
	}
	if utf8.RuneCountInString(text) > maxSaid+200 {
		t.Errorf("it said %q", text)
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestGuard: a panic of any kind is one answer.
func TestGuard(t *testing.T) {
	t.Parallel()
	var none []int
	for name, parse := range map[string]func() error{
		"a runtime error": func() error { _ = none[1]; return nil },
		"an error":        func() error { panic(io.EOF) },
		"a pointer":       func() error { panic(&none) },
		"nil":             func() error { panic(nil) },
	} {
		if err := guard(parse); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := guard(func() error { return io.EOF }); !errors.Is(err, io.EOF) {
		t.Errorf("an error that is returned: got %v", err)
	}
}

// within runs f and wants it to end: at once, or as soon as a busy machine gets to it.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	f()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if took > limit {
		t.Errorf("took %v; expected at most %v", took, limit)
	}
	t.Logf("%v, %d MiB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
}

// FuzzDocuments: the nodes of a text, or why there are none.
func FuzzDocuments(f *testing.F) {
	for _, text := range []string{
		"a: 1\n", "- [a, {b: c}]\n---\n...\n", "&a [*a]", "&a a: *a", "a: |2\n   b\n", "\"\\xff\\u12\"", "? ? ?", "!<x", "%YAML 1.2\n---\n", "\x00", "\ufeff", "*a", "&",
		strings.Repeat("[", 300), strings.Repeat("- ", 300), "a: !!binary x\n<<: *b", "{a: {b: {}}}\n#", "a:\r\n\tb", "'\u2028'", "--- >\n a\n  b\n", "[a, [b]: c]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answered(t, text, func() error {
			next := Documents([]byte(text))
			for range 3 {
				var n yaml.Node
				if err := next(&n); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
