package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
)

// Loosened says in a line each what is verified before a change, and after it no more or
// otherwise. What is added is not told.
func Loosened(before, after Config) (told []string) {
	was, is := before.Declaration, after.Declaration
	if names := withoutMore(before.checkNames(), after.checkNames()); len(names) > 0 && (was == nil || is == nil) {
		return []string{"takes the checks " + strings.Join(names, ", ") + " away: the repository is verified by " + after.Layout.Marker}
	}
	if was == nil || is == nil {
		return nil
	}
	for i, s := range was.Sections {
		j := slices.IndexFunc(is.Sections, func(o declared.Section) bool { return o.Kind == s.Kind })
		if j < 0 {
			told = append(told, fmt.Sprintf("takes the units %q away, and their checks", s.Kind))
			continue
		}
		told = append(told, loosenedUnits(s, is.Sections[j])...)
		if names := withoutMore(was.Checks[i], is.Checks[j]); slices.Contains(names, manifestCheck) {
			told = append(told, fmt.Sprintf("removes shipcat's checks of the units %q", s.Kind))
		}
		told = append(told, loosenedChecks(s, is.Sections[j])...)
	}
	return append(once(told), formerIDs(before, after)...)
}

// Borrowed are the former ids that a change gives to checks and that were not theirs, by the ids of
// the checks: what hides findings under them would hide those of another check. A check that has another
// id now has what it was called before; of two that became one neither name is its own, and a check that
// was there before keeps the names that it had.
func Borrowed(before, after Config) map[string][]string {
	if after.Declaration == nil {
		return nil
	}
	owner, isID := map[string]string{}, map[string]bool{} // by each id and former one the check that had it
	if before.Declaration != nil {
		for _, s := range before.Declaration.Sections {
			for _, c := range s.Checks {
				isID[c.ID] = true
				for _, id := range append([]string{c.ID}, c.Formerly...) {
					owner[id] = c.ID
				}
			}
		}
	}
	borrowed := map[string][]string{}
	for _, s := range after.Declaration.Sections {
		for _, c := range s.Checks {
			self := c.ID // the check that it was
			if !isID[self] {
				self = onlyOne(c.Formerly, isID)
			}
			for _, id := range c.Formerly {
				if self == "" || owner[id] != self {
					borrowed[c.ID] = append(borrowed[c.ID], id)
				}
			}
		}
	}
	return borrowed
}

// onlyOne is the one of some ids that is known, "" where none or several are.
func onlyOne(ids []string, known map[string]bool) (one string) {
	for _, id := range ids {
		switch {
		case !known[id]:
		case one != "":
			return ""
		default:
			one = id
		}
	}
	return one
}

// formerIDs says which checks are given a former id that was not theirs.
func formerIDs(before, after Config) (told []string) {
	borrowed := Borrowed(before, after)
	for _, code := range slices.Sorted(maps.Keys(borrowed)) {
		for _, id := range borrowed[code] {
			told = append(told, fmt.Sprintf("gives the check %s the former id %s", code, id))
		}
	}
	return told
}

// once are lines without those that stand before them.
func once(lines []string) (all []string) {
	for _, line := range lines { // what is said of the whole file is so for each kind
		if !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	return all
}

// checkNames are the kinds of check that a configuration's units get, sorted.
func (c Config) checkNames() (all []string) {
	for _, k := range c.Layout.Kinds {
		names := k.Checks
		if names == nil {
			names = c.Checks.Names()
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// withoutMore are those texts that are not among others.
func withoutMore(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(others, s) })
}

// loosenedUnits says which units are verified no more, or read otherwise.
func loosenedUnits(was, is declared.Section) (told []string) {
	say := func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
	if gone := withoutMore(was.At, is.At); len(gone) > 0 {
		say("takes %s out of the units %q", strings.Join(gone, ", "), was.Kind)
	}
	if more := withoutMore(is.Except, was.Except); len(more) > 0 {
		say("excepts %s from the units %q", strings.Join(more, ", "), was.Kind)
	}
	if gone := withoutMore(was.Regions, is.Regions); len(gone) > 0 {
		say("takes the regions %s away", strings.Join(gone, ", "))
	}
	if was.Deployed != is.Deployed {
		say("changes where the units %q are deployed (%s)", was.Kind, "deployed: "+is.Deployed)
	}
	if was.YAML != is.YAML {
		say("reads the units %q as YAML %s, not %s", was.Kind, is.YAML, was.YAML)
	}
	return told
}

// loosenedChecks says which checks are gone, weaker or other ones.
func loosenedChecks(was, is declared.Section) (told []string) {
	for _, c := range was.Checks {
		j := slices.IndexFunc(is.Checks, func(o declared.Check) bool { return o.ID == c.ID || slices.Contains(o.Formerly, c.ID) })
		if j < 0 {
			told = append(told, "removes the check "+c.ID)
			continue
		}
		o := is.Checks[j]
		if c.Severity != o.Severity && o.Severity == "warning" {
			told = append(told, fmt.Sprintf("lowers the check %s to %s", c.ID, o.Severity))
		}
		if keys := otherKeys(c, o); len(keys) > 0 {
			told = append(told, fmt.Sprintf("changes the check %s (%s)", c.ID, strings.Join(keys, ", ")))
		}
	}
	return told
}

// forPeople are the keys of a check that change nothing of what it finds, or are told otherwise.
var forPeople = []string{"ID", "Formerly", "Help", "Docs", "Message", "Severity"}

// otherKeys are the keys in which two checks differ, as muster.yaml writes them.
func otherKeys(a, b declared.Check) (keys []string) {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		f := va.Type().Field(i)
		if !slices.Contains(forPeople, f.Name) && !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if key == "command" { // which is what the verb names
				key = declared.Run
			}
			keys = append(keys, key)
		}
	}
	return keys
}
