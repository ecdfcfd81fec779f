package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/yamldoc"
)

// sampleOf is a value of a type, in one line of YAML.
func sampleOf(t *yamldoc.Type) string {
	switch t.Kind {
	case yamldoc.BoolKind:
		return "true"
	case yamldoc.IntKind, yamldoc.IntOrStringKind:
		return "7"
	case yamldoc.EnumKind:
		return t.Enum[0]
	case yamldoc.ListKind:
		return "[" + sampleOf(t.Elem) + "]"
	case yamldoc.MapKind:
		return "{A: " + sampleOf(t.Elem) + "}"
	case yamldoc.ObjectKind:
		return braces(t.Object, "", "")
	}
	return "x"
}

// braces is an object with its required fields, and with key, which has the text.
func braces(o *yamldoc.Object, key, text string) string {
	var parts []string
	for _, f := range o.Fields {
		if f.Required && f.Key != key {
			parts = append(parts, f.Key+": "+sampleOf(f.Type))
		}
	}
	if key != "" {
		parts = append(parts, text)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// mistaken are values near those of a type, as people write them.
func mistaken(t *yamldoc.Type) []string {
	switch t.Kind {
	case yamldoc.BoolKind:
		return []string{`"true"`, "yes", "OFF", "1"}
	case yamldoc.IntKind, yamldoc.IntOrStringKind:
		return []string{`"7"`, "007", "0644", `"0x1f"`, "7s"}
	case yamldoc.StringKind, yamldoc.TextKind, yamldoc.RelaxedKind, yamldoc.StringsKind:
		return []string{"5", "1.10", "true", "{{ region }}"}
	case yamldoc.EnumKind:
		return []string{strings.ToUpper(t.Enum[0]), strings.ToLower(t.Enum[0]), t.Enum[0][1:], t.Enum[0] + "x"}
	case yamldoc.ListKind:
		return []string{"a", "a b", `"a,b"`, `"a && b"`, "5"}
	case yamldoc.ObjectKind:
		return []string{"a", "5", "[a]"}
	}
	return []string{"a"}
}

// some are two of the ways to be wrong, other ones for the next field.
func some(ways []string, i int) []string {
	if len(ways) < 3 {
		return ways
	}
	return []string{ways[i%len(ways)], ways[(i+1)%len(ways)]}
}

// misspellings are ways to get a key wrong.
func misspellings(key string) []string {
	mid := len(key) / 2
	return []string{strings.ToLower(key), strings.ToUpper(key[:1]) + key[1:], key[:mid] + key[mid+1:], key + "s", strings.ReplaceAll(key, "_", "-")}
}

// variants calls visit with a manifest for each field of o and each mistake that is
// made with it, and goes on with the objects in o that were not seen; around puts an o
// into the manifest.
func variants(o *yamldoc.Object, seen map[*yamldoc.Object]bool, around func(inner string) string, visit func(input string)) {
	seen[o] = true
	for i, f := range o.Fields {
		in := func(text string) string { return around(braces(o, f.Key, text)) }
		for _, wrong := range some(mistaken(f.Type), i) {
			visit(in(f.Key + ": " + wrong))
		}
		for _, key := range some(misspellings(f.Key), i) {
			if _, known := o.Field(key); !known && len(key) > 1 {
				visit(in(key + ": " + sampleOf(f.Type)))
			}
		}
		inner, open, end := f.Type, "", ""
		for inner.Kind == yamldoc.ListKind || inner.Kind == yamldoc.MapKind {
			if inner.Kind == yamldoc.ListKind {
				open, end = open+"[", "]"+end
			} else {
				open, end = open+"{A: ", "}"+end
			}
			inner = inner.Elem
		}
		if inner.Kind == yamldoc.ObjectKind && !seen[inner.Object] {
			variants(inner.Object, seen, func(deep string) string { return in(f.Key + ": " + open + deep + end) }, visit)
		}
	}
}

// TestHelpsOfVariantsHeal makes common mistakes with every field of a manifest and of
// what is in it, and follows each help.
func TestHelpsOfVariantsHeal(t *testing.T) {
	t.Parallel()
	base := exampleRepo(t)
	var all proposed
	seen := map[*yamldoc.Object]bool{}
	for _, f := range manifestObject.Fields {
		single := newObject("one field", "", rejectUnknown, f)
		variants(single, seen, func(inner string) string { return inner }, func(input string) {
			text := strings.TrimSuffix(strings.TrimPrefix(input, "{"), "}") + "\n"
			if f.Key == "name" || f.Key == "metadata" && !strings.Contains(text, "metadata: {") {
				return
			}
			all.add(followHelps(t, base.lay(text), ignoreShown))
		})
		if t.Failed() {
			t.Fatalf("the helps for mistakes in %s do not heal", f.Key)
		}
	}
	t.Log(all)
	if all.told < 300 {
		t.Errorf("%s; expected at least 300", fmt.Sprint(all))
	}
}
