package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// seeds are texts of both languages, and of none.
var seeds = []string{
	"", "# x\n", "a: 010\nb: [x, {c: 1.5}]\n", "a: &x {b: 1}\nc: {<<: *x, d: *x}\n", "&x [*x]", "a: {{ x }}\n", "{% if x %}\na: b\n{% endif %}\n",
	"---\na: 1\n---\n---\nb: 2\n...\n", "y: yes\nn: .inf\n~: 0x1F\n", "? [a]\n: b\n", "a: 1\na: 2\n", "\ufeffa: b\n---\n\ufeffc: d\n", "%YAML 1.2\n---\na\n",
	"<<: [&a {b: c}, *a]\n", "a: |\n  b\n c\n", "a\rb: c\r\n", "\rz: f\r\r\r\rz:", "a: \u2028b\n", "[:a, ?b, |]", "!!int x", "a: !t {b: !!str 1}",
	`{"a": [1, -0, 2.50, 1e400, 18446744073709551615, 18446744073709551616, "é\u00e9\n\/", true, null], "b": {}}`,
	"{\"a\": 1, // b\n\"c\": [1, /* d */ 2,],}", `{"a": 1, "a": 2}`, "[1,,]", "{a: 1}", "[", `"`, "{} x", "\x00", "\xff", "a\x00b\x00", "[/*", "1e999999999",
}

func addSeeds(f *testing.F) {
	f.Helper()
	for _, s := range seeds {
		f.Add([]byte(s))
	}
}

// FuzzYAML: whatever a file holds, each dialect reads it the same way twice, and what it
// says is in the file.
func FuzzYAML(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, p := range []*yamldoc.Profile{nil, yamldoc.Kubernetes} {
			checkFile(t, Reader{Profile: p}, text, YAML)
		}
	})
}

// FuzzJSON: what is read as JSON is what encoding/json reads, and is the same as JSON with
// comments and as YAML, where those take it.
func FuzzJSON(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		own := checkFile(t, Reader{}, text, JSON)
		commented := checkFile(t, Reader{}, text, JSONC)
		if len(own.Docs) == 0 {
			return
		}
		value := own.Docs[0].Value()
		if len(commented.Docs) == 0 || !reflect.DeepEqual(value, commented.Docs[0].Value()) {
			t.Errorf("%q: %v in JSON, and %v in JSONC", text, value, commented)
		}
		if got := (Reader{}).Read("f", text, YAML); len(got.Docs) > 0 && (len(got.Docs) > 1 || !reflect.DeepEqual(value, got.Docs[0].Value())) {
			t.Errorf("%q: %#v in JSON, and %#v in YAML", text, value, got.Docs[0].Value())
		}
		if len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte(byteOrderMark)))) == 0 {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte(byteOrderMark))))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("%q: read, and encoding/json says %v", text, err)
		}
		if !sameValue(value, want) {
			t.Errorf("%q: %#v, and encoding/json has %#v", text, value, want)
		}
	})
}

// sameValue says that a value is the one that encoding/json has, with its numbers as they
// are written.
func sameValue(got, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k := range w {
			if v, has := g[k]; !has || !sameValue(v, w[k]) {
				return false
			}
		}
		return ok && len(g) == len(w)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !sameValue(g[i], w[i]) {
				return false
			}
		}
		return true
	case json.Number:
		return sameNumber(got, string(w))
	}
	return got == want
}

// sameNumber says that a value is the number with a text, and of the type for it.
func sameNumber(got any, text string) bool {
	integer := strings.Trim(text, "-0123456789") == ""
	switch g := got.(type) {
	case int64, uint64:
		n, _ := new(big.Int).SetString(text, 10)
		return integer && n.String() == fmt.Sprint(g)
	case float64:
		f, err := strconv.ParseFloat(text, 64)
		return !integer && err == nil && f == g
	case json.Number:
		f, _ := strconv.ParseFloat(text, 64)
		return string(g) == text && (math.IsInf(f, 0) || integer)
	}
	return false
}

// checkFile reads a file twice and looks at what is said of it.
func checkFile(t *testing.T, r Reader, text []byte, format Format) File {
	t.Helper()
	f := r.Read("f", text, format)
	again := r.Read("f", text, format)
	if a, b := fmt.Sprintf("%+v", f.Findings), fmt.Sprintf("%+v", again.Findings); a != b {
		t.Errorf("%q: said %s, and then %s", text, a, b)
	}
	failed := false
	for _, x := range f.Findings {
		failed = failed || x.Severity == verdict.Error
		inFile(t, text, x.Place)
		for _, also := range x.Related {
			inFile(t, text, also.Place)
		}
		if x.Name == "" || x.Message == "" || x.Severity == "" || x.Rule != "" {
			t.Errorf("%q: finding %+v", text, x)
		}
	}
	if failed && len(f.Docs) > 0 || !failed && len(f.Docs) != len(again.Docs) {
		t.Errorf("%q: %d documents with %+v", text, len(f.Docs), f.Findings)
	}
	for _, d := range f.Docs {
		left := 200
		checkPlaces(t, text, d, d.Value(), nil, "", &left)
	}
	return f
}

// checkPlaces wants each value at a place of its own path, and only values of the types that
// there are.
func checkPlaces(t *testing.T, text []byte, d *Document, v any, way []string, path string, left *int) {
	t.Helper()
	if *left--; *left < 0 {
		return
	}
	for _, p := range []verdict.Place{d.At(way...), d.KeyAt(way...)} {
		if inFile(t, text, p); p.Path != path {
			t.Fatalf("%q: %q leads to %+v; expected the path %s", text, way, p, path)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			var w pathWriter
			w.WriteString(path)
			w.add(step{k, -1})
			checkPlaces(t, text, d, inner, append(way[:len(way):len(way)], k), w.String(), left)
		}
	case []any:
		for i, inner := range v {
			checkPlaces(t, text, d, inner, append(way[:len(way):len(way)], strconv.Itoa(i)), path+"["+strconv.Itoa(i)+"]", left)
		}
	case json.Number:
		if !json.Valid([]byte(v)) {
			t.Errorf("%q: the number %q", text, v)
		}
	case nil, bool, string, int64, uint64, float64:
	default:
		t.Errorf("%q: a %T", text, v)
	}
}

// inFile wants a place to be inside a text, or just behind one of its lines.
func inFile(t *testing.T, text []byte, p verdict.Place) {
	t.Helper()
	lines := strings.Split(string(text), "\n")
	if p.File != "f" || p.Line < 1 || p.Column < 1 || p.Line > len(lines) || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 {
		t.Errorf("%q: the place %+v is not in it", text, p)
	}
}
