package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// notes tells what the counts do not: what they leave open, and how far they
// can be believed.
func (t *text) notes(r Report, o Options) {
	for _, n := range slices.Concat(t.goneNotes(), fixedNotes(r.Summary.Fixed, o.Verbose), sinceFixedNotes(r.Summary.Since, o.Verbose), proposedNotes(r.Summary.Proposed), cachedNotes(r), notes(r)) {
		t.begin(note)
		t.line("%s", n)
	}
}

// cachedNotes say how many verdicts were made before the run.
func cachedNotes(r Report) []string {
	c := r.Cached
	var all []string
	if c.Units > 0 {
		all = append(all, fmt.Sprintf("%s of %s from the cache, decided between %s and %s", grouped(c.Units), r.Run.Noun.Number(r.Summary.Expected),
			c.Oldest.UTC().Format(time.RFC3339), c.Newest.UTC().Format(time.RFC3339)))
	}
	if c.Reverified != nil {
		all = append(all, c.Reverified.notes(r.Run.Noun)...)
	}
	return all
}

// differencesShown is how many differences people are told of, who need one to begin with.
const differencesShown = 5

// notes say how the cache stood its test. Who has to act upon a difference is its operator, not the
// author of a change.
func (v *Reverified) notes(n Noun) []string {
	first := "decided " + n.Number(v.Sampled) + " again to test the cache: "
	switch {
	case v.Differed > 0:
		first += fmt.Sprintf("%s differed, and nothing that it has of these checks was believed from then on", grouped(v.Differed))
	case v.NotCompared < v.Sampled:
		first += "no difference"
	default:
		first += "nothing was compared"
	}
	if v.NotCompared > 0 {
		first += fmt.Sprintf("; %s could not be compared", grouped(v.NotCompared))
	}
	all := []string{first}
	for i, d := range v.Differences {
		if i == differencesShown {
			all = append(all, fmt.Sprintf("and %s more: see the JSON report", grouped(len(v.Differences)-i)))
			break
		}
		all = append(all, fmt.Sprintf("the cache was wrong about %s, check %s: %s; kept by %s at %s in domain %s. Its operator should see why, and forget it with `enqueue cache disown %s`",
			printable(d.Service), printable(d.Check), printable(d.What), printable(d.By), d.Made.UTC().Format(time.RFC3339), printable(d.Domain), printable(d.Domain)))
	}
	return all
}

func notes(r Report) []string {
	s := r.Summary
	notes := slices.Concat(sinceNotes(s.Since), r.Run.Checkout.notes(), r.Changed.notes(r.Run.Noun))
	if names := standings(s.Skipped); names != "" {
		notes = append(notes, "("+names+")")
	}
	if names := notDeployed(s); names != "" {
		notes = append(notes, "not deployed there, and so looked at in structure only: "+names)
	}
	if s.FleetRules == aggregator.Partial && s.Expected > 0 {
		notes = append(notes, partial(s, r.Run.Noun))
	}
	if len(s.Unjudged) > 0 {
		notes = append(notes, unjudged(s, r.Run.Noun))
	}
	notes = append(notes, selectNothing(s.Idle, r.Run.Noun)...)
	notes = append(notes, doubts(s, r.Run)...)
	notes = append(notes, r.Run.origins()...)
	if early := endedEarly(r.Run); early != "" {
		notes = append(notes, early)
	}
	return append(notes, open(r)...)
}

// endedEarly says why a run ended before everything was decided, "" if it did not.
func endedEarly(r Run) string {
	switch {
	case r.Superseded:
		return "SUPERSEDED: the run ended early: " + printable(r.Stopped) + ", whose report counts"
	case r.Stopped != "":
		return "the run ended early: " + printable(r.Stopped)
	}
	return ""
}

func hasAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}

// doubts say by which rules the verdicts were made where that is not by those of the reporting
// process alone, and which verdicts differ.
func doubts(s policy.Summary, r Run) (notes []string) {
	for _, c := range s.Conflicts {
		notes = append(notes, "conflicting verdicts: "+printable(c))
	}
	if len(s.Conflicts) > 0 {
		notes = append(notes, "    help: the first verdict counts; two decisions about the same bytes are a fault of a check, please report it")
	}
	engines := printable(strings.Join(s.Engines, ", "))
	if len(s.Mixed) > 0 {
		notes = append(notes, "mixed engines: the workers checked with different rules ("+engines+"; checks: "+printable(strings.Join(s.Mixed, ", "))+"): bring them to one version and run again")
	}
	if own := strings.Split(r.Engine, ","); r.Engine != "" && !hasAll(own, s.Engines) && !hasAll(s.Engines, own) {
		notes = append(notes, "the workers checked with other rules than this program's (engine "+engines+"; this program has "+printable(r.Engine)+"): bring them to one version")
	}
	if s.Unexpected > 0 {
		notes = append(notes, "not counted: "+many(s.Unexpected, "verdict")+" about "+r.Noun.Plural()+" outside this run")
	}
	return notes
}

// origins say which verdicts no worker of this run has made.
func (r Run) origins() (notes []string) {
	if r.DecidedHere > 0 {
		notes = append(notes, "decided by this process, not by a worker: "+r.Noun.Number(r.DecidedHere))
	}
	if r.Stood > 0 {
		notes = append(notes, fmt.Sprintf("standing from the run of %s, about the same bytes by the same rules: %s",
			r.StoodFrom.UTC().Format(time.RFC3339), r.Noun.Number(r.Stood)))
	}
	return notes
}

// mostNamed is how many services a note names.
const mostNamed = 3

// notDeployed names the services that were selected one by one and are not deployed in the
// selected regions: whoever named them may take "ok" for more than it is.
func notDeployed(s policy.Summary) string {
	if s.FleetRules != aggregator.Partial || s.Skipped[verdict.NotDeployed] > mostNamed {
		return ""
	}
	var names []string
	for _, unit := range s.OKs {
		if unit.Skipped == verdict.NotDeployed {
			names = append(names, printable(string(unit.Name)))
		}
	}
	return strings.Join(names, ", ")
}

// notes say what was verified, and what was not although it lies there.
func (c *Checkout) notes() []string {
	if c == nil {
		return nil
	}
	where := "checkout: " + printable(c.Folder)
	switch {
	case c.Ref != "":
		where = "commit: " + short(c.Commit) + " (--ref " + printable(c.Ref) + ") of " + printable(c.Folder)
	case c.Commit != "":
		where += " at " + short(c.Commit)
	}
	if c.Branch != "" {
		where += " (" + printable(c.Branch) + ")"
	}
	notes := []string{where}
	if c.MovedTo != "" {
		notes = append(notes, "the checkout moved from "+short(c.Commit)+" to "+short(c.MovedTo)+" during the run: the report may mix both")
	}
	if c.Files > 0 {
		notes = append(notes, "not verified: "+many(c.Files, "file")+" under "+printable(c.Units)+"/")
	}
	if len(c.Unseen) > 0 {
		notes = append(notes, "not verified: what lies in submodules, of which a commit has no files: "+printable(strings.Join(c.Unseen, ", "))+" (without --ref, what is checked out of them is)")
	}
	if c.Pointers > 0 {
		notes = append(notes, "verified as they are in the commit: "+many(c.Pointers, "pointer")+" of Git LFS, and not the "+oneOrMore(c.Pointers, "file that it stands", "files that they stand")+" for (without --ref, what is checked out is)")
	}
	return notes
}

// short is enough of a commit for people.
func short(commit string) string { return printable(commit[:min(len(commit), 12)]) }

// partial says how little fleet rules had to compare.
func partial(s policy.Summary, noun Noun) string {
	return "fleet rules saw " + ofFleet(s.Decided(), s, noun) + ": only these were compared"
}

// ofFleet is so many units of those in the fleet, where that is known.
func ofFleet(n int, s policy.Summary, noun Noun) string {
	if s.Fleet > 0 {
		return grouped(n) + " of " + noun.Number(s.Fleet)
	}
	return noun.Number(n)
}

// unjudged names the fleet rules that left something open, and says why.
func unjudged(s policy.Summary, noun Noun) string {
	var rules []string
	for _, u := range s.Unjudged {
		rules = append(rules, printable(u.Rule)+" ("+many(u.Needs, "key")+")")
	}
	head, need := "not judged: fleet rule ", "it needs"
	if len(rules) > 1 {
		head, need = "not judged: fleet rules ", "they need"
	}
	head += strings.Join(rules, ", ") + ": "
	switch undecided := s.Failed + s.Missing; {
	case s.FleetRules == aggregator.Partial:
		return head + need + " the whole fleet, and " + ofFleet(s.Expected, s, noun) + oneOrMore(s.Expected, " was", " were") + " selected"
	case s.Unlisted:
		return head + need + " the whole fleet, and the listing was not seen to its end"
	case undecided == 0:
		return head + "not all " + noun.Plural() + " can be read, and one of those that cannot may give what is asked for"
	default:
		return head + grouped(undecided) + " of " + noun.Number(s.Expected) + oneOrMore(undecided, " is", " are") + " not decided, and may give what is asked for"
	}
}

// mostIdle is how many rules that select nothing a note names.
const mostIdle = 10

// selectNothing names rules that have asked nothing.
func selectNothing(idle []verdict.Selection, noun Noun) []string {
	var rules []string
	for _, s := range idle[:min(len(idle), mostIdle)] {
		rules = append(rules, printable(s.Rule)+" ("+printable(s.Selects)+")")
	}
	switch more := len(idle) - len(rules); {
	case len(idle) == 0:
		return nil
	case more > 0:
		rules = append(rules, "and "+grouped(more)+" more")
	}
	return []string{"selects nothing in any " + noun.Singular() + ": " + strings.Join(rules, ", "),
		"    help: see that it is written right; a check with `optional: true` may select nothing"}
}

func oneOrMore(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// open says what a run left undecided, and what to do next.
func open(r Report) []string {
	s := r.Summary
	if verdict.HasError(s.Config) || r.Run.Superseded && s.Expected == 0 {
		return nil
	}
	if s.Unlisted {
		return []string{
			fmt.Sprintf("INCOMPLETE: %s of at least %s decided: the listing was not seen to its end", grouped(s.Decided()), r.Run.Noun.Number(s.Expected)),
			"    help: " + nextStep(r.Run),
		}
	}
	if s.Expected == 0 && r.Changed != nil {
		return nil // of which the notes say how much of the fleet that is
	}
	if s.Expected == 0 {
		return []string{"no " + r.Run.Noun.Singular() + " was selected: nothing was checked"}
	}
	undecided := s.Failed + s.Missing
	if undecided == 0 {
		return nil
	}
	word := "UNDECIDED"
	if s.Missing > 0 {
		word = "INCOMPLETE"
	}
	return []string{
		fmt.Sprintf("%s: %s of %s not decided (%s failed, %s missing); fleet rules %s",
			word, grouped(undecided), r.Run.Noun.Number(s.Expected), grouped(s.Failed), grouped(s.Missing), seen(s)),
		"    help: " + nextStep(r.Run),
	}
}

// seen says what fleet rules saw of the services that are not decided.
func seen(s policy.Summary) string {
	if slices.ContainsFunc(s.Errs, func(u aggregator.Unit) bool {
		return u.Kind == verdict.Failed && (len(u.Regions) > 0 || len(u.Findings) > 0)
	}) {
		return "saw of them what other checks had decided"
	}
	return "did not see them"
}

func nextStep(r Run) string {
	switch {
	case r.Superseded:
		return "nothing is to be done: a newer run has replaced this one"
	case r.Stopped != "":
		return "see above why the run ended early, then run again"
	case r.Mode == "queue":
		return "see the causes above and that workers are running, then run again; --on-undecided local decides the rest without workers"
	}
	return "see the causes above, then run again"
}
