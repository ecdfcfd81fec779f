package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	badConfig := []verdict.Finding{{Rule: "C1", Severity: verdict.Error}}
	oddConfig := []verdict.Finding{{Rule: "C2", Severity: verdict.Warning}}
	tests := []struct {
		name     string
		config   []verdict.Finding
		expect   []string
		verdicts []verdict.Verdict
		complete bool
		want     int
	}{
		{"all ok", nil, nil, []verdict.Verdict{passed("a")}, true, 0},
		{"warnings only", oddConfig, nil, []verdict.Verdict{withFinding("a", verdict.Warning)}, true, 0},
		{"invalid", nil, nil, []verdict.Verdict{passed("a"), withFinding("b", verdict.Error)}, true, 1},
		{"failed", nil, nil, []verdict.Verdict{passed("a"), broke("b", "x")}, true, 3},
		{"missing", nil, []string{"b"}, []verdict.Verdict{passed("a")}, false, 3},
		{"failed outranks invalid", nil, nil, []verdict.Verdict{withFinding("a", verdict.Error), broke("b", "x")}, true, 3},
		{"missing outranks invalid", nil, []string{"b"}, []verdict.Verdict{withFinding("a", verdict.Error)}, false, 3},
		{"configuration outranks all", badConfig, []string{"b"}, []verdict.Verdict{broke("a", "x")}, false, 2},
		{"configuration, nothing expected", badConfig, nil, nil, false, 2},
		{"nothing selected", nil, nil, nil, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := New(Options{Config: tt.config})
			f.Expect(tt.expect...)
			for _, v := range tt.verdicts {
				f.Expect(v.Unit)
				f.Add(v)
			}
			s := f.Summary(nil)
			if got := s.ExitCode(); got != tt.want {
				t.Errorf("exit code is %d, want %d", got, tt.want)
			}
			if s.Complete != tt.complete {
				t.Errorf("complete is %v, want %v", s.Complete, tt.complete)
			}
		})
	}
}

func TestSummaryTellsHowServicesWereChecked(t *testing.T) {
	t.Parallel()
	standing := func(name string, s verdict.Skipped) verdict.Verdict {
		v := verdict.Verdict{Unit: name, Engine: "e2"}
		v.Settle(verdict.Decision{Skipped: s})
		return v
	}
	f := folded(nil, standing("a", verdict.External), standing("b", verdict.NotDeployed), passed("c"),
		standing("d", verdict.NotDeployed))
	s := f.Summary(nil)
	want := map[verdict.Skipped]int{verdict.External: 1, verdict.NotDeployed: 2}
	if diff := cmp.Diff(want, s.Skipped); diff != "" {
		t.Errorf("standing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"e1", "e2"}, s.Engines); diff != "" {
		t.Errorf("engines (-want +got):\n%s", diff)
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
