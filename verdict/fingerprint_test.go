package verdict

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
)

func everything() Verdict {
	place := Place{File: "f", Line: 2, Column: 3, Path: "p"}
	return Verdict{Subject: Subject{Unit: "s", Digest: "d", Shared: "h", Checker: "c", Engine: "e"}, Kind: Invalid, Cause: "why",
		Decision: Decision{Regions: []string{"north"}, Skipped: External,
			Findings: []Finding{{Rule: "r", Name: "n", Severity: Error, Message: "m", Place: place, Regions: []string{"north"}, Help: "h"}},
			Claims:   []Claim{{Joins: []string{"j"}, Role: Needs, Key: "k", Regions: []string{"north"}, Place: place}}}}
}

// TestFingerprintSeesEveryField changes each field of a verdict in turn: a field that is
// added to the wire form has to be added to the canonical form.
func TestFingerprintSeesEveryField(t *testing.T) {
	t.Parallel()
	unseen := map[string]bool{".V": true, ".Worker": true, ".Attempt": true, ".Micros": true}
	base := everything()
	want := base.Fingerprint()
	for _, path := range leaves(reflect.ValueOf(base), "") {
		v := everything()
		change(reflect.ValueOf(&v).Elem(), "", path)
		if same := v.Fingerprint() == want; same != unseen[path] {
			t.Errorf("with another %s the fingerprint is the same: %v", path, same)
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
	case reflect.Pointer: // an edit, which does not travel
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
	case reflect.Pointer:
	case reflect.Bool:
		if at == path {
			v.SetBool(!v.Bool())
		}
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

// FuzzFingerprint: two verdicts have the same fingerprint exactly when the same arrives
// of them, and the way over the wire changes none.
func FuzzFingerprint(f *testing.F) {
	f.Add("a", "b", "a", "b", 1, 1, false)
	f.Add("ab", "", "a", "b", 1, 1, false)
	f.Add("\xff\xff", "", "\ufffd\ufffd", "", 0, 0, true)
	f.Add("\xff", "x", "\ufffd\ufffd", "x", 0, 1, true)
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string, aLine, bLine int, claim bool) {
		a, b := ofTwo(a1, a2, aLine, claim), ofTwo(b1, b2, bLine, claim)
		arrivedA, arrivedB := arrived(t, a), arrived(t, b)
		if same := cmp.Equal(arrivedA, arrivedB); same != (a.Fingerprint() == b.Fingerprint()) {
			t.Errorf("%+v and %+v arrive as the same: %v; their fingerprints say otherwise", a, b, same)
		}
		if a.Fingerprint() != arrivedA.Fingerprint() {
			t.Errorf("%+v has another fingerprint than what arrives of it, %+v", a, arrivedA)
		}
	})
}

// arrived is what another process reads of a verdict.
func arrived(t *testing.T, v Verdict) Verdict {
	t.Helper()
	wire, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(wire)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// ofTwo is a verdict that two texts and a number are part of.
func ofTwo(first, second string, line int, claim bool) Verdict {
	v := Verdict{Subject: Subject{Unit: id.Unit(first)}, Kind: OK, Decision: Decision{Regions: []string{first, second}}}
	if p := (Place{File: first, Line: line, Path: second}); claim {
		v.Claims = []Claim{{Joins: []string{"J"}, Key: second, Role: Role(first), Place: p}}
	} else {
		v.Findings = []Finding{{Message: second, Help: first, Place: p}}
	}
	return v
}
