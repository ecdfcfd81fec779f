package tera

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// seeds are one template a line, with \n for a line's end inside it.
func seeds(f *testing.F) []string {
	f.Helper()
	text, err := os.ReadFile("testdata/seeds.txt")
	if err != nil {
		f.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) < 10 {
		f.Fatalf("only %d seeds", len(lines))
	}
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(line, `\n`, "\n")
	}
	return lines
}

// FuzzTemplate: whatever the text, parsing and rendering end soon, the output
// keeps its bound, an error has a place in the text and says something, and
// everything is the same the second time.
func FuzzTemplate(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, src string, file bool) {
		opts := Options{File: file, MaxSteps: 20_000, MaxOutput: 1 << 16}
		start := time.Now()
		out, err := parseAndRender(t, src, opts)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if len(out) > opts.MaxOutput {
			t.Errorf("%d bytes of output", len(out))
		}
		if err != nil {
			checkError(t, src, err)
		}
		again, failed := parseAndRender(t, src, opts)
		if out != again || (err == nil) != (failed == nil) || err != nil && err.Error() != failed.Error() {
			t.Errorf("not deterministic: %q, %v; then %q, %v", out, err, again, failed)
		}
	})
}

func parseAndRender(t *testing.T, src string, opts Options) (string, *Error) {
	tpl, err := Parse(src, opts)
	if err != nil {
		return "", err
	}
	return tpl.Render(t.Context(), vars())
}

func checkError(t *testing.T, src string, err *Error) {
	lines := strings.Split(src, "\n")
	if err.Line < 1 || err.Line > len(lines) {
		t.Fatalf("line %d of %d: %v", err.Line, len(lines), err)
	}
	if width := utf8.RuneCountInString(lines[err.Line-1]); err.Column < 1 || err.Column > width+1 {
		t.Errorf("column %d of %d: %v", err.Column, width, err)
	}
	if err.Msg == "" || strings.HasSuffix(err.Msg, ".") {
		t.Errorf("message %q", err.Msg)
	}
}
