package verdict

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed306eabeb/muster/id"
)

// everything is a verdict of two checks, and says something in each field.
func everything() Verdict {
	place := Place{File: "f", Line: 2, Column: 3, Path: "p"}
	part := Part{Check: "manifest", Engine: "e", Failure: "why", Decision: Decision{
		Regions: []string{"north"}, Skipped: External, Impure: true,
		Findings: []Finding{{Rule: "r", Name: "n", Severity: Error, Message: "m", Place: place, Regions: []string{"north"}, Help: "h",
			Related: []Related{{place, "set here"}}}},
		Claims: []Claim{{Joins: []string{"j"}, Role: Needs, Key: "k", Regions: []string{"north"}, Place: place}},
		Marks:  []Mark{{Rules: []string{"r"}, Reason: "a test", Place: place, Until: "2030-01-01", File: true}}}}
	return Subject{Unit: "s", Path: "services/s", Digest: "d", Shared: "h"}.Of(part, Part{Check: "yamllint", Engine: "e2"})
}

// TestFingerprintSeesEveryField changes each field of a verdict in turn: a field that is
// added to the wire form has to be added to the canonical form.
func TestFingerprintSeesEveryField(t *testing.T) {
	t.Parallel()
	unseen := map[string]bool{".V": true, ".Worker": true, ".Attempt": true, ".Micros": true,
		".Subject.Path": true, // which follows from the unit
		".Cause":        true, // which follows from the parts
	}
	one := everything()
	one = one.Of(one.Parts[0])
	plain := example()
	for name, base := range map[string]Verdict{"two checks": everything(), "one check": one, "of version 1": plain} {
		want := base.Fingerprint()
		for _, path := range leaves(reflect.ValueOf(base), "") {
			v := clone(t, base)
			change(reflect.ValueOf(&v).Elem(), "", path)
			if same := v.Fingerprint() == want; same != (unseen[path] || strings.HasSuffix(path, ".Findings[0].Fingerprint")) { // which a policy gives
				t.Errorf("%s: with another %s the fingerprint is the same: %v", name, path, same)
			}
		}
	}
}

// clone is v without memory in common.
func clone(t *testing.T, v Verdict) Verdict {
	t.Helper()
	b, err := v.Encode(Version)
	if err != nil {
		t.Fatal(err)
	}
	if v, err = Decode(b); err != nil {
		t.Fatal(err)
	}
	return v
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
		if v.Len() > 0 {
			return leaves(v.Index(0), path+"[0]")
		}
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
		if v.Len() > 0 {
			change(v.Index(0), at+"[0]", path)
		}
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

// assembled makes a verdict of its decisions, each of which has travelled alone: it has the same fingerprint,
// and that needs no second encoding.
func assembled(t *testing.T, v Verdict) {
	t.Helper()
	var bodies []string
	var parts []Part
	for _, p := range v.Parts {
		body, arrives, err := EncodeDecision(p.Decision)
		if err != nil {
			t.Fatal(err)
		}
		if !arrives || p.Failure != "" {
			return
		}
		if p.Decision, err = DecodeDecision(string(body)); err != nil {
			return // nobody reads it
		}
		bodies, parts = append(bodies, string(body)), append(parts, p)
	}
	again := v.Subject.Of(parts...)
	if print := FingerprintOf(again, bodies); print != again.Fingerprint() {
		t.Errorf("%+v: its fingerprint is %s by its decisions, want %s", v, print, again.Fingerprint())
	}
}

// FuzzFingerprint: two verdicts have the same fingerprint exactly when the same arrives
// of them, and the way over the wire changes none, whatever its version.
func FuzzFingerprint(f *testing.F) {
	for _, kind := range []byte{0, 1, 2, 3} {
		f.Add("a", "b", "a", "b", 1, 1, kind)
		f.Add("ab", "", "a", "b", 1, 1, kind)
		f.Add("\xff\xff", "", "\ufffd\ufffd", "", 0, 0, kind)
		f.Add("\xff", "x", "\ufffd\ufffd", "x", 0, 1, kind)
		f.Add(`\ufffd`, "<", `\ufffd`, "\u2028", 0, 1, kind)
	}
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string, aLine, bLine int, kind byte) {
		a, b := ofTwo(a1, a2, aLine, kind), ofTwo(b1, b2, bLine, kind)
		for _, version := range versions {
			arrivedA, printA := arrived(t, a, version)
			arrivedB, printB := arrived(t, b, version)
			if same := cmp.Equal(arrivedA, arrivedB); same != (printA == printB) {
				t.Errorf("%+v and %+v arrive as the same: %v; their fingerprints say otherwise", a, b, same)
			}
			if printA != arrivedA.Fingerprint() {
				t.Errorf("%+v has another fingerprint than what arrives of it, %+v", a, arrivedA)
			}
		}
		if _, print := arrived(t, a, Version); print != a.Fingerprint() {
			t.Errorf("the newest version of %+v has another fingerprint", a)
		}
		assembled(t, a)
	})
}

// arrived is what another process reads of a verdict, and the fingerprint that it was sent
// with.
func arrived(t *testing.T, v Verdict, version int) (Verdict, Fingerprint) {
	t.Helper()
	body, print, err := v.EncodeBoth(version)
	if err != nil {
		t.Fatal(err)
	}
	wire, err := v.Encode(version)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(wire)
	if err != nil {
		t.Fatal(err)
	}
	same, err := Decode(body)
	if back.V, back.Path = same.V, same.Path; same.V > version {
		t.Fatalf("version %d is sent to who reads %d", same.V, version)
	}
	if diff := cmp.Diff(back, same); err != nil || diff != "" {
		t.Fatalf("Encode and EncodeBoth send different verdicts (-Encode +EncodeBoth):\n%s%v", diff, err)
	}
	return back, print
}

// ofTwo is a verdict that two texts and a number are part of.
func ofTwo(first, second string, line int, kind byte) Verdict {
	p, part := Place{File: first, Line: line, Path: second}, Part{Check: first, Engine: second}
	part.Regions = []string{first, second}
	switch kind % 4 {
	case 0:
		part.Claims = []Claim{{Joins: []string{"J"}, Key: second, Role: Role(first), Place: p}}
	case 1:
		part.Findings = []Finding{{Message: second, Help: first, Place: p}}
	case 2:
		part.Findings = []Finding{{Related: []Related{{p, second}}}, {Related: []Related{{p, first}}}}
	case 3:
		part.Marks, part.Failure = []Mark{{Rules: []string{first}, Reason: second, Place: p}}, second
	}
	return Subject{Unit: id.Unit(first)}.Of(part)
}

// FuzzDecode: what can be read is sent on as it came, and says the same.
func FuzzDecode(f *testing.F) {
	for _, v := range goldens() {
		for _, version := range versions {
			if b, err := v.Encode(version); err == nil {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err != nil {
			return
		}
		again, print, err := v.EncodeBoth(v.V)
		if err != nil {
			t.Fatalf("%+v was read, and cannot be sent on: %v", v, err)
		}
		got, err := Decode(again)
		if v.V, v.Path = got.V, got.Path; got.V > oldest != (v.least() > oldest) {
			t.Errorf("sent on in version %d, and %d has words for it", got.V, v.least())
		}
		if diff := cmp.Diff(v, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("sent on it is another verdict (-before +after):\n%s%v", diff, err)
		}
		if print != v.Fingerprint() || got.Fingerprint() != print {
			t.Errorf("fingerprints %s, %s and %s", print, v.Fingerprint(), got.Fingerprint())
		}
	})
}
