package verdict

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOf(t *testing.T) {
	t.Parallel()
	twice := Finding{Rule: "M1", Severity: Warning, Place: Place{File: "f"}}
	wrong := Finding{Rule: "M2", Severity: Error}
	found := func(check string, fs ...Finding) Part { return Part{Check: check, Decision: Decision{Findings: fs}} }
	failed := func(check, why string, fs ...Finding) Part {
		return Part{Check: check, Failure: why, Decision: Decision{Findings: fs}}
	}
	for _, c := range []struct {
		name  string
		parts []Part
		kind  Kind
		cause string
		left  int
	}{
		{"no check", nil, Failed, "no check has decided", 0},
		{"nothing", []Part{{}}, OK, "", 0},
		{"a warning, told twice", []Part{found("", twice, twice)}, OK, "", 1},
		{"an error", []Part{found("", twice, wrong)}, Invalid, "", 2},
		{"a failure", []Part{failed("a", "no luck")}, Failed, "no luck", 0},
		{"what was found until then", []Part{failed("a", "no luck", wrong)}, Failed, "no luck", 1},
		{"two that agree", []Part{found("b", twice), found("a", twice)}, OK, "", 1},
		{"an error of one", []Part{found("b"), found("a", wrong)}, Invalid, "", 1},
		{"a failure hides nothing", []Part{found("b", wrong), failed("a", "no luck"), found("c", twice)}, Failed, "a: no luck", 2},
		{"two failures", []Part{failed("b", "no chart"), failed("a", "no luck"), found("c")}, Failed, "a: no luck; b: no chart", 0},
	} {
		v := Subject{Unit: "u"}.Of(c.parts...)
		if v.Kind != c.kind || v.Cause != c.cause || len(v.Findings()) != c.left {
			t.Errorf("%s: %s (%q) with %d findings; want %s (%q) with %d", c.name, v.Kind, v.Cause, len(v.Findings()), c.kind, c.cause, c.left)
		}
		for i := range len(v.Parts) - 1 {
			if v.Parts[i].Check >= v.Parts[i+1].Check {
				t.Errorf("%s: check %q stands before %q", c.name, v.Parts[i].Check, v.Parts[i+1].Check)
			}
		}
	}
}

func TestUndecided(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		checks []string
		want   []Part
	}{
		{nil, []Part{{Failure: "why"}}},
		{[]string{"a"}, []Part{{Check: "a", Failure: "why"}}},
		{[]string{"b", "a"}, []Part{{Check: "a", Failure: "why"}, {Check: "b", Failure: "why"}}},
	} {
		v := Subject{Unit: "u"}.Undecided("why", c.checks...)
		if diff := cmp.Diff(c.want, v.Parts); diff != "" || v.Kind != Failed {
			t.Errorf("of %q it is %s (-want +got):\n%s", c.checks, v.Kind, diff)
		}
	}
}

func TestViewsOfSeveralParts(t *testing.T) {
	t.Parallel()
	claim := func(join string) Claim { return Claim{Joins: []string{join}, Role: Needs, Key: "k"} }
	v := Subject{}.Of(
		Part{Check: "c", Engine: "e1", Decision: Decision{Skipped: Disabled, Claims: []Claim{claim("J2")}}},
		Part{Check: "a", Engine: "e2", Decision: Decision{Regions: []string{"south", "north"}, Claims: []Claim{claim("J1")}, Findings: []Finding{{Rule: "B"}}}},
		Part{Check: "b", Engine: "e2", Decision: Decision{Regions: []string{"east", "north"}, Findings: []Finding{{Rule: "A"}, {Rule: "B"}}, Impure: true}},
		Part{Check: "d", Failure: "no luck"})
	for name, diff := range map[string]string{
		"findings": cmp.Diff([]Finding{{Rule: "A"}, {Rule: "B"}}, v.Findings()),
		"claims":   cmp.Diff([]Claim{{Joins: []string{"J1", "J2"}, Role: Needs, Key: "k"}}, v.Claims()),
		"regions":  cmp.Diff([]string{"east", "north", "south"}, v.Regions()),
		"skipped":  cmp.Diff(Skipped(""), v.Skipped()),
		"impure":   cmp.Diff(true, v.Impure()),
	} {
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if len(v.Parts[0].Claims[0].Joins) != 1 || len(v.Parts[2].Claims[0].Joins) != 1 {
		t.Errorf("a view has changed the parts: %+v", v.Parts)
	}
	structure := Subject{}.Of(Part{Check: "b", Decision: Decision{Skipped: Disabled}}, Part{Check: "a"}, Part{Check: "c", Decision: Decision{Skipped: External}})
	if got := structure.Skipped(); got != Disabled {
		t.Errorf("where no part has checked in full it is %q, want %q", got, Disabled)
	}
}

// TestTheViewOfOnePartIsItsList: a run looks at a hundred thousand of them.
func TestTheViewOfOnePartIsItsList(t *testing.T) {
	t.Parallel()
	v := example()
	if p := &v.Parts[0]; &v.Findings()[0] != &p.Findings[0] || &v.Claims()[0] != &p.Claims[0] || &v.Regions()[0] != &p.Regions[0] {
		t.Error("a view of one part is a copy")
	}
}

func TestSortMarks(t *testing.T) {
	t.Parallel()
	line := Mark{Rules: []string{"M1"}, Reason: "r", Place: Place{File: "f", Line: 2}}
	file := line
	file.File = true
	all := Mark{Place: Place{File: "f", Line: 1}, File: true}
	if diff := cmp.Diff([]Mark{all, line, file}, SortMarks([]Mark{file, line, all, file})); diff != "" {
		t.Errorf("marks (-want +got):\n%s", strings.TrimSpace(diff))
	}
}
