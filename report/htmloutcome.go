package report

import (
	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// outcome is how a run ended.
type outcome struct {
	Word     string   // ok, invalid, undecided or nothing
	Headline string   // as in "3 of 203 services are invalid, and 2 are not decided"
	More     []string // how far it reaches
}

func headingOf(r Report) outcome {
	s, noun := r.Summary, r.Run.Noun
	switch {
	case verdict.HasError(s.Config):
		return outcome{"nothing", "Nothing was checked: the shared configuration has " + tally(s.Config), nil}
	case s.Expected == 0 && r.Run.Superseded:
		return outcome{"nothing", "Nothing was checked: a newer run has replaced this one", nil}
	case s.Expected == 0 && !s.Unlisted:
		return outcome{"nothing", "Nothing was checked: no " + noun.Singular() + " was selected", nil}
	}
	return outcome{outcomeWord(s), headline(s, noun), reach(s, noun)}
}

func outcomeWord(s policy.Summary) string {
	switch {
	case s.Unlisted || s.Failed+s.Missing > 0:
		return "undecided"
	case s.Invalid > 0 || verdict.HasError(s.Remarks):
		return "invalid"
	}
	return "ok"
}

func headline(s policy.Summary, noun Noun) string {
	all := noun.Number(s.Expected)
	if s.Unlisted {
		all = "at least " + all
	}
	undecided := s.Failed + s.Missing
	text := "All " + all + " are ok"
	switch {
	case s.Invalid > 0 && undecided > 0:
		text = share(s.Invalid, all) + " invalid, and " + grouped(undecided) + oneOrMore(undecided, " is", " are") + " not decided"
	case s.Invalid > 0:
		text = share(s.Invalid, all) + " invalid"
	case undecided > 0 || s.Unlisted:
		text = share(undecided, all) + " not decided"
	case s.Expected == 1:
		text = "The " + noun.Singular() + " is ok"
	}
	if verdict.HasError(s.Remarks) {
		text += "; the policy has " + tally(s.Remarks)
	}
	return text
}

func share(n int, all string) string {
	return grouped(n) + " of " + all + oneOrMore(n, " is", " are")
}

// reach says what the headline leaves open.
func reach(s policy.Summary, noun Noun) []string {
	whole := "Every " + noun.Singular() + " has a verdict."
	switch {
	case s.Unlisted:
		whole = "The listing was not seen to its end: there may be more " + noun.Plural() + "."
	case !s.Complete:
		whole = "Not every " + noun.Singular() + " has a verdict."
	}
	if s.FleetRules == aggregator.Whole {
		return []string{whole, "Rules across " + noun.Plural() + " compared the whole fleet."}
	}
	return []string{whole, "Rules across " + noun.Plural() + " compared only those that were selected."}
}

// bar is how the expected units are parted, in parts of Total.
type bar struct {
	Shares []kindShare
	Total  int
}

type kindShare struct {
	Kind        verdict.Kind
	Count       int
	From, Width int
}

// leastShare is how wide on the bar a kind is that some units are of: one among ten thousand
// is what the eye should find.
const leastShare = 5

func newBar(s policy.Summary) bar {
	b := bar{Shares: []kindShare{{Kind: verdict.Invalid, Count: s.Invalid}, {Kind: verdict.Failed, Count: s.Failed},
		{Kind: verdict.Missing, Count: s.Missing}, {Kind: verdict.OK, Count: s.OK}}}
	for i := range b.Shares {
		k := &b.Shares[i]
		k.From = b.Total
		if k.Count > 0 {
			k.Width = max(leastShare, k.Count*1000/max(1, s.Expected))
		}
		b.Total += k.Width
	}
	return b
}
