package naming_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/yamldoc/naming"
)

func rootOf(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

func TestPath(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 40)
	for _, tt := range []struct{ name, text, path, want string }{
		{"no list", "a: {b: 1}", "a.b", "a.b"},
		{"the document", "[1]", "", ""},
		{"by name", "w: [{name: web, image: x}]", "w[0].image", "w[name=web].image"},
		{"the item itself", "w: [{name: web}]", "w[0]", "w[name=web]"},
		{"by id", "w: [{id: 7}]", "w[0].x", "w[id=7].x"},
		{"by key", "w: [{key: /a.b}]", "w[0]", "w[key=/a.b]"},
		{"name before id", "w: [{key: k, id: 7, name: n}]", "w[0]", "w[name=n]"},
		{"id where the name is no scalar", "w: [{name: {first: x}, id: 7}]", "w[0]", "w[id=7]"},
		{"id where the name is empty", `w: [{name: "", id: 7}]`, "w[0]", "w[id=7]"},
		{"id where the name is null", "w: [{name: ~, id: 7}]", "w[0]", "w[id=7]"},
		{"called null", `w: [{name: "null"}]`, "w[0]", "w[name=null]"},
		{"without a name", "w: [{image: x}]", "w[0].image", "w[].image"},
		{"scalars", "tags: [a, b]", "tags[1]", "tags[]"},
		{"a list in a list", "m: [[1], [{name: x}]]", "m[1][0]", "m[][name=x]"},
		{"a list at the top", "- name: x\n  a: [1]\n", "[0].a[0]", "[name=x].a[]"},
		{"odd characters", `w: [{name: "a b]"}]`, "w[0].x", `w[name="a b]"].x`},
		{"a quote and a line end", `w: [{name: "a\"\n"}]`, "w[0]", `w[name="a\"\n"]`},
		{"another script", "w: [{name: å}]", "w[0]", `w[name="å"]`},
		{"long", "w: [{name: " + long + "}]", "w[0].a", `w[name="` + strings.Repeat("é", 32) + `"#` + "84fe2e03d50dd3a1" + `].a`},
		{"a key in quotes", `{"a.b": [{name: x}], a: {b: [{name: y}]}}`, `["a.b"][0]`, `["a.b"][name=x]`},
		{"a key with a dot, without quotes", "a.b: [{name: x}]", "a.b[0]", "a.b[name=x]"},
		{"the longest key is meant", "{a: {b: [{name: y}]}, a.b: [{name: x}]}", "a.b[0]", "a.b[name=x]"},
		{"a key with dots that is not there", "{a: {b: [{name: y}]}, a.b.c: [{name: x}]}", "a.b[0]", "a.b[name=y]"},
		{"a key with dots by a merge key", "{x: &x {a.b: [{name: x}]}, y: {<<: *x}}", "y.a.b[0]", "y.a.b[name=x]"},
		{"among many keys", many + "w.x: [{name: x}]\n", "w.x[0].a", "w.x[name=x].a"},
		{"a key with a bracket", `a[0]: [{name: x}]`, "a[0][0]", "a[0][name=x]"},
		{"by an alias", "a: &a [{name: x}]\nb: *a\n", "b[0].c", "b[name=x].c"},
		{"a named alias", "a: &a {name: x}\nb: [*a]\n", "b[0]", "b[name=x]"},
		{"by a merge key", "a: &a {l: [{name: x}]}\nb: {<<: *a}\n", "b.l[0]", "b.l[name=x]"},
		{"a name by a merge key", "a: &a {name: x}\nb: [{<<: [{id: 1}, *a]}]\n", "b[0]", "b[name=x]"},
		{"a merge of itself", "a: &a {<<: *a, b: [1]}\n", "a.b[0]", "a.b[]"},
		{"a key without a letter, of itself", "&a {\"\": *a}", "[0]", "[0]"},
		{"behind the last item", "w: [{name: x}]", "w[1].a", "w[1].a"},
		{"a key that is not there", "w: [{name: x}]", "w[0].a[0]", "w[name=x].a[0]"},
		{"a number that is none", "w: [{name: x}]", "w[-1][x]", "w[-1][x]"},
		{"a bracket that is open", "w: [{name: x}]", "w[0", "w[0"},
		{"cut", "w: [{name: x}]", "w[0].aaa…", "w[name=x].aaa…"},
		{"into a scalar", "w: x", "w[0]", "w[0]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := naming.NewTree(rootOf(t, tt.text)).Path(tt.path); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.path, got, tt.want)
			}
		})
	}
}

func TestALongPathIsBounded(t *testing.T) {
	t.Parallel()
	depth := 60
	text := strings.Repeat("[{name: "+strings.Repeat("n", 64)+", a: ", depth) + "[1]" + strings.Repeat("}]", depth)
	path := strings.Repeat("[0].a", depth) + "[0]"
	got := naming.NewTree(rootOf(t, text)).Path(path)
	other := naming.NewTree(rootOf(t, text)).Path(path[:len(path)-3])
	if len(got) > 1100 || got == other {
		t.Errorf("%d bytes, and the same as another: %v", len(got), got == other)
	}
}

// many are keys, more than are looked at one by one.
var many = func() string {
	var b strings.Builder
	for i := range 90_000 {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}()

// BenchmarkAmongManyKeys: as many findings as a check tells may stand in as many keys as a file has.
func BenchmarkAmongManyKeys(b *testing.B) {
	tree := naming.NewTree(rootOf(b, many+"w: [{name: x}]\n"))
	for b.Loop() {
		tree.Path("w[0].a")
	}
}

// FuzzPath: whatever a path is, it is written as text of some size, and the same each time.
func FuzzPath(f *testing.F) {
	f.Add("a: [{name: x}]", "a[0].b")
	f.Add("a: &a {<<: [*a, {b: [1]}]}", `a["b"][0]`)
	f.Add("&a {\"\": *a, a.b: {<<: *a}}", "[0].a.b[0]")
	f.Add("[[{id: \"\\x07\"}]]", "[0][0]")
	f.Fuzz(func(t *testing.T, text, path string) {
		var doc yaml.Node
		if len(text) > 10_000 || len(path) > 2000 || yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
			return
		}
		tree := naming.NewTree(doc.Content[0])
		got := tree.Path(path)
		if again := tree.Path(path); got != again {
			t.Errorf("%q and %q", got, again)
		}
		if utf8.ValidString(path) && !utf8.ValidString(got) {
			t.Errorf("%q is no text", got)
		}
		if len(got) > 1100 && strings.Contains(path, "[") {
			t.Errorf("%d bytes", len(got))
		}
	})
}
