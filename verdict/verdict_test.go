package verdict

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func example() Verdict {
	v := Subject{Unit: "billing", Digest: "d", Shared: "s", Checker: "manifest", Engine: "e"}.Decided(Decision{
		Regions:  []string{"south", "north"},
		Findings: []Finding{{Rule: "M2", Severity: Warning, Place: Place{"f", 9, 1, "b"}}, {Rule: "M1", Severity: Error, Place: Place{"f", 2, 3, "a"}, Help: "h"}},
		Claims: []Claim{
			{Joins: []string{"M7"}, Role: Needs, Key: "n", Regions: []string{"north", "south"}, Place: Place{File: "f", Line: 5}},
			{Joins: []string{"M6"}, Role: Unique, Key: "k", Regions: []string{"north"}, Place: Place{File: "f", Line: 4}},
			{Joins: []string{"M6"}, Role: Needs, Key: "n", Regions: []string{"north", "south"}, Place: Place{File: "f", Line: 5}},
		},
	})
	v.Worker, v.Attempt, v.Micros = "w", 2, 250
	return v
}

// The wire form is a contract between workers and aggregators of different versions.
const wire = `{"v":1,"service":"billing","digest":"d","shared":"s","checker":"manifest","engine":"e","kind":"invalid","worker":"w","attempt":2,"micros":250,` +
	`"regions":["north","south"],"findings":[{"rule":"M1","name":"","severity":"error","message":"","file":"f","line":2,"column":3,"path":"a","help":"h"},` +
	`{"rule":"M2","name":"","severity":"warning","message":"","file":"f","line":9,"column":1,"path":"b"}],` +
	`"claims":["4 0 j1fr1 unique","M6","f","north","k","5 0 j2 needs","M6","M7","n"]}`

func TestWireForm(t *testing.T) {
	t.Parallel()
	b, err := example().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wire, string(b)); diff != "" {
		t.Errorf("a change of the wire form needs a new version (-want +got):\n%s", diff)
	}
	got, err := Decode([]byte(wire))
	if err != nil {
		t.Fatal(err)
	}
	want := example()
	want.V = Version
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Decode([]byte(strings.Replace(wire, `{"v":1`, `{"v":2`, 1))); !errors.Is(err, ErrVersion) {
		t.Errorf("another version: %v, want %v", err, ErrVersion)
	}
	for _, kind := range []string{"missing", "fine", ""} {
		if _, err := Decode([]byte(strings.Replace(wire, `"kind":"invalid"`, `"kind":"`+kind+`"`, 1))); err == nil {
			t.Errorf("a worker says %q and is believed", kind)
		}
	}
	for _, claims := range []string{
		`"needs","k"`, `"5 x j1 needs","M6","k"`, `"5 0 j2 needs","M6"`, `"5 0 j1 needs","M6"`, `"5 0 j1 needs"`, `"5 0 j1x needs","M6","k"`,
		`"5 0  needs","k"`, `"5 0 j needs","k"`, `"5 0 j999999999999 needs","k"`,
	} {
		if v, err := Decode([]byte(wire[:strings.Index(wire, `"4 0`)] + claims + "]}")); err == nil {
			t.Errorf("claims of %s are read as %+v", claims, v.Claims)
		}
	}
	if _, err := Decode([]byte("{")); err == nil {
		t.Error("half a verdict is believed")
	}
}

func TestDecidedAndFailed(t *testing.T) {
	t.Parallel()
	twice := Finding{Rule: "M1", Severity: Warning, Place: Place{File: "f"}}
	for _, c := range []struct {
		name     string
		findings []Finding
		want     Kind
		left     int
	}{
		{"nothing", nil, OK, 0},
		{"a warning, told twice", []Finding{twice, twice}, OK, 1},
		{"an error", []Finding{twice, {Rule: "M2", Severity: Error}}, Invalid, 2},
	} {
		var v Verdict
		v = v.Failed("an earlier try")
		v = v.Decided(Decision{Findings: c.findings})
		if v.Kind != c.want || len(v.Findings) != c.left || v.Cause != "" {
			t.Errorf("%s: %s with %d findings and cause %q; want %s with %d", c.name, v.Kind, len(v.Findings), v.Cause, c.want, c.left)
		}
		v = v.Failed("no luck")
		if v.Kind != Failed || v.Cause != "no luck" || v.Findings != nil {
			t.Errorf("%s: as a failed one it is %s (%s) with %d findings", c.name, v.Kind, v.Cause, len(v.Findings))
		}
	}
}

func TestFindingsHaveATotalOrder(t *testing.T) {
	t.Parallel()
	want := []Finding{
		{Place: Place{File: "a", Line: 1}},
		{Place: Place{File: "a", Line: 2, Column: 1}, Severity: Error},
		{Place: Place{File: "a", Line: 2, Column: 1}, Severity: Warning},
		{Place: Place{File: "a", Line: 2, Column: 3}, Severity: Error, Rule: "M1"},
		{Place: Place{File: "a", Line: 2, Column: 3}, Severity: Error, Rule: "M2"},
		{Place: Place{File: "a", Line: 10}},
		{Place: Place{File: "b"}},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	if diff := cmp.Diff(want, SortFindings(got)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Place{"f": {File: "f", Column: 3}, "f:2": {File: "f", Line: 2}, "f:2:3": {File: "f", Line: 2, Column: 3}} {
		if p.String() != want {
			t.Errorf("%#v is %q, want %q", p, p.String(), want)
		}
	}
}

func TestEncodeBothAgreesWithEncodeAndFingerprint(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]Verdict{
		"nothing of a worker": {Subject: Subject{Unit: "a"}, Kind: OK},
		"everything": {Subject: Subject{Unit: "a \"quoted\"\n", Digest: "d"}, Kind: Invalid, Worker: "w<1>", Attempt: 2, Micros: 7,
			Decision: Decision{Regions: []string{"r"}, Findings: []Finding{{Rule: "R1", Message: "m"}}, Claims: []Claim{{Joins: []string{"J"}, Key: "k"}}}},
	} {
		body, print, err := v.EncodeBoth()
		if err != nil {
			t.Fatal(err)
		}
		if want := v.Fingerprint(); print != want {
			t.Errorf("%s: the fingerprint is %s, want %s", name, print, want)
		}
		got, err := Decode(body)
		v.V = Version
		if diff := cmp.Diff(v, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: the body reads as another verdict (-want +got):\n%s%v", name, diff, err)
		}
	}
}
