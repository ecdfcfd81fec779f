package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// listed is what a format that is a mere list of findings has of a report: those of the shared
// files, the remarks on the policy, those of the units that stand; one for each unit that is not
// decided, and one for a run that is not complete, for a list without them would look like
// that of a run that is. They are in the order of Entry.Compare.
func (l *lists) listed() []*Entry {
	return l.complete.get(func() []*Entry {
		more := []Entry{}
		for _, u := range l.report.Summary.Errs {
			if unexplained(u) {
				more = append(more, entryOf(u, undecidedFinding(u), nil))
			}
		}
		if why := l.report.unfinished(); why != "" {
			more = append(more, Entry{Finding: runIncomplete.At(verdict.Place{}, why, "")})
		}
		return merged(l.findings(), more)
	})
}

// findings are those of the shared files, the remarks on the policy, and those of the units that
// stand.
func (l *lists) findings() []*Entry {
	return l.found.get(func() []*Entry {
		more := []Entry{}
		for _, f := range slices.Concat(l.report.Summary.Config, l.report.Summary.Remarks) {
			more = append(more, Entry{Finding: f})
		}
		return merged(l.standing(), more)
	})
}

// merged is a sorted list with more entries in it.
func merged(list []*Entry, more []Entry) []*Entry {
	if len(more) == 0 {
		return list
	}
	all := slices.Concat(list, sorted(more))
	slices.SortFunc(all, compareEntries)
	return all
}

// The rules under which lists of findings tell what is no finding.
var (
	unitFailed    = verdict.Rule{Code: "unit-failed", Severity: verdict.Error, Summary: "the unit could not be decided"}
	unitMissing   = verdict.Rule{Code: "unit-missing", Severity: verdict.Error, Summary: "no verdict about the unit arrived before the run ended"}
	runIncomplete = verdict.Rule{Code: "run-incomplete", Severity: verdict.Error, Summary: "the run ended before everything was decided"}
)

// unexplained says whether an err is one for another reason than what was found in it.
func unexplained(u aggregator.Unit) bool {
	return u.Kind != verdict.Invalid || len(u.Findings) == 0
}

// undecidedFinding says of an err that is unexplained why it is one.
func undecidedFinding(u aggregator.Unit) verdict.Finding {
	rule := unitFailed
	if u.Kind == verdict.Missing {
		rule = unitMissing
	}
	return rule.At(verdict.Place{File: u.Path}, string(u.Name)+" is "+string(u.Kind)+": "+reasonOf(u), "")
}

// reasonOf is why a unit is failed or missing, as it is: each check that failed has said why.
func reasonOf(u aggregator.Unit) string {
	if len(u.Failures) < 2 {
		return cmp.Or(u.Cause, "no finding says why")
	}
	var all []string
	for _, f := range u.Failures {
		all = append(all, f.Check+": "+f.Cause)
	}
	return strings.Join(all, "; ")
}

// unfinished says why a run ended before everything was decided; "" if it did not.
func (r Report) unfinished() string {
	s := r.Summary
	switch {
	case r.Run.Superseded:
		return "SUPERSEDED: the run ended early: " + r.Run.Stopped + ", whose report counts"
	case r.Run.Stopped != "":
		return "the run ended early: " + r.Run.Stopped
	case s.Unlisted:
		return fmt.Sprintf("INCOMPLETE: %s of at least %s decided: the listing was not seen to its end", grouped(s.Decided()), r.Run.Noun.Number(s.Expected))
	}
	return ""
}

// sentence is all that there is to say of a finding, in one line: the message, the regions, the
// other places, the help, and whose it is. Nothing in it is unescaped.
func (e *Entry) sentence() string {
	var b strings.Builder
	b.WriteString(printable(e.Message) + regions(e.Regions))
	for _, r := range e.Related {
		fmt.Fprintf(&b, "; %s: %s", printable(r.Text), printable(r.Place.String()))
	}
	if e.Help != "" {
		b.WriteString("; help: " + printable(e.Help))
	}
	if whose := e.whose(); whose != "" {
		b.WriteString(" [" + whose + "]")
	}
	return b.String()
}

// whose is the unit and its owners, "" where there is no unit.
func (e *Entry) whose() string {
	if e.Unit.Name == "" {
		return ""
	}
	whose := printable(string(e.Unit.Name))
	if len(e.Unit.Owners) > 0 {
		whose += ", of " + printable(strings.Join(e.Unit.Owners, ", "))
	}
	return whose
}

// named is the code and the name of a finding's rule.
func (e *Entry) named() string { return strings.TrimSpace(printable(e.Rule) + " " + printable(e.Name)) }

// file is where a finding's file lies; its unit where that is not known, and the repository where
// nothing is.
func (e *Entry) file() string {
	switch {
	case e.File != "":
		return e.File
	case e.Unit.Path != "":
		return e.Unit.Path
	}
	return "."
}

// levelOf is the level of a finding, whatever it says of itself: error, warning or info.
func levelOf(f verdict.Finding) string { return [...]string{"error", "warning", "info"}[rank(f)] }
