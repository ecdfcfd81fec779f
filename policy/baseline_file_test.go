package policy_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/policy"
)

const (
	printA = "0123456789abcdef0123456789abcdef"
	printB = "fedcba9876543210fedcba9876543210"
)

const twoEntries = `{"schema":"muster.baseline/v1","findings":[
{"fingerprint":"` + printA + `","rule":"M304","unit":"shop","file":"services/shop/manifest.yml","path":"env.A","message":"<a> & \"b\""},
{"fingerprint":"` + printB + `","rule":"M606","unit":"shop","file":"services/shop/manifest.yml","message":"one replica"}
]}
`

func TestBaselineFile(t *testing.T) {
	t.Parallel()
	entries := []policy.Entry{
		{Fingerprint: printB, Rule: "M606", Unit: "shop", File: "services/shop/manifest.yml", Message: "one replica"},
		{Fingerprint: printA, Rule: "M304", Unit: "shop", File: "services/shop/manifest.yml", Path: "env.A", Message: `<a> & "b"`},
	}
	policy.SortEntries(entries)
	var b bytes.Buffer
	if err := policy.EncodeBaseline(&b, entries); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(twoEntries, b.String()); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	got, err := policy.DecodeBaseline("b.json", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(policy.Baseline{File: "b.json", Entries: entries}, got); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestAnEmptyBaseline(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := policy.EncodeBaseline(&b, nil); err != nil {
		t.Fatal(err)
	}
	if want := "{\"schema\":\"muster.baseline/v1\",\"findings\":[\n]}\n"; b.String() != want {
		t.Errorf("the file is %q, want %q", b.String(), want)
	}
	if got, err := policy.DecodeBaseline("b.json", b.Bytes()); err != nil || len(got.Entries) > 0 {
		t.Errorf("read again: %v, %v", got, err)
	}
}

// TestBadBaselines: each says where it is bad, and what is to be done.
func TestBadBaselines(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(twoEntries, "\n")
	with := func(line int, text string) string {
		changed := append([]string{}, lines...)
		changed[line-1] = text + "\n"
		return strings.Join(changed, "")
	}
	for _, tt := range []struct{ name, file, want string }{
		{"empty", "", "b.json:1: the baseline is no JSON: "},
		{"no object", "[]", "b.json:1: expected an object with schema and findings, got ["},
		{"cut off", strings.Join(lines[:2], ""), "b.json:3: the baseline is no JSON: "},
		{"no comma", with(2, strings.TrimSuffix(strings.TrimSpace(lines[1]), ",")), "b.json:3: the baseline is no JSON: "},
		{"another schema", with(1, `{"schema":"muster.baseline/v2","findings":[`), `b.json:1: the schema is "muster.baseline/v2"; this program reads "muster.baseline/v1": `},
		{"no schema", with(1, `{"findings":[`), "b.json:1: the schema is not given before the findings"},
		{"no findings", `{"schema":"muster.baseline/v1"}`, "b.json:1: the baseline has no findings"},
		{"another key", `{"schema":"muster.baseline/v1","made":"today"}`, `b.json:1: the key "made" is none of a baseline's`},
		{"no array", `{"schema":"muster.baseline/v1","findings":{}}`, "b.json:1: expected an array of findings, got {"},
		{"an entry is no object", with(3, "1"), "b.json:3: expected an object for each finding, got number"},
		{"an unknown key of an entry", with(3, `{"line":1}`), `b.json:3: the key "line" is none of a finding's`},
		{"a value is no string", with(3, `{"rule":1}`), "b.json:3: expected a string, got number"},
		{"a bad fingerprint", with(3, `{"fingerprint":"12"}`), `b.json:3: the fingerprint is "12"; expected 32 hexadecimal digits`},
		{"twice", with(3, strings.TrimSuffix(strings.TrimSpace(lines[1]), ",")), "b.json:3: the finding stands in line 2 already: take one of the two out"},
		{"a conflict", with(2, "<<<<<<< HEAD\n"+lines[1]+"=======\n>>>>>>> feature"), "b.json:2: a merge conflict is left: "},
		{"more behind it", twoEntries + "{}", "b.json:5: there is more behind the baseline"},
		{"a key twice", `{"schema":"muster.baseline/v1","schema":"muster.baseline/v1"}`, "b.json:1: the baseline is no JSON: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := policy.DecodeBaseline("b.json", []byte(tt.file))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("%v, %v; want %s", b, err, tt.want)
			}
		})
	}
}

// FuzzDecodeBaseline: what is read is written and read again as the same.
func FuzzDecodeBaseline(f *testing.F) {
	f.Add([]byte(twoEntries))
	f.Add([]byte("{\"schema\":\"muster.baseline/v1\",\"findings\":[\n]}\n"))
	f.Add([]byte("<<<<<<< "))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := policy.DecodeBaseline("b.json", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "b.json:") {
				t.Errorf("an error without its place: %v", err)
			}
			return
		}
		var out bytes.Buffer
		if err := policy.EncodeBaseline(&out, b.Entries); err != nil {
			t.Fatal(err)
		}
		again, err := policy.DecodeBaseline("b.json", out.Bytes())
		if err != nil {
			t.Fatalf("%v, of %s", err, out.Bytes())
		}
		if diff := cmp.Diff(b, again); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	})
}
