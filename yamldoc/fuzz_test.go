package yamldoc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
)

// FuzzRead: whatever a file holds, each profile reads it the same way twice, without a panic
// and with places in the file, and what it reads can be merged and told where it is from.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		confText, baseText, regionText, "", "# x\n", "name: [\n", "a: {<<: *a}\n", "env: &a {<<: [*a, *a], A: 0777}\n",
		"command: &c [a, *c]\n", "env: {A: {{ x }}, A: y}\n", "\ufeffreplicas: 1\n", "replicas: 0x\n", "%YAML 1.2\n--- {}\n---\n",
		"env:\n  A: |\n   §\n  <<:\n", "? [a]\n: b\n", "replicas: +99999999999999999999999999\n",
	} {
		f.Add(text, regionText)
	}
	t := ObjectOf(service)
	f.Fuzz(func(tb *testing.T, base, over string) {
		if !utf8.ValidString(base) || !utf8.ValidString(over) {
			return
		}
		for _, p := range []*Profile{Serde, YAML12, Kubernetes} {
			first, said := readAny(tb, p, base, t)
			if _, again := readAny(tb, p, base, t); again != said {
				tb.Errorf("%s says %s, and then %s", p.Name, said, again)
			}
			second, _ := readAny(tb, p, over, t)
			if merged := Overlay(t, first, second); merged != nil {
				tellAll(merged, 0)
			}
		}
	})
}

// readAny reads a text and says what is found in it, whose places are in it.
func readAny(tb testing.TB, p *Profile, text string, t *Type) (*Value, string) {
	tb.Helper()
	var found []verdict.Finding
	v := testReader(p).Read("f", []byte(text), t, func(f verdict.Finding) { found = append(found, f) })
	if !p.Syntax.LineFeeds && strings.ContainsAny(text, "\r\u0085\u2028\u2029\ufeff") {
		return v, say(found) // the parser counts other lines
	}
	lines := strings.Split(text, "\n")
	for _, f := range found {
		if f.Line > len(lines) || f.Line > 0 && f.Column > utf8.RuneCountInString(lines[f.Line-1])+1 {
			tb.Errorf("%s: place outside the file: %+v", p.Name, f)
		}
	}
	return v, say(found)
}

// tellAll asks all values, to some depth, where they are from.
func tellAll(v *Value, depth int) {
	if v == nil || depth > 4 {
		return
	}
	_ = fmt.Sprint(v.Origin(), v.Trace().Place(0))
	for _, p := range slices.Concat(v.fields, v.items) {
		tellAll(p, depth+1)
	}
}
