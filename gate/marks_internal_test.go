package gate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNewMarks(t *testing.T) {
	t.Parallel()
	const before = `name: shop
# muster:ignore M101 it was so
replicas: 1
env:
  A: 1 # muster:ignore M304 legacy
  B: 2
other:
  A: 1
`
	for _, tt := range []struct {
		name, now string
		want      []int
	}{
		{"nothing", before, nil},
		{"lines above, and a value under a mark", "x: 1\n\nname: shop\n# muster:ignore M101 it was so\nreplicas: 7\nenv:\n  A: 9 # muster:ignore  M304   legacy\n", nil},
		{"line ends of another system", "# muster:ignore M101 it was so\r\nreplicas: 1\r\n", nil},
		{"a mark more", before + "z: 1 # muster:ignore M1 mine\n", []int{9}},
		{"another rule", "# muster:ignore M102 it was so\nreplicas: 1\n", []int{1}},
		{"another reason", "# muster:ignore M101 it is so\nreplicas: 1\n", []int{1}},
		{"a later day", "# muster:ignore M101 it was so until=2030-01-01\nreplicas: 1\n", []int{1}},
		{"at another key", "# muster:ignore M101 it was so\nname: shop\n", []int{1}},
		{"at the same key of another one", "other:\n  A: 1 # muster:ignore M304 legacy\n", []int{2}},
		{"twice", "# muster:ignore M101 it was so\nreplicas: 1\n# muster:ignore M101 it was so\nreplicas: 1\n", []int{3}},
		{"of the whole file", "# muster:ignore-file M304 legacy\nenv:\n  A: 1\n", []int{1}},
		{"at the end", "a: 1\n# muster:ignore M101 it was so", []int{2}},
		{"two above each other", "# muster:ignore M101 it was so\n# muster:ignore M5 mine\nreplicas: 1\n", []int{2}},
		{"in a comment of another kind", `{"replicas": 1, // muster:ignore M5 mine` + "\n", []int{1}},
	} {
		if got := newOnes(marksIn([]byte(before)), marksIn([]byte(tt.now))); !slices.Equal(got, tt.want) {
			t.Errorf("%s: new in lines %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestItemsOfLists: an item is known by what it says.
func TestItemsOfLists(t *testing.T) {
	t.Parallel()
	const before = "workers:\n- name: a\n  # muster:ignore M1 old\n  replicas: 1\n- name: b\n  replicas: 1\n"
	for _, tt := range []struct {
		name, now string
		want      []int
	}{
		{"an item above", "workers:\n- name: 0\n- name: a\n  # muster:ignore M1 old\n  replicas: 1\n", nil},
		{"in another item", "workers:\n- name: a\n  replicas: 1\n- name: b\n  # muster:ignore M1 old\n  replicas: 1\n", []int{5}},
		{"in the same item of another list", "workers:\n- name: b\nothers:\n- name: a\n  # muster:ignore M1 old\n  replicas: 1\n", []int{5}},
	} {
		if got := newOnes(marksIn([]byte(before)), marksIn([]byte(tt.now))); !slices.Equal(got, tt.want) {
			t.Errorf("%s: new in lines %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestWidened: a mark whose words and first key are as before, and which hides more or something
// else.
func TestWidened(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, before, now string
		want              []int
	}{
		{"its line opens another key, too", "{\n\"a\": 1, // muster:ignore M1 old\n\"b\": {}\n}", "{\n\"a\": 1, \"b\": { // muster:ignore M1 old\n\"c\": 1}\n}", []int{2}},
		{"its line has another key, too", "{a: 1, # muster:ignore M1 old\nb: 2}", "{a: 1, b: 3 # muster:ignore M1 old\n}", []int{1}},
		{"quotes hide no key", "{\n\"a\": \"x\", // muster:ignore M1 old\n}", "{\n\"a\": \"\\\"\", \"b\": [ // muster:ignore M1 old\n1]}", []int{2}},
		{"a quote in a word", "{a: 5, # muster:ignore M1 old\nb: 2}", "{x: 1,\na: 5\", b: { # muster:ignore M1 old\nc: 2}}", []int{2}},
		{"a value with keys", "a: {b: 1, c: 2} # muster:ignore M1 old", "a: {b: 2, d: [1, 2]} # muster:ignore M1 old", nil},
		{"a value with a comma", "a: x, y # muster:ignore M1 old", "a: 'it: is', y # muster:ignore M1 old", nil},
		{"a line in between that has more than a comment", "// muster:ignore M1 old\n\"a\": 1", "// muster:ignore M1 old\n/* */ \"b\": 2,\n\"a\": 1", []int{1}},
		{"a key that looks like a comment", "# muster:ignore M1 old\na: 1", "# muster:ignore M1 old\n//b: 2\na: 1", []int{1}},
		{"a comment in between", "# muster:ignore M1 old\na: 1", "# muster:ignore M1 old\n# see there: it is so\na: 1", nil},
		{"its line opens a block", "a: {{ b }} {# muster:ignore M1 old #}", "a: {{ b }}{% if c %} {# muster:ignore M1 old #}", []int{1}},
		{"the next line opens a block", "{# muster:ignore M1 old #}\na: {{ b }}", "{# muster:ignore M1 old #}\n# {% if true %}\na: {{ b }}", []int{1}},
		{"moved in a comment of several lines", "/*\n * muster:ignore M1 old\n */\n\"a\": 1,\n\"b\": 1", "\"a\": 1,\n/*\n * muster:ignore M1 old\n */\n\"b\": 1", []int{3}},
		{"in another item without a name", "s:\n  -\n    # muster:ignore M1 old\n    a: 1\n  -\n    a: 2", "s:\n  -\n    a: 1\n  -\n    # muster:ignore M1 old\n    a: 2", []int{5}},
		{"in another document", "a: 1 # muster:ignore M1 old\n---\na: 2", "a: 1\n---\na: 2 # muster:ignore M1 old", []int{3}},
		{"in another document with a name", "name: x\na: 1 # muster:ignore M1 old\n---\nname: y\na: 2", "name: y\na: 2 # muster:ignore M1 old\n---\nname: x\na: 1", []int{2}},
		{"before another document", "# muster:ignore M1 old\n---\na: 1\n---\na: 2", "---\na: 1\n# muster:ignore M1 old\n---\na: 2", []int{3}},
		{"a document above", "kind: X\nname: x\na: 1 # muster:ignore M1 old", "kind: Y\nname: y\n---\nkind: X\nname: x\na: 1 # muster:ignore M1 old", nil},
		{"a document below", "a: 1 # muster:ignore M1 old", "---\na: 1 # muster:ignore M1 old\n---\na: 2", nil},
		{"another name", "name: x\na: 1 # muster:ignore M1 old", "name: y\na: 1 # muster:ignore M1 old", nil},
	} {
		if got := newOnes(marksIn([]byte(tt.before)), marksIn([]byte(tt.now))); !slices.Equal(got, tt.want) {
			t.Errorf("%s: new in lines %v, want %v", tt.name, got, tt.want)
		}
	}
}

// aboutByDefinition is what outline.about is, line by line.
func aboutByDefinition(lines []string, at int) string {
	keys, indent, item := []string{keyOf(lines, at)}, indentOf(lines[at]), isItem(lines[at])
	for at--; at >= 0 && (indent > 0 || item); at-- {
		line, own := lines[at], indentOf(lines[at])
		if (own < indent || own == indent && item && !isItem(line)) && !isComment(line) {
			keys, indent, item = append(keys, keyOf(lines, at)), own, isItem(line)
		}
	}
	slices.Reverse(keys)
	return strings.Join(keys, "\n")
}

// FuzzOutline: whatever the lines are, each is below those that the definition says.
func FuzzOutline(f *testing.F) {
	for _, seed := range []string{"a:\n- b\n- c:\n  - d\n  e\n- f\ng", " a\n- b\n#c\n  - \n  -\n\n   x\n -", "- a\n  - b\n- \n a:\n - b\n - c\n\td", "  a\n b\nc\n  d\n  - e\n  f\n  - g\n    h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		o := newOutline(lines)
		for at := range lines {
			if got, want := o.about(at), aboutByDefinition(lines, at); got != want {
				t.Errorf("line %d of %q is about %q, want %q", at, text, got, want)
			}
		}
	})
}

// TestManyMarks: what marks are about is found without a look at all lines for each.
func TestManyMarks(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("items:\n")
	for i := range 30_000 {
		fmt.Fprintf(&text, "  - name: n%d\n    value: 1 # muster:ignore M1 it was so\n", i)
	}
	begun := time.Now()
	all := marksIn([]byte(text.String()))
	if got := newOnes(marksIn([]byte(text.String())), all); len(all) != 30_000 || len(got) > 0 {
		t.Errorf("%d marks, of which %d are new", len(all), len(got))
	}
	if took := time.Since(begun); took > time.Minute { // each by each they are 1,800,000,000
		t.Errorf("it took %s", took)
	}
}

// FuzzMarks: nothing is new in a text that is the same, and no text is too much.
func FuzzMarks(f *testing.F) {
	f.Add("a: 1 # muster:ignore x y\nb:\n  - c: muster:ignore-file z\n")
	f.Fuzz(func(t *testing.T, text string) {
		marks := marksIn([]byte(text))
		if got := newOnes(marksIn([]byte(text)), slices.Clone(marks)); len(got) > 0 {
			t.Errorf("new in lines %v", got)
		}
		if got := newOnes(nil, marks); len(got) != len(marks) {
			t.Errorf("%d are new of %d", len(got), len(marks))
		}
	})
}
