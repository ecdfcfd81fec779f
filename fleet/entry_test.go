package fleet_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/fleet"
)

// FuzzNames: a name is UTF-8 and no path, and two entries never share one.
func FuzzNames(f *testing.F) {
	for _, entries := range [][2]string{
		{"pay", "pay "}, {"caf\xe9", `caf\xe9`}, {`a\b`, `a\x5cb`}, {"\xc3\xa9", `\xc3\xa9`}, {"\xc3", "\xa9"}, {"\ufffd", "\xef\xbf"},
	} {
		f.Add(entries[0], entries[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		na, nb := fleet.NameOf(a), fleet.NameOf(b)
		if (na == nb) != (a == b) {
			t.Errorf("%q is %q and %q is %q", a, na, b, nb)
		}
		if !utf8.ValidString(string(na)) || strings.Count(string(na), "/") != strings.Count(a, "/") {
			t.Errorf("%q is %q", a, na)
		}
		if utf8.ValidString(a) && !strings.Contains(a, `\`) && string(na) != a {
			t.Errorf("%q, a plain name, is %q", a, na)
		}
	})
}
