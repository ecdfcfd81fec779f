package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Loosened says in a line each what a policy lets pass that one before it does not. What it is
// stricter in is not told.
func Loosened(before, after Policy) (told []string) {
	told = append(told, loosenedSeverities(before.Severities, after.Severities)...)
	told = append(told, moreIgnores(before.Ignores, after.Ignores)...)
	told = append(told, loosenedLimits(before.Limits, after.Limits)...)
	told = append(told, moreEntries(before.Baseline, after.Baseline)...)
	return append(told, loosenedOwners(before.Owners, after.Owners)...)
}

// loosenedSeverities names the entries that make something weaker, and those that do so by being
// gone.
func loosenedSeverities(before, after []Override) (told []string) {
	key := func(o Override) string { return fmt.Sprintf("%q %q %s", o.Rules, o.Paths, o.Level) }
	for _, o := range newer(before, after, key) {
		switch rules := listed(o.Rules, "all rules"); o.Level {
		case Levels()[0]:
		case levelOff:
			told = append(told, "switches "+rules+" off"+in(o.Paths))
		default:
			told = append(told, "gives "+rules+" the severity "+o.Level+in(o.Paths))
		}
	}
	for _, o := range newer(after, before, key) {
		if o.Level != levelOff {
			told = append(told, "takes back the severity "+o.Level+" of "+listed(o.Rules, "all rules")+in(o.Paths))
		}
	}
	if len(told) == 0 && len(before) == len(after) && !slices.EqualFunc(before, after, func(a, b Override) bool { return key(a) == key(b) }) {
		told = append(told, "changes the order of severities, of which the last holds")
	}
	return told
}

// newer are the values of after that are more than those of before.
func newer[T any](before, after []T, key func(T) string) (more []T) {
	left := map[string]int{}
	for _, v := range before {
		left[key(v)]++
	}
	for _, v := range after {
		if k := key(v); left[k] > 0 {
			left[k]--
		} else {
			more = append(more, v)
		}
	}
	return more
}

func moreIgnores(before, after []Ignore) (told []string) {
	for _, i := range newer(before, after, func(i Ignore) string { return fmt.Sprintf("%q %q %q %q", i.Rules, i.Units, i.Paths, i.Until) }) {
		line := "adds an ignore of " + listed(i.Rules, "all rules")
		if len(i.Units) > 0 {
			line += " for " + strings.Join(i.Units, ", ")
		}
		line += in(i.Paths)
		if i.Until != "" {
			line += " until " + i.Until
		}
		told = append(told, line+": "+i.Reason)
	}
	return told
}

func loosenedLimits(before, after map[string]Limit) (told []string) {
	for _, code := range slices.Sorted(maps.Keys(before)) {
		switch was, is := before[code], after[code]; {
		case was.Never && !is.Never:
			told = append(told, "lets "+code+" be suppressed")
		case was.MostDays > 0 && !is.Never && (is.MostDays == 0 || is.MostDays > was.MostDays):
			told = append(told, "lets "+code+" be suppressed for longer than "+fmt.Sprintf("%d days", was.MostDays))
		}
	}
	return told
}

// moreEntries counts what a baseline has got, by rules.
func moreEntries(before, after *Baseline) []string {
	if after == nil {
		return nil
	}
	var old []Entry
	if before != nil {
		old = before.Entries
	}
	more := newer(old, after.Entries, func(e Entry) string { return e.Fingerprint })
	if len(more) == 0 {
		return nil
	}
	counts := map[string]int{}
	for _, e := range more {
		counts[e.Rule]++
	}
	var rules []string
	for _, rule := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) }) {
		rules = append(rules, fmt.Sprintf("%s %d", rule, counts[rule]))
	}
	what := "1 entry"
	if len(more) > 1 {
		what = fmt.Sprintf("%d entries", len(more))
	}
	return []string{"adds " + what + " to the baseline (" + strings.Join(rules, ", ") + ")"}
}

func loosenedOwners(before, after Owners) (told []string) {
	if before.Required && !after.Required {
		told = append(told, "lets units be nobody's")
	}
	before.Required, after.Required = false, false
	if fmt.Sprint(before) != fmt.Sprint(after) {
		told = append(told, "changes whose units are")
	}
	return told
}

// listed are words behind each other, or what none of them stand for.
func listed(words []string, none string) string { return cmp.Or(strings.Join(words, ", "), none) }

func in(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return " in " + strings.Join(paths, ", ")
}
