package verdict

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

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
		want := Subject{Unit: "s"}.Decided(d)
		want.V = Version
		b, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%s\n(-want +got):\n%s%v", b, diff, err)
		}
	}
}

func TestClaimsThatSeveralJoinsReadTravelOnce(t *testing.T) {
	t.Parallel()
	at := Place{File: "services/a/manifest.yml", Line: 3, Column: 5}
	v := Subject{}.Decided(Decision{Regions: []string{"r"}, Claims: []Claim{
		{Joins: []string{"J1"}, Role: Needs, Key: "b", Regions: []string{"r"}, Place: at}, {Joins: []string{"J2"}, Role: Needs, Key: "b", Regions: []string{"r"}, Place: at},
		{Joins: []string{"J3"}, Role: Needs, Key: "b", Regions: []string{"r"}, Place: at}, {Joins: []string{"J3"}, Role: Needs, Key: "c", Regions: []string{"r"}, Place: at},
		{Joins: []string{"J3"}, Role: Needs, Key: "d", Regions: []string{"r"}, Place: Place{File: at.File, Line: 4, Column: 5, Path: "kong"}},
	}})
	want := []string{"3 5 j3f needs", "J1", "J2", "J3", "services/a/manifest.yml", "b", "3 5 j1 needs", "J3", "c", "4 5 p needs", "kong", "d"}
	if diff := cmp.Diff(want, pack(v.Claims, v.Regions)); diff != "" {
		t.Errorf("each string once (-want +got):\n%s", diff)
	}
}
