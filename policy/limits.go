package policy

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// limits are what may not be hidden, or not for long, by the codes of rules.
type limits struct {
	of    map[string]Limit
	today string
}

// newLimits reads them. One that names a rule by a code that it had before is that rule's.
func newLimits(p Policy) limits {
	l := limits{map[string]Limit{}, p.Today}
	for code, r := range p.Rules {
		for _, alias := range r.Aliases {
			if limit, ok := p.Limits[alias]; ok {
				l.of[code] = limit
			}
		}
	}
	for code, limit := range p.Limits {
		l.of[code] = limit
	}
	return l
}

// denial is why findings of a rule are not hidden, by one of the rules of this package.
type denial struct {
	by            verdict.Rule
	message, help string
}

// hiding says why the findings of a rule may not be hidden until a day, "" for ever; nil where
// they may.
func (l limits) hiding(code, called, noun, until string) *denial {
	limit, ok := l.of[code]
	switch {
	case !ok:
		return nil
	case limit.Never:
		return &denial{ruleNever, called + " may not be suppressed, and is not by this " + noun, "mend what is found, and take the " + noun + " out"}
	case limit.MostDays == 0:
		return nil
	}
	last := daysFrom(l.today, limit.MostDays)
	if until != "" && (last == "" || strings.Compare(until, last) <= 0) {
		return nil
	}
	says := "this " + noun + " gives no last day"
	if until != "" {
		says = "this " + noun + " says until " + until
	}
	return &denial{ruleTooLong, fmt.Sprintf("%s may be suppressed for %d days at most, and %s", called, limit.MostDays, says), untilHelp(last)}
}

func untilHelp(last string) string {
	if last == "" {
		return "give it a last day"
	}
	return "give it a last day, " + last + " at most"
}

// weakening says why a finding of a rule may not get a level; nil where it may. What may never
// be hidden may not be made weaker either; what may be for some days cannot be off for ever.
func (l limits) weakening(f verdict.Finding, called, level string) *denial {
	limit, ok := l.of[f.Rule]
	switch {
	case !ok || rankOf(level) <= rankOf(f.Level()):
		return nil
	case limit.Never:
		return &denial{ruleNever, fmt.Sprintf("%s may not be suppressed, and its findings stay %ss", called, f.Level()), "take the rule out of this entry"}
	case limit.MostDays > 0 && level == levelOff:
		return &denial{ruleTooLong, fmt.Sprintf("%s may be suppressed for %d days at most, and off is for ever", called, limit.MostDays), "hide its findings with an entry of ignore that says until when"}
	}
	return nil
}
