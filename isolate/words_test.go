package isolate

import (
	"strings"
	"testing"
)

func TestLastWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*maxLine)
	for _, c := range []struct{ name, said, want string }{
		{"nothing", "", ""},
		{"the last line", "one\ntwo\n\n", "two"},
		{"no text", "\xff\n", "\uFFFD"},
		{"a crash with its stacks", "runtime: x\nfatal error: stack overflow\n\nmain.main()\n" + strings.Repeat("\tmain.go:1\n", 2000), "fatal error: stack overflow"},
		{"a crash that is quoted", "it said fatal error: x\nend\n", "end"},
		{"a long line", long + "end", "…" + long[:maxLine-3] + "end"},
	} {
		for _, size := range []int{1, 7, 1 << 20} {
			var w words
			for rest := c.said; rest != ""; rest = rest[min(size, len(rest)):] {
				if _, err := w.Write([]byte(rest[:min(size, len(rest))])); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.last(); got != c.want {
				t.Errorf("%s, written %d bytes at once: %q, want %q", c.name, size, got, c.want)
			}
		}
	}
}
