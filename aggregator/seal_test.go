package aggregator

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

func sealed() verdict.Verdict {
	place := verdict.Place{File: "f", Line: 2, Column: 3, Path: "p"}
	return verdict.Verdict{Unit: "s", Digest: "d", Shared: "h", Checker: "c", Engine: "e", Kind: verdict.Invalid, Cause: "why",
		Decision: verdict.Decision{Regions: []string{"north"}, Skipped: verdict.External,
			Findings: []verdict.Finding{{Rule: "r", Name: "n", Severity: verdict.Error, Message: "m", Place: place, Regions: []string{"north"}, Help: "h"}},
			Claims:   []verdict.Claim{{Join: "j", Role: verdict.Needs, Key: "k", Regions: []string{"north"}, Place: place}}}}
}

// TestSealSeesEveryField changes each field of a verdict in turn: a field that is
// added to the wire form has to be added to the seal.
func TestSealSeesEveryField(t *testing.T) {
	t.Parallel()
	f := New(Options{})
	unsealed := map[string]bool{".V": true, ".Worker": true, ".Attempt": true, ".Micros": true}
	base := sealed()
	want := f.fingerprint(&base)
	for _, path := range leaves(reflect.ValueOf(base), "") {
		v := sealed()
		change(reflect.ValueOf(&v).Elem(), "", path)
		if same := f.fingerprint(&v) == want; same != unsealed[path] {
			t.Errorf("with another %s the seal is the same: %v", path, same)
		}
	}
}

// leaves are the paths of the strings and integers in v.
func leaves(v reflect.Value, path string) []string {
	var paths []string
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			paths = append(paths, leaves(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	case reflect.Slice:
		return leaves(v.Index(0), path+"[0]")
	default:
		return []string{path}
	}
	return paths
}

// change gives the leaf at a path another value.
func change(v reflect.Value, at, path string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			change(v.Field(i), at+"."+v.Type().Field(i).Name, path)
		}
	case reflect.Slice:
		change(v.Index(0), at+"[0]", path)
	case reflect.String:
		if at == path {
			v.SetString(v.String() + "x")
		}
	default:
		if at == path {
			v.SetInt(v.Int() + 1)
		}
	}
}

// FuzzSeal: two verdicts have the same seal exactly when the same arrives of them, and
// the way over the wire changes no seal.
func FuzzSeal(f *testing.F) {
	f.Add("a", "b", "a", "b", 1, 1, false)
	f.Add("ab", "", "a", "b", 1, 1, false)
	f.Add("\xff\xff", "", "\ufffd\ufffd", "", 0, 0, true)
	f.Add("\xff", "x", "\ufffd\ufffd", "x", 0, 1, true)
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string, aLine, bLine int, claim bool) {
		a, b := ofTwo(a1, a2, aLine, claim), ofTwo(b1, b2, bLine, claim)
		arrivedA, arrivedB := arrived(t, a), arrived(t, b)
		fold := New(Options{})
		if same := cmp.Equal(arrivedA, arrivedB); same != (fold.fingerprint(&a) == fold.fingerprint(&b)) {
			t.Errorf("%+v and %+v arrive as the same: %v; their seals say otherwise", a, b, same)
		}
		if fold.fingerprint(&a) != fold.fingerprint(&arrivedA) {
			t.Errorf("%+v has another seal than what arrives of it, %+v", a, arrivedA)
		}
	})
}

// arrived is what another process reads of a verdict.
func arrived(t *testing.T, v verdict.Verdict) verdict.Verdict {
	t.Helper()
	wire, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := verdict.Decode(wire)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// ofTwo is a verdict that two texts and a number are part of.
func ofTwo(first, second string, line int, claim bool) verdict.Verdict {
	v := verdict.Verdict{Unit: first, Kind: verdict.OK, Decision: verdict.Decision{Regions: []string{first, second}}}
	if p := (verdict.Place{File: first, Line: line, Path: second}); claim {
		v.Claims = []verdict.Claim{{Key: second, Role: verdict.Role(first), Place: p}}
	} else {
		v.Findings = []verdict.Finding{{Message: second, Help: first, Place: p}}
	}
	return v
}
