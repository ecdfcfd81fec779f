package verdict

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// versions are those that this program writes and reads.
var versions = []int{1, 2}

// goldens are verdicts with their wire forms. The forms are a contract between workers and
// aggregators of different versions: they must be read as long as their version is.
func goldens() map[string]Verdict {
	failed := Subject{Unit: "billing", Digest: "d", Shared: "s"}.Of(Part{Check: "manifest", Engine: "e", Failure: "vault is away"})
	failed.Worker, failed.Attempt, failed.Micros = "w", 2, 250
	two := everything()
	two.Worker, two.Attempt, two.Micros = "w", 2, 250
	at := func(v Verdict, path string) Verdict {
		v.Path = path
		return v
	}
	return map[string]Verdict{
		"invalid-v1": example(), "failed-v1": failed,
		"invalid-v2": at(example(), "services/billing"), "failed-v2": at(failed, "services/billing"), "two-checks-v2": two,
	}
}

func TestWireForms(t *testing.T) {
	t.Parallel()
	for name, want := range goldens() {
		golden, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		want.V = int(name[len(name)-1] - '0')
		wire, err := want.Encode(want.V)
		if diff := cmp.Diff(string(bytes.TrimSpace(golden)), string(wire)); err != nil || diff != "" {
			t.Errorf("%s: a change of the wire form needs a new version (-want +got):\n%s%v", name, diff, err)
		}
		got, err := Decode(golden)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: Decode (-want +got):\n%s%v", name, diff, err)
		}
	}
}

func readGolden(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"invalid-v1", "invalid-v2"} {
		wire := readGolden(t, version)
		other := strings.NewReplacer(`{"v":1`, `{"v":3`, `{"v":2`, `{"v":3`).Replace(wire)
		if _, err := Decode([]byte(other)); !errors.Is(err, ErrVersion) {
			t.Errorf("another version: %v, want %v", err, ErrVersion)
		}
		for _, kind := range []string{"missing", "fine", ""} {
			if _, err := Decode([]byte(strings.Replace(wire, `"kind":"invalid"`, `"kind":"`+kind+`"`, 1))); err == nil {
				t.Errorf("a worker says %q and is believed", kind)
			}
		}
		from, to := strings.Index(wire, `"4 0`), strings.LastIndex(wire, `"n"`)+len(`"n"`)
		for _, claims := range []string{
			`"needs","k"`, `"5 x j1 needs","M6","k"`, `"5 0 j2 needs","M6"`, `"5 0 j1 needs","M6"`, `"5 0 j1 needs"`, `"5 0 j1x needs","M6","k"`,
			`"5 0  needs","k"`, `"5 0 j needs","k"`, `"5 0 j999999999999 needs","k"`,
		} {
			if v, err := Decode([]byte(wire[:from] + claims + wire[to:])); err == nil {
				t.Errorf("claims of %s are read as %+v", claims, v.Claims())
			}
		}
	}
	if _, err := Decode([]byte("{")); err == nil {
		t.Error("half a verdict is believed")
	}
	for _, none := range []string{`{"v":2,"kind":"ok"}`, `{"v":2,"kind":"ok","parts":[]}`} {
		if v, err := Decode([]byte(none)); err == nil {
			t.Errorf("%s, in which no check says anything, is read as %+v", none, v)
		}
	}
	two := readGolden(t, "two-checks-v2")
	for _, check := range []string{"yamllint", "zebra"} {
		if v, err := Decode([]byte(strings.Replace(two, `"check":"manifest"`, `"check":"`+check+`"`, 1))); err == nil {
			t.Errorf("checks out of order are read as %+v", v.Parts)
		}
	}
}

// TestVersion1LeavesOutWhatItCannotSay, and no err.
func TestVersion1LeavesOutWhatItCannotSay(t *testing.T) {
	t.Parallel()
	rich := everything()
	if b, err := rich.Encode(1); err == nil {
		t.Errorf("the verdict of two checks is %s", b)
	}
	rich = rich.Of(rich.Parts[0])
	body, print, err := rich.EncodeBoth(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"related", "marks", "impure", `"path":"services/`} {
		if strings.Contains(string(body), left) {
			t.Errorf("%s is in %s", left, body)
		}
	}
	got, err := Decode(body)
	if err != nil || got.Kind != rich.Kind || len(got.Findings()) != len(rich.Findings()) || print != got.Fingerprint() {
		t.Errorf("it arrives as %+v with fingerprint %s, want %s; %v", got, got.Fingerprint(), print, err)
	}
	plain := rich.Parts[0]
	plain.Marks, plain.Impure = nil, false
	plain.Findings = []Finding{plain.Findings[0]}
	plain.Findings[0].Related = nil
	if want := rich.Of(plain).Fingerprint(); print != want {
		t.Errorf("its fingerprint is %s, want that of what it says, %s", print, want)
	}
	if b, err := (Verdict{Kind: OK}).Encode(Version); err == nil {
		t.Errorf("a verdict without a part is sent as %s", b)
	}
	if _, err := rich.Encode(3); !errors.Is(err, ErrVersion) {
		t.Errorf("version 3: %v", err)
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for upTo, want := range map[int]int{-1: 1, 0: 1, 1: 1, 2: 2, 3: 2} {
		if got := Accepted(upTo); got != want {
			t.Errorf("who reads up to %d gets %d, want %d", upTo, got, want)
		}
	}
}

// TestVersionsAgree: a verdict that version 1 has words for is sent in that, and has one
// fingerprint, whoever reads it.
func TestVersionsAgree(t *testing.T) {
	t.Parallel()
	for name, v := range goldens() {
		if name == "two-checks-v2" {
			continue
		}
		for _, version := range versions {
			body, print, err := v.EncodeBoth(version)
			if err != nil || print != v.Fingerprint() {
				t.Fatalf("%s in version %d: fingerprint %s, want %s, %v", name, version, print, v.Fingerprint(), err)
			}
			if got, err := Decode(body); err != nil || got.Fingerprint() != print || got.V != oldest {
				t.Errorf("%s, in version %d at most, arrives in version %d as %s, want %s, %v", name, version, got.V, got.Fingerprint(), print, err)
			}
		}
	}
}

func TestEncodeBothAgreesWithEncodeAndFingerprint(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]Verdict{
		"nothing of a worker": {Subject: Subject{Unit: "a"}, Kind: OK, Parts: []Part{{}}},
		"one part": {Subject: Subject{Unit: "a \"quoted\"\n", Digest: "d"}, Kind: Invalid, Worker: "w<1>", Attempt: 2, Micros: 7,
			Parts: []Part{{Decision: Decision{Regions: []string{"r"}, Findings: []Finding{{Rule: "R1", Message: "m"}}, Claims: []Claim{{Joins: []string{"J"}, Key: "k"}}}}}},
		"everything": everything(),
	} {
		body, print, err := v.EncodeBoth(Version)
		if err != nil {
			t.Fatal(err)
		}
		if want := v.Fingerprint(); print != want {
			t.Errorf("%s: the fingerprint is %s, want %s", name, print, want)
		}
		got, err := Decode(body)
		if v.V = v.least(); v.V == oldest {
			v.Path = ""
		}
		if diff := cmp.Diff(v, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: the body reads as another verdict (-want +got):\n%s%v", name, diff, err)
		}
	}
}

// TestClaimsTravel: whatever is left out of the wire form is there again on the
// other side.
func TestClaimsTravel(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	for range 500 {
		d := Decision{Regions: []string{"north", "south"}}
		for range rng.IntN(12) {
			d.Claims = append(d.Claims, Claim{
				Joins: []string{one("M6", "M7", "M8")}, Role: Role(one("unique", "needs", "provides")), Key: one("a", "b\x00"),
				Regions: [][]string{nil, {"north"}, {"north", "south"}, {"north\x00south"}}[rng.IntN(4)],
				Place:   Place{File: one("f", "g", ""), Line: rng.IntN(2), Path: one("", "p")},
			})
		}
		want := Subject{Unit: "s"}.Of(Part{Check: "c", Decision: d})
		for _, want.V = range versions {
			b, err := want.Encode(want.V)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(b)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Fatalf("%s\n(-want +got):\n%s%v", b, diff, err)
			}
		}
	}
}

func TestClaimsThatSeveralJoinsReadTravelOnce(t *testing.T) {
	t.Parallel()
	at := Place{File: "services/a/manifest.yml", Line: 3, Column: 5}
	v := Subject{}.Of(Part{Decision: Decision{Regions: []string{"r"}, Claims: []Claim{
		{Joins: []string{"J1"}, Role: Needs, Key: "b", Regions: []string{"r"}, Place: at}, {Joins: []string{"J2"}, Role: Needs, Key: "b", Regions: []string{"r"}, Place: at},
		{Joins: []string{"J3"}, Role: Needs, Key: "b", Regions: []string{"r"}, Place: at}, {Joins: []string{"J3"}, Role: Needs, Key: "c", Regions: []string{"r"}, Place: at},
		{Joins: []string{"J3"}, Role: Needs, Key: "d", Regions: []string{"r"}, Place: Place{File: at.File, Line: 4, Column: 5, Path: "kong"}},
	}}})
	want := []string{"3 5 j3f needs", "J1", "J2", "J3", "services/a/manifest.yml", "b", "3 5 j1 needs", "J3", "c", "4 5 p needs", "kong", "d"}
	if diff := cmp.Diff(want, pack(v.Claims(), v.Regions())); diff != "" {
		t.Errorf("each string once (-want +got):\n%s", diff)
	}
}
