package selector

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"

	"github.com/seed306eabeb/muster/document"
)

const port = `{
  "name": "zlib",
  "$id": 7,
  "default-features": ["core"],
  "dependencies": [
    "a",
    {"name": "b", "host": true, "v": 1.5},
    {"name": "c"},
    null
  ],
  "features": {
    "z.y": {"dependencies": ["d"]},
    "extra": {"dependencies": [{"name": "e"}], "supports": false}
  },
  "10": {"x": 1}, "9": {"x": 2},
  "deep": {"id": "i", "list": [{"id": "j", "more": {"id": "k"}}]}
}`

func doc(t testing.TB, name, text string) *document.Document {
	t.Helper()
	format, _ := document.FormatOf(name)
	f := document.Reader{}.Read(name, []byte(text), format)
	if len(f.Docs) == 0 {
		t.Fatal(f.Findings)
	}
	return f.Docs[0]
}

// TestSelect: each line is what a selector selects, as LINE:COLUMN PATH KEY, without the key where
// the value is no scalar.
func TestSelect(t *testing.T) {
	t.Parallel()
	d := doc(t, "vcpkg.json", port)
	for selector, want := range map[string][]string{
		"name":                           {"2:11 name zlib"},
		"$.name":                         {"2:11 name zlib"},
		"  name ":                        {"2:11 name zlib"},
		"$['name']":                      {"2:11 name zlib"},
		`["name"]`:                       {"2:11 name zlib"},
		"$":                              {"1:1  "},
		"absent":                         nil,
		"absent[*].name":                 nil,
		"name.x":                         nil,
		"$id":                            {"3:10 $id 7"},
		"$.$id":                          {"3:10 $id 7"},
		"default-features[*]":            {"4:24 default-features[0] core"},
		"9.x":                            {"15:30 9.x 2"},
		"dependencies[*]":                {"6:5 dependencies[0] a", "7:5 dependencies[1] ", "8:5 dependencies[2] ", "9:5 dependencies[3] "},
		"dependencies[*].name":           {"7:14 dependencies[1].name b", "8:14 dependencies[2].name c"},
		"dependencies.*.name":            {"7:14 dependencies[1].name b", "8:14 dependencies[2].name c"},
		"dependencies[1,-2,1].name":      {"7:14 dependencies[1].name b", "8:14 dependencies[2].name c"},
		"dependencies[1:3].name":         {"7:14 dependencies[1].name b", "8:14 dependencies[2].name c"},
		"dependencies[::-1].name":        {"7:14 dependencies[1].name b", "8:14 dependencies[2].name c"},
		"dependencies[9]":                nil,
		"dependencies[?@.host == true]":  {"7:5 dependencies[1] "},
		"dependencies[?@.v > 1.4].name":  {"7:14 dependencies[1].name b"},
		"dependencies[?@.name].name":     {"7:14 dependencies[1].name b", "8:14 dependencies[2].name c"},
		"dependencies[?@ == 'a']":        {"6:5 dependencies[0] a"},
		"*[?match(@, 'c.*')]":            {"4:24 default-features[0] core"},
		"*[?search(@.name, '[c]')].name": {"8:14 dependencies[2].name c"},
		"dependencies[1].host":           {"7:27 dependencies[1].host true"},
		"dependencies[1].v":              {"7:38 dependencies[1].v 1.5"},
		"features.*.dependencies[*]":     {"13:32 features.extra.dependencies[0] ", `12:30 features["z.y"].dependencies[0] d`},
		"features['z.y'].dependencies":   {`12:29 features["z.y"].dependencies `},
		"features.*~":                    {"13:5 features.extra extra", `12:5 features["z.y"] z.y`},
		"features.* ~":                   {"13:5 features.extra extra", `12:5 features["z.y"] z.y`},
		"features['z.y']~":               {`12:5 features["z.y"] z.y`},
		"dependencies[*]~":               nil,
		"*.x":                            {"15:30 9.x 2", "15:15 10.x 1"},
		"..id":                           {"16:18 deep.id i", "16:39 deep.list[0].id j", "16:59 deep.list[0].more.id k"},
		"$..id":                          {"16:18 deep.id i", "16:39 deep.list[0].id j", "16:59 deep.list[0].more.id k"},
		"..list..id":                     {"16:39 deep.list[0].id j", "16:59 deep.list[0].more.id k"},
		"deep..*..id":                    {"16:39 deep.list[0].id j", "16:59 deep.list[0].more.id k"},
		"..[?@.id == $.deep.id].id":      {"16:18 deep.id i"},
	} {
		s, err := Parse(selector)
		if err != nil {
			t.Errorf("%s: %v", selector, err)
			continue
		}
		nodes, err := s.Select(d)
		if err != nil {
			t.Errorf("%s: %v", selector, err)
		}
		var got []string
		for _, n := range nodes {
			key, _ := n.Key()
			p := n.Place(d)
			got = append(got, fmt.Sprintf("%d:%d %s %s", p.Line, p.Column, p.Path, key))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", selector, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for selector, want := range map[string]Error{
		"":                            {1, "the selector is empty", "write `$` for the whole document"},
		"  ":                          {1, "the selector is empty", "write `$` for the whole document"},
		"~":                           {1, "the selector is empty", "write `$` for the whole document"},
		"$~":                          {1, "the whole document has no key", "write `*~` for the keys of the document"},
		"a.**.b":                      {3, "`**` is no part of a selector", "any depth is `..`, as in `$..id`"},
		"**":                          {1, "`**` is no part of a selector", "any depth is `..`, as in `$..id`"},
		"/a/b":                        {1, "a selector cannot begin with `/`", "begin with the name of a key; one with other signs needs quotes: `[\"…\"]`"},
		"a[?@..b]":                    {5, "`..` cannot stand in a filter", "name the keys on the way, or write a rule"},
		"a[?@[?@.b]]":                 {6, "a filter cannot stand in a filter", "write a rule"},
		"a[?count($.b[*]) > 1]":       {14, "a filter cannot look at many values and at `$`", "name the one value at `$`, or write a rule"},
		"a[?@.b.* && $.c == 1]":       {13, "a filter cannot look at many values and at `$`", "name the one value at `$`, or write a rule"},
		"größe.b[":                    {9, "the selector ends too early", usual},
		"größe-x.b[0.5]":              {11, "unexpected number", usual},
		"a b":                         {2, "unexpected blank space", usual},
		"a.":                          {3, "the selector ends too early", usual},
		"a['b":                        {5, "unterminated string literal", usual},
		"a[?foo(@.b)]":                {4, "unknown function foo()", usual},
		"a[?length(@.b)]":             {15, "missing comparison to function result", usual},
		"a[?match(@.b, @.c)]":         {9, "function match() takes a pattern that is written in the selector", usual},
		"a[?match(@.b, '(')]":         {9, "function match() has a pattern that is none: error parsing regexp: missing closing ): `(`", usual},
		"a[?search(@.b, 1)]":          {10, "function search() takes a pattern in quotes, not 1", usual},
		"a[?search(@.b)]":             {10, "function search() takes one value and one pattern", usual},
		strings.Repeat("a.", 600):     {1, "the selector is 1200 bytes long; expected at most 1024", ""},
		"a\xff":                       {1, "the selector is not UTF-8", ""},
		"a[99999999999999999999]":     {3, "cannot parse \"99999999999999999999\", value out of range", usual},
		strings.Repeat("[?((((", 100): {8, "a filter cannot stand in a filter", "write a rule"},
	} {
		_, err := Parse(selector)
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("%s: %v is no *Error", selector, err)
		} else if *got != want {
			t.Errorf("%s:\ngot      %+v\nexpected %+v", selector, *got, want)
		}
	}
}

// usual is the help for what the grammar does not have.
const usual = "selectors look like `dependencies[*].name`, `$..id` and `a[\"x.y\"]`"

// TestKey: scalars have a text, and the rest has none.
func TestKey(t *testing.T) {
	t.Parallel()
	d := doc(t, "a.yaml", "[a, 'null', true, 1, 0x10, 18446744073709551615, 1.5, 1e3, 1e400, 3e-9, .inf, .nan, null, [], {}, '', 2020-01-01]")
	s, err := Parse("[*]")
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := s.Select(d)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range nodes {
		if key, ok := n.Key(); ok {
			got = append(got, key)
		} else {
			got = append(got, "-")
		}
	}
	want := []string{"a", "null", "true", "1", "16", "18446744073709551615", "1.5", "1000", "1e400", "3e-9", "-", "-", "-", "-", "-", "", "2020-01-01"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSelectIsBounded: a document that is small on disk and large unfolded ends in an error, and
// what comes to each value by many ways does not.
func TestSelectIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n")
	for i := 1; i < 6; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	wide := doc(t, "a.yaml", b.String())
	deep := doc(t, "a.json", strings.Repeat("[", 100)+strings.Repeat("0,", 50_000)+"0"+strings.Repeat("]", 100))
	for selector, d := range map[string]*document.Document{"..*": deep, "[*]..*": deep} {
		s, err := Parse(selector)
		if err != nil {
			t.Fatal(err)
		}
		nodes, err := s.Select(d)
		var e *Error
		if !errors.As(err, &e) || nodes != nil {
			t.Errorf("%s: %d values and %v; expected an error", selector, len(nodes), err)
		}
	}
	for _, selector := range []string{"..*..*..*..*..*..x", "..[?@.a]..[?@.b]..x", "a5[*,*,*,*][*,*][*].x"} {
		s, err := Parse(selector)
		if err != nil {
			t.Fatal(err)
		}
		if nodes, err := s.Select(wide); err != nil || len(nodes) > 0 {
			t.Errorf("%s: %d values and %v; expected none", selector, len(nodes), err)
		}
	}
}

// agrees says how the library's own walk differs from ours, "" where it does not.
func agrees(t testing.TB, selector string, d *document.Document) string {
	t.Helper()
	s, err := Parse(selector)
	if err != nil {
		return ""
	}
	n, err := normalized(selector)
	if err != nil {
		t.Fatal(err)
	}
	path, err := jsonpath.NewParser(jsonpath.WithRegistry(functions())).Parse(n.String())
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for _, node := range path.SelectLocated(d.Value()) {
		way := []string{}
		for _, step := range node.Path {
			switch step := step.(type) {
			case spec.Name:
				way = append(way, string(step))
			case spec.Index:
				way = append(way, strconv.Itoa(int(step)))
			}
		}
		want = append(want, way)
	}
	slices.SortFunc(want, compareWays)
	want = slices.CompactFunc(want, slices.Equal)
	nodes, err := s.Select(d)
	if err != nil {
		return ""
	}
	var got [][]string
	for _, n := range nodes {
		got = append(got, append([]string{}, n.Way...))
		if value := behind(d.Value(), n.Way); !s.keys && !cmp.Equal(value, n.Value) {
			return fmt.Sprintf("%q has %v, and is selected with %v", n.Way, value, n.Value)
		}
	}
	if s.keys {
		return ""
	}
	return cmp.Diff(want, got)
}

var selectors = []string{
	"$", "name", "*", "dependencies[*]", "dependencies[*].name", "features.*.dependencies[*]", "features.*.dependencies[*].name", "..name", "..*",
	"..[*].name", "[0]", "*[0]", "*[-1]", "*[1:]", "*[::-2]", "*[0,1,0]", "['name','version']", "..[?@.name]", "*[?@.host == true].name",
	"..[?length(@.name) > 3].name", "..[?count(@.*) > 1]", "..features..name", "..['default-features', 'name']", "*[?@ != $.name]", "..[1:3]",
}

// FuzzWalk: our walk finds what the library's finds.
func FuzzWalk(f *testing.F) {
	for _, selector := range selectors {
		f.Add(selector, port)
	}
	f.Fuzz(func(t *testing.T, selector, text string) {
		if strings.Count(selector, "..") > 2 || len(text) > 1000 {
			return // the library's walk may not end
		}
		file := document.Reader{}.Read("a.json", []byte(text), document.JSON)
		if len(file.Docs) == 0 {
			return
		}
		if diff := agrees(t, selector, file.Docs[0]); diff != "" {
			t.Errorf("%s (-library +ours):\n%s", selector, diff)
		}
	})
}

// FuzzParse: a text is a selector or has an error in it.
func FuzzParse(f *testing.F) {
	for _, selector := range selectors {
		f.Add(selector)
	}
	f.Add("a[?match(@.b, '(a|b){3}')]~")
	d := doc(f, "vcpkg.json", port)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		var e *Error
		if errors.As(err, &e) {
			if most := len([]rune(text)) + 1; e.Column < 1 || e.Column > most {
				t.Errorf("%q: column %d of %d", text, e.Column, most)
			}
			return
		}
		nodes, err := s.Select(d)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		for _, n := range nodes {
			n.Key()
			if p := n.Place(d); p.Line < 1 || p.Column < 1 {
				t.Errorf("%q: %v has no place", text, n.Way)
			}
		}
	})
}

// ports are the manifests of vcpkg, which lies in a folder of that name below MUSTER_FLEETS.
func ports(t testing.TB) []*document.Document {
	t.Helper()
	root := os.Getenv("MUSTER_FLEETS")
	if root == "" {
		t.Skip("MUSTER_FLEETS names no folder with a checkout of microsoft/vcpkg")
	}
	files, err := filepath.Glob(filepath.Join(root, "vcpkg", "ports", "*", "vcpkg.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no vcpkg/ports/*/vcpkg.json: %v", root, err)
	}
	var docs []*document.Document
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc(t, "vcpkg.json", string(text)))
	}
	return docs
}

// TestWalkOfPorts: our walk finds what the library's finds, in real documents.
func TestWalkOfPorts(t *testing.T) {
	t.Parallel()
	for _, d := range ports(t) {
		for _, selector := range selectors {
			if diff := agrees(t, selector, d); diff != "" {
				t.Errorf("%s (-library +ours):\n%s", selector, diff)
			}
		}
	}
}

// BenchmarkPorts: what the selectors of vcpkg's dependencies take a document, and how the library
// alone compares.
func BenchmarkPorts(b *testing.B) {
	docs := ports(b)
	for _, selector := range []string{"dependencies[*]", "dependencies[*].name", "features.*.dependencies[*]", "features.*.dependencies[*].name", "..name"} {
		b.Run(selector+"/ours", func(b *testing.B) {
			s, err := Parse(selector)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, err := s.Select(docs[i%len(docs)]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
		b.Run(selector+"/library", func(b *testing.B) {
			n, err := normalized(selector)
			if err != nil {
				b.Fatal(err)
			}
			path := jsonpath.MustParse(n.String())
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				nodes := path.SelectLocated(docs[i%len(docs)].Value())
				nodes.Sort()
				i++
			}
		})
	}
}
