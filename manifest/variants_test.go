package manifest

import (
	"fmt"
	"strings"
	"testing"
)

// sampleOf is a value of a type, in one line of YAML.
func sampleOf(t *typ) string {
	switch t.kind {
	case boolKind:
		return "true"
	case intKind, intOrStringKind:
		return "7"
	case enumKind:
		return t.enum[0]
	case listKind:
		return "[" + sampleOf(t.elem) + "]"
	case mapKind:
		return "{A: " + sampleOf(t.elem) + "}"
	case objectKind:
		return braces(t.object, "", "")
	}
	return "x"
}

// braces is an object with its required fields, and with key, which has the text.
func braces(o *object, key, text string) string {
	var parts []string
	for _, f := range o.fields {
		if f.required && f.key != key {
			parts = append(parts, f.key+": "+sampleOf(f.typ))
		}
	}
	if key != "" {
		parts = append(parts, text)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// mistaken are values near those of a type, as people write them.
func mistaken(t *typ) []string {
	switch t.kind {
	case boolKind:
		return []string{`"true"`, "yes", "OFF", "1"}
	case intKind, intOrStringKind:
		return []string{`"7"`, "007", "0644", `"0x1f"`, "7s"}
	case stringKind, textKind, relaxedKind, stringsKind:
		return []string{"5", "1.10", "true", "{{ region }}"}
	case enumKind:
		return []string{strings.ToUpper(t.enum[0]), strings.ToLower(t.enum[0]), t.enum[0][1:], t.enum[0] + "x"}
	case listKind:
		return []string{"a", "a b", `"a,b"`, `"a && b"`, "5"}
	case objectKind:
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
func variants(o *object, seen map[*object]bool, around func(inner string) string, visit func(input string)) {
	seen[o] = true
	for i, f := range o.fields {
		in := func(text string) string { return around(braces(o, f.key, text)) }
		for _, wrong := range some(mistaken(f.typ), i) {
			visit(in(f.key + ": " + wrong))
		}
		for _, key := range some(misspellings(f.key), i) {
			if _, known := o.index[key]; !known && len(key) > 1 {
				visit(in(key + ": " + sampleOf(f.typ)))
			}
		}
		inner, open, end := f.typ, "", ""
		for inner.kind == listKind || inner.kind == mapKind {
			if inner.kind == listKind {
				open, end = open+"[", "]"+end
			} else {
				open, end = open+"{A: ", "}"+end
			}
			inner = inner.elem
		}
		if inner.kind == objectKind && !seen[inner.object] {
			variants(inner.object, seen, func(deep string) string { return in(f.key + ": " + open + deep + end) }, visit)
		}
	}
}

// TestHelpsOfVariantsHeal makes common mistakes with every field of a manifest and of
// what is in it, and follows each help.
func TestHelpsOfVariantsHeal(t *testing.T) {
	t.Parallel()
	base := exampleRepo(t)
	var all proposed
	seen := map[*object]bool{}
	for _, f := range manifestObject.fields {
		single := newObject("one field", "", rejectUnknown, f)
		variants(single, seen, func(inner string) string { return inner }, func(input string) {
			text := strings.TrimSuffix(strings.TrimPrefix(input, "{"), "}") + "\n"
			if f.key == "name" || f.key == "metadata" && !strings.Contains(text, "metadata: {") {
				return
			}
			all.add(followHelps(t, base.lay(text), ignoreShown))
		})
		if t.Failed() {
			t.Fatalf("the helps for mistakes in %s do not heal", f.key)
		}
	}
	t.Log(all)
	if all.told < 300 {
		t.Errorf("%s; expected at least 300", fmt.Sprint(all))
	}
}
