package trial

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/yamldoc"
)

// formats are the languages that a file of a test may be read in.
var formats = map[string]func(text []byte) document.File{
	"YAML 1.2": func(text []byte) document.File { return document.Reader{}.Read("f", text, document.YAML) },
	"kubectl's YAML": func(text []byte) document.File {
		return document.Reader{Profile: yamldoc.Kubernetes}.Read("f", text, document.YAML)
	},
	"JSON":            func(text []byte) document.File { return document.Reader{}.Read("f", text, document.JSON) },
	"JSON, commented": func(text []byte) document.File { return document.Reader{}.Read("f", text, document.JSONC) },
}

// TestWrite: what is written is read as the same value, in each language.
func TestWrite(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		true, "", "yes", "null", "0o7", "2024-01-01", "{{ x }}", "a\tb\n\"\\/é\u0000\u007f\u0085\ufeff\u2028\U0001f600\U000e0001", int64(math.MinInt64), uint64(math.MaxUint64), 1.0, -0.5, 1e21, 1e-7, 100000.0,
		[]any{}, map[string]any{}, []any{int64(1), []any{}, map[string]any{"b": nil, "a": "x", "": false, "<<": "y", "n": "on"}},
	} {
		text := write(value)
		for name, read := range formats {
			f := read(text)
			if len(f.Docs) != 1 || len(f.Findings) > 0 || !cmp.Equal(f.Docs[0].Value(), value) {
				t.Errorf("%s is read as %s: %v", text, name, f)
			}
		}
	}
}

// TestWriteWhatKubectlLacks: a document that is null, and an integer of any length.
func TestWriteWhatKubectlLacks(t *testing.T) {
	t.Parallel()
	for _, value := range []any{nil, json.Number("123456789012345678901234567890")} {
		for _, name := range []string{"YAML 1.2", "JSON"} {
			if f := formats[name](write(value)); len(f.Docs) != 1 || !cmp.Equal(f.Docs[0].Value(), value) {
				t.Errorf("%s is read as %s: %v", write(value), name, f)
			}
		}
	}
}

// TestWriteWhatJSONLacks: numbers that are none for JSON are a mistake there, and not here.
func TestWriteWhatJSONLacks(t *testing.T) {
	t.Parallel()
	text := write([]any{math.Inf(1), math.Inf(-1), math.NaN()})
	if got := formats["YAML 1.2"](text); len(got.Docs) != 1 || len(got.Findings) > 0 {
		t.Errorf("%s: %v", text, got)
	}
	for _, name := range []string{"JSON", "kubectl's YAML"} {
		if got := formats[name](text); len(got.Findings) == 0 {
			t.Errorf("%s passes as %s", text, name)
		}
	}
}

func FuzzWrite(f *testing.F) {
	for _, text := range []string{"a: [1, 1.5, 1e3, .5, ~, 'x', \"\\u007f\"]", "{? a : b}", "- 0x10\n- 99999999999999999999\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, d := range formats["YAML 1.2"](text).Docs {
			again := formats["YAML 1.2"](write(d.Value()))
			if len(again.Docs) != 1 || string(write(again.Docs[0].Value())) != string(write(d.Value())) {
				t.Errorf("%q is written as %s, which is read as %v", text, write(d.Value()), again)
			}
		}
	})
}
