package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// printsOf are the fingerprints that findings of a unit get, in the order in which they are given.
func printsOf(unit string, findings ...verdict.Finding) []string {
	sent := slices.Clone(findings)
	for i := range sent {
		sent[i].Help = fmt.Sprint(i) + " " + sent[i].Help
	}
	s := policy.Policy{}.Apply(folded([]verdict.Verdict{decided(unit, sent...)}))
	prints := make([]string, len(findings))
	for _, f := range slices.Concat(s.Errs, s.OKs)[0].Findings {
		var i int
		if _, err := fmt.Sscan(f.Help, &i); err != nil {
			panic(err)
		}
		prints[i] = f.Fingerprint
	}
	return prints
}

// TestWhatAFingerprintIsOf: what changes without another mistake changes it not, and what makes
// another mistake does.
func TestWhatAFingerprintIsOf(t *testing.T) {
	t.Parallel()
	f := verdict.Finding{Rule: "T1", Name: "n", Severity: verdict.Error, Message: "m", Help: "h", Regions: []string{"eu"},
		Place: verdict.Place{File: "f", Line: 3, Column: 4, Path: "w[0].a"}, Named: "w[name=x].a", Identity: "i"}
	first := printsOf("u", f)[0]
	if len(first) != 32 {
		t.Errorf("%q", first)
	}
	for what, c := range map[string]struct {
		change func(*verdict.Finding)
		same   bool
	}{
		"line":                {func(f *verdict.Finding) { f.Line = 9 }, true},
		"column":              {func(f *verdict.Finding) { f.Column = 9 }, true},
		"message":             {func(f *verdict.Finding) { f.Message = "x" }, true},
		"help":                {func(f *verdict.Finding) { f.Help = "x" }, true},
		"severity":            {func(f *verdict.Finding) { f.Severity, f.Advice = verdict.Warning, true }, true},
		"the rule's name":     {func(f *verdict.Finding) { f.Name = "x" }, true},
		"regions":             {func(f *verdict.Finding) { f.Regions = []string{"us"} }, true},
		"related places":      {func(f *verdict.Finding) { f.Related = []verdict.Related{{Text: "x"}} }, true},
		"an item above":       {func(f *verdict.Finding) { f.Path = "w[1].a" }, true},
		"the rule":            {func(f *verdict.Finding) { f.Rule = "T2" }, false},
		"the file":            {func(f *verdict.Finding) { f.File = "g" }, false},
		"the item's name":     {func(f *verdict.Finding) { f.Named = "w[name=y].a" }, false},
		"the identity":        {func(f *verdict.Finding) { f.Identity = "j" }, false},
		"the place of a text": {func(f *verdict.Finding) { f.Named, f.Identity = f.Identity, f.Named }, false},
	} {
		g := f
		c.change(&g)
		if got := printsOf("u", g)[0]; (got == first) != c.same {
			t.Errorf("with another %s it is the same: %v", what, !c.same)
		}
	}
	if printsOf("v", f)[0] == first {
		t.Error("another unit has the same")
	}
}

// TestItemsWithoutANameHaveNoNumber: what is inserted above them leaves them as they are.
func TestItemsWithoutANameHaveNoNumber(t *testing.T) {
	t.Parallel()
	at := func(path string) verdict.Finding {
		return verdict.Finding{Rule: "T1", Severity: verdict.Error, Place: verdict.Place{File: "f", Path: path}}
	}
	for _, same := range [][2]string{{"w[0].a", "w[12].a"}, {"[0]", "[1]"}, {"w[0][1]", "w[1][0]"}} {
		if printsOf("u", at(same[0]))[0] != printsOf("u", at(same[1]))[0] {
			t.Errorf("%s and %s differ", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"w[0].a", "w.a"}, {"w[0]", "w[0][0]"}, {`w["x"]`, `w["y"]`}, {"w[0].a", "v[0].a"}} {
		if printsOf("u", at(other[0]))[0] == printsOf("u", at(other[1]))[0] {
			t.Errorf("%s and %s are the same", other[0], other[1])
		}
	}
}

// TestRepeatsAreCounted: findings that nothing but their places tells apart have fingerprints of
// their own; one more has one more, wherever it stands and however strong it is.
func TestRepeatsAreCounted(t *testing.T) {
	t.Parallel()
	alike := func(line int) verdict.Finding {
		return verdict.Finding{Rule: "T1", Severity: verdict.Error, Message: fmt.Sprint(line), Place: verdict.Place{File: "f", Line: line}}
	}
	two := printsOf("u", alike(5), alike(7))
	three := printsOf("u", alike(3), alike(5), alike(7))
	if two[0] == two[1] || three[0] != two[0] || three[1] != two[1] || slices.Contains(two, three[2]) {
		t.Errorf("%q and then %q", two, three)
	}
	weak := alike(5)
	weak.Severity, weak.Message = verdict.Warning, "z"
	if got := printsOf("u", weak, alike(7)); !slices.Equal(got, two) {
		t.Errorf("with another severity and message %q, and not %q", got, two)
	}
	here, there := alike(5), alike(5)
	here.Regions, there.Regions = []string{"eu"}, []string{"us"}
	before := printsOf("u", here, there)
	here.Message, there.Message = "z", "a"
	if got := printsOf("u", here, there); before[0] == before[1] || !slices.Equal(got, before) {
		t.Errorf("in two regions %q, and with other messages %q", before, got)
	}
}

// TestFingerprintsAreOneEach: whatever is found, no two findings of a fleet have the same, and the
// order in which they come has no effect.
func TestFingerprintsAreOneEach(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		pick := func(from ...string) string { return from[r.IntN(len(from))] }
		var some []verdict.Finding
		for i := range 1 + r.IntN(20) {
			some = append(some, verdict.Finding{Rule: pick("T1", "T2"), Severity: verdict.Severity(pick("error", "warning")), Message: fmt.Sprint(i), Identity: pick("", "i"),
				Place: verdict.Place{File: pick("f", "g"), Line: r.IntN(4), Path: pick("", "a", "w[0]", "w[1]")}, Named: pick("", "w[name=x]"), Regions: strings.Fields(pick("", "eu", "us"))})
		}
		prints := printsOf("u", some...)
		by := map[string]string{}
		for i, f := range some {
			by[f.Message] = prints[i]
		}
		if sorted := slices.Sorted(slices.Values(prints)); len(slices.Compact(sorted)) != len(prints) {
			t.Fatalf("seed %d: two are the same", seed)
		}
		r.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		for i, print := range printsOf("u", some...) {
			if by[some[i].Message] != print {
				t.Fatalf("seed %d: in another order %+v has another", seed, some[i])
			}
		}
	}
}
