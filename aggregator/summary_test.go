package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

func TestWhatIsComplete(t *testing.T) {
	t.Parallel()
	badConfig := []verdict.Finding{{Rule: "C1", Severity: verdict.Error}}
	oddConfig := []verdict.Finding{{Rule: "C2", Severity: verdict.Warning}}
	for _, tt := range []struct {
		name     string
		config   []verdict.Finding
		expect   []id.Unit
		verdicts []verdict.Verdict
		want     bool
	}{
		{"all ok", nil, nil, []verdict.Verdict{passed("a")}, true},
		{"warnings only", oddConfig, nil, []verdict.Verdict{withFinding("a", verdict.Warning)}, true},
		{"invalid", nil, nil, []verdict.Verdict{passed("a"), withFinding("b", verdict.Error)}, true},
		{"failed", nil, nil, []verdict.Verdict{passed("a"), broke("b", "x")}, true},
		{"missing", nil, []id.Unit{"b"}, []verdict.Verdict{passed("a")}, false},
		{"configuration", badConfig, []id.Unit{"b"}, []verdict.Verdict{broke("a", "x")}, false},
		{"configuration, nothing expected", badConfig, nil, nil, false},
		{"nothing selected", nil, nil, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := New(Options{Config: tt.config})
			f.Expect(tt.expect...)
			for _, v := range tt.verdicts {
				f.Expect(v.Unit)
				f.Add(v)
			}
			if got := f.Summary(nil).Complete; got != tt.want {
				t.Errorf("complete is %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSummaryTellsHowServicesWereChecked(t *testing.T) {
	t.Parallel()
	skipped := func(name string, s verdict.Skipped) verdict.Verdict {
		return verdict.Subject{Unit: id.Unit(name)}.Of(verdict.Part{Check: "manifest", Engine: "e2", Decision: verdict.Decision{Skipped: s}})
	}
	f := folded(nil, skipped("a", verdict.External), skipped("b", verdict.NotDeployed), passed("c"),
		skipped("d", verdict.NotDeployed))
	s := f.Summary(nil)
	want := map[verdict.Skipped]int{verdict.External: 1, verdict.NotDeployed: 2}
	if diff := cmp.Diff(want, s.Skipped); diff != "" {
		t.Errorf("standing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"e1", "e2"}, s.Engines); diff != "" {
		t.Errorf("engines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"manifest"}, s.Mixed); diff != "" {
		t.Errorf("checks of mixed engines (-want +got):\n%s", diff)
	}
	if s.FleetRules != Whole {
		t.Errorf("fleet rules are %q, want %q", s.FleetRules, Whole)
	}
	if s := New(Options{}).Summary(nil); s.FleetRules != Partial {
		t.Errorf("fleet rules of a selection are %q, want %q", s.FleetRules, Partial)
	}
}

func TestSummaryLeavesTheFoldAsItWas(t *testing.T) {
	t.Parallel()
	f := folded(allJoins, passed("a", stream("orders", 3, "eu")), passed("b", stream("orders", 4, "eu")))
	first := f.Summary(nil)
	if first.Invalid != 2 || f.Counts().Invalid != 0 {
		t.Fatalf("joins count %d invalid and Counts %d, want 2 and 0", first.Invalid, f.Counts().Invalid)
	}
	if diff := cmp.Diff(first, f.Summary(nil)); diff != "" {
		t.Errorf("the second summary differs:\n%s", diff)
	}
}
