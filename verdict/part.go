package verdict

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
)

// Subject is what a verdict is about.
type Subject struct {
	Unit id.Unit
	// Path is the unit's folder or file in the repository, "" when it is not known. It
	// follows from the unit, so that two verdicts that differ in it alone are the same.
	Path   string
	Digest id.Digest // of the unit's bundle; "" when it could not be packed
	Shared id.Digest // of the shared bundle
}

// Part is what one check says about a unit.
type Part struct {
	Check  string // the check's name
	Engine string // digest of the check's code and rules
	// Failure is why the check could not decide, "" if it did. With a failure Decision is
	// empty, or what the check had found until then.
	Failure string
	Decision
}

// Verdict is what all checks of a unit say, with its origin. Subject, Kind, Cause and Parts are
// deterministic, as far as no part is Impure. Worker, Attempt and Micros are not, and stay
// out of everything that must be.
type Verdict struct {
	// V is the version of the wire form in which the verdict came, and in which it is sent
	// on; 0 for one that was made here, and travels in the newest.
	V int
	Subject
	Kind    Kind   // ok, invalid or failed
	Cause   string // why it failed, as Subject.Of says it
	Worker  string // name of the worker that decided
	Attempt int    // which attempt, from 1
	Micros  int64  // how long the checks took, µs
	Parts   []Part // by check, each of another one
}

// Of makes the verdict of what the checks say, and sorts the lists of their decisions. It is
// failed if any check failed, else invalid if any found an error. A check that could not
// decide hides nothing of what the others have found. The cause is the failure of the one
// check, or "CHECK: FAILURE" of each of several. Where no check says anything it is failed.
func (s Subject) Of(parts ...Part) Verdict {
	if len(parts) == 0 {
		parts = []Part{{Failure: "no check has decided"}}
	}
	v := Verdict{Subject: s, Kind: OK, Parts: parts}
	slices.SortStableFunc(parts, func(a, b Part) int { return strings.Compare(a.Check, b.Check) })
	for i := range parts {
		p := &parts[i]
		slices.Sort(p.Regions)
		p.bound()
		p.Findings, p.Claims, p.Marks = SortFindings(p.Findings), SortClaims(p.Claims), SortMarks(p.Marks)
		switch {
		case p.Failure != "":
			v.Kind = Failed
		case v.Kind == OK && HasError(p.Findings):
			v.Kind = Invalid
		}
	}
	v.Cause = causeOf(parts)
	return v
}

// Undecided makes the verdict in which none of the checks could decide, for one cause. Their
// names are not known where there are none.
func (s Subject) Undecided(cause string, checks ...string) Verdict {
	parts := make([]Part, max(len(checks), 1))
	for i := range parts {
		parts[i].Failure = cause
	}
	for i, name := range checks {
		parts[i].Check = name
	}
	return s.Of(parts...)
}

// causeOf joins the failures of parts.
func causeOf(parts []Part) string {
	if len(parts) == 1 {
		return parts[0].Failure
	}
	var causes []string
	for i := range parts {
		if p := &parts[i]; p.Failure != "" {
			causes = append(causes, p.Check+": "+p.Failure)
		}
	}
	return strings.Join(causes, "; ")
}

// The views of several parts as one. With one part each is that part's own list, which must
// not be changed.

// Findings are those of all parts, in the order of Finding.Compare.
func (v Verdict) Findings() []Finding {
	if len(v.Parts) == 1 {
		return v.Parts[0].Findings
	}
	var all []Finding
	for i := range v.Parts {
		all = append(all, v.Parts[i].Findings...)
	}
	return SortFindings(all)
}

// Claims are those of all parts, in the order of Claim.Compare. A part that failed has
// those that it knew of: each of them holds, and others may be missing.
func (v Verdict) Claims() []Claim {
	if len(v.Parts) == 1 {
		return v.Parts[0].Claims
	}
	var all []Claim
	for i := range v.Parts {
		all = append(all, v.Parts[i].Claims...)
	}
	return SortClaims(all)
}

// Regions are those in which any part has checked the unit in full, sorted.
func (v Verdict) Regions() []string {
	if len(v.Parts) == 1 {
		return v.Parts[0].Regions
	}
	var all []string
	for i := range v.Parts {
		all = append(all, v.Parts[i].Regions...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Marks are those of all parts, in the order of Mark.Compare.
func (v Verdict) Marks() []Mark {
	if len(v.Parts) == 1 {
		return v.Parts[0].Marks
	}
	var all []Mark
	for i := range v.Parts {
		all = append(all, v.Parts[i].Marks...)
	}
	return SortMarks(all)
}

// Owner is who the unit says that it belongs to, by the first part that knows it.
func (v Verdict) Owner() string {
	for i := range v.Parts {
		if owner := v.Parts[i].Owner; owner != "" {
			return owner
		}
	}
	return ""
}

// Skipped is why no part has checked the unit in full, by the first part that says it.
func (v Verdict) Skipped() Skipped {
	var first Skipped
	for i := range v.Parts {
		if len(v.Parts) > 1 && len(v.Parts[i].Regions) > 0 {
			return ""
		}
		if first == "" {
			first = v.Parts[i].Skipped
		}
	}
	return first
}

// Impure says whether any part may differ from another one about the same bytes.
func (v Verdict) Impure() bool {
	return slices.ContainsFunc(v.Parts, func(p Part) bool { return p.Impure })
}
