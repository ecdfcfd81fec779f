package aggregator

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

func TestEveryExpectedServiceIsOnOneSide(t *testing.T) {
	t.Parallel()
	f := New(Options{})
	f.AddKnown("a", "b", "c", "d", "e", "f", "g", "a")
	f.AddKnown("b")
	f.Expect("e", "a", "c", "b", "d", "a")
	f.Add(passed("a"))
	f.Add(withFinding("b", verdict.Error))
	f.Add(broke("c", "the worker ran out of memory"))
	f.Add(withFinding("d", verdict.Warning))
	f.Add(passed("g"))

	s := f.Summary(func(name id.Unit) string { return "the deadline passed before " + string(name) + " was decided" })
	if got, want := s.Counts, (Counts{OK: 2, Invalid: 1, Failed: 1, Missing: 1, Expected: 5}); got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
	if got, want := names(s.OKs), []string{"a", "d"}; !slices.Equal(got, want) {
		t.Errorf("oks are %q, want %q", got, want)
	}
	type err struct {
		Service string
		Kind    verdict.Kind
		Cause   string
	}
	var errs []err
	for _, e := range s.Errs {
		errs = append(errs, err{string(e.Name), e.Kind, e.Cause})
	}
	want := []err{
		{"b", verdict.Invalid, ""},
		{"c", verdict.Failed, "the worker ran out of memory"},
		{"e", verdict.Missing, "the deadline passed before e was decided"},
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Errorf("errs (-want +got):\n%s", diff)
	}
	if s.Fleet != 7 || s.Unexpected != 1 || s.Complete {
		t.Errorf("fleet %d, unexpected %d, complete %v; want 7, 1, false", s.Fleet, s.Unexpected, s.Complete)
	}
}

func TestAddCountsTheFirstVerdictOfAnExpectedService(t *testing.T) {
	t.Parallel()
	again := passed("a")
	again.Worker, again.Attempt, again.Micros = "another worker", 2, 99
	other := passed("a")
	other.Digest = "d-other"

	tests := []struct {
		name      string
		add       verdict.Verdict
		fresh     bool
		conflicts []string
	}{
		{"first of a service", passed("b"), true, nil},
		{"the same again", passed("a"), false, nil},
		{"the same by another worker", again, false, nil},
		{"of a service that is not expected", passed("z"), false, nil},
		{"of another kind", withFinding("a", verdict.Error), false,
			[]string{"a: the first verdict is ok, another is invalid"}},
		{"with another warning", withFinding("a", verdict.Warning), false,
			[]string{"a: two verdicts are ok and differ in what they say"}},
		{"about other bytes", other, false,
			[]string{`a: the first verdict is about "d-a", another about "d-other"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := New(Options{})
			f.Expect("a", "b")
			f.Add(passed("a"))
			if fresh := f.Add(tt.add); fresh != tt.fresh {
				t.Errorf("Add returns %v, want %v", fresh, tt.fresh)
			}
			f.Add(tt.add)
			s := f.Summary(nil)
			if diff := cmp.Diff(tt.conflicts, s.Conflicts); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			if got := s.OKs[0]; got.Name != "a" || got.Digest != "d-a" || len(got.Findings) > 0 {
				t.Errorf("a is %+v: the first verdict does not stand", got)
			}
		})
	}
}

func TestExpectMayComeAfterTheVerdict(t *testing.T) {
	t.Parallel()
	f := New(Options{})
	f.Add(passed("a"))
	if got := f.Counts(); got != (Counts{}) {
		t.Errorf("counts before Expect are %+v, want none", got)
	}
	f.Expect("b", "a")
	if got, want := f.Counts(), (Counts{OK: 1, Expected: 2}); got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
	if got := f.Undecided(); !slices.Equal(got, []id.Unit{"b"}) {
		t.Errorf("undecided are %q, want b", got)
	}
	if s := f.Summary(nil); s.Unexpected != 0 || s.Missing != 1 || s.Errs[0].Cause == "" {
		t.Errorf("summary is %+v, want b missing with a cause", s)
	}
}

func TestAVerdictIsNotTrustedToBeOK(t *testing.T) {
	t.Parallel()
	lying := withFinding("a", verdict.Error)
	lying.Kind = verdict.OK
	strange := passed("b")
	strange.Kind = "fine"
	silent := passed("c")
	silent.Kind = verdict.Failed
	hushed := broke("d", "vault is away")
	hushed.Kind, hushed.Cause = verdict.OK, ""
	s := folded(nil, lying, strange, silent, hushed).Summary(nil)
	var got []string
	for _, e := range s.Errs {
		got = append(got, string(e.Name)+" "+string(e.Kind)+" "+e.Cause)
	}
	want := []string{"a invalid ", `b failed its verdict is of the unknown kind "fine"`, "c failed its verdict gives no cause", "d failed its verdict gives no cause"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("errs (-want +got):\n%s", diff)
	}
}

func TestFindingsComeInOrderAndOnce(t *testing.T) {
	t.Parallel()
	at := func(line int) verdict.Finding {
		return verdict.Finding{Rule: "M1", Severity: verdict.Warning, Place: verdict.Place{File: "f", Line: line}}
	}
	v := passed("a")
	v.Parts[0].Findings = []verdict.Finding{at(2), at(1), at(2)}
	s := folded(nil, v).Summary(nil)
	if diff := cmp.Diff([]verdict.Finding{at(1), at(2)}, s.OKs[0].Findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if v.Parts[0].Findings[0].Line != 2 {
		t.Error("Add has changed the verdict it was given")
	}
}
