package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// policy is how the file says that what is found is judged.
func (r *reader) policy(d *Declaration) (p policy.Policy) {
	r.knowRules(d)
	seen := map[string]*yamldoc.Value{}
	for _, v := range r.root.Get("severities").Items() {
		r.once(seen, v)
		p.Severities = append(p.Severities, policy.Override{
			Rules: r.ruleWords(v.Get("rules")), Paths: r.policyGlobs(v.Get("paths")), Level: v.Get("severity").Text(), At: v.Place(),
		})
	}
	for _, v := range r.root.Get("ignore").Items() {
		r.once(seen, v)
		if reason := v.Get("reason"); reason != nil {
			r.notEmpty(reason)
		}
		p.Ignores = append(p.Ignores, policy.Ignore{
			Rules: r.ruleWords(v.Get("rules")), Units: r.policyGlobs(v.Get("units")), Paths: r.policyGlobs(v.Get("paths")),
			Reason: v.Get("reason").Text(), Until: r.day(v.Get("until")), At: v.Place(),
		})
	}
	p.Limits = r.limits()
	return p
}

// knowRules adds the checks of the file to the rules that are known.
func (r *reader) knowRules(d *Declaration) {
	for i, s := range d.Sections {
		if !slices.Contains(d.Checks[i], declaredCheck) {
			continue
		}
		for _, rule := range s.Rules() {
			r.rules[rule.Code] = rule
		}
		for _, command := range s.Commands() {
			for _, c := range s.Runs(command) {
				r.rules[c.ID] = c.AsRule()
			}
		}
	}
}

// ruleWords are the words of a key that names rules; that one stands for none is reported.
func (r *reader) ruleWords(v *yamldoc.Value) []string {
	all := r.strings(v)
	for _, word := range all {
		if len(policy.Named(r.rules, word.Text())) == 0 {
			r.offer(ruleNoRule, word, fmt.Sprintf("%s is %q, and there is no such rule", word.Path(), word.Text()), r.meantRule(word.Text(), word.Retold))
		}
	}
	return textsOf(all)
}

func (r *reader) meantRule(text string, fix func(string) *verdict.Fix) yamldoc.Proposal {
	if meant, _ := policy.Nearest(text, r.rules); meant != "" {
		return yamldoc.Asked(meant, fix(meant))
	}
	return yamldoc.Advice("`enqueue rules --repo .` lists all")
}

// policyGlobs are the globs of a key. One that ends in / is of what is below.
func (r *reader) policyGlobs(v *yamldoc.Value) []string { return textsOf(r.valid(r.strings(v))) }

// day is the text of a key that has a day; that it is none is reported.
func (r *reader) day(v *yamldoc.Value) string {
	if v == nil || !r.notEmpty(v) {
		return ""
	}
	if !policy.IsDay(v.Text()) {
		r.report(ruleDay, v, fmt.Sprintf("%s is %q; expected a day", v.Path(), v.Text()), "write it as 2026-12-31")
	}
	return v.Text()
}

// once reports an entry that is about the same as one before it.
func (r *reader) once(seen map[string]*yamldoc.Value, v *yamldoc.Value) {
	if !v.Good() {
		return
	}
	list, _, _ := strings.Cut(v.Path(), "[")
	key := list
	for _, name := range []string{"rules", "units", "paths"} {
		if slices.Contains(v.Given(), name) {
			key += fmt.Sprintf(" %s %q", name, slices.Sorted(slices.Values(v.Get(name).Texts())))
		}
	}
	first := seen[key]
	if first == nil {
		seen[key] = v
		return
	}
	f := ruleTwice.At(v.Place(), v.Path()+" is about the same rules and places as "+first.Path(), "make one of both")
	f.Related = []verdict.Related{{Place: first.Place(), Text: "the other entry"}}
	r.add(f)
}

// limits are how far findings may be hidden, by the codes of rules.
func (r *reader) limits() map[string]policy.Limit {
	all, by := map[string]policy.Limit{}, map[string]*yamldoc.Value{}
	for _, v := range r.root.Get("rules").Entries() {
		codes := policy.Named(r.rules, v.Key())
		if len(codes) == 0 {
			p := r.meantRule(v.Key(), v.Renamed)
			r.add(p.Of(ruleNoRule.At(v.KeyPlace(), fmt.Sprintf("%s is given, and there is no rule %q", v.Path(), v.Key()), "")))
		}
		limit := policy.Limit{Never: v.Get("suppressible").Good() && !v.Flag("suppressible"), MostDays: r.span(v.Get("max-until"))}
		for _, code := range codes {
			if first := by[code]; first != nil {
				f := ruleTwice.At(v.KeyPlace(), fmt.Sprintf("%s is about %s, and so is %s", v.Path(), code, first.Path()), "give each rule once")
				f.Related = []verdict.Related{{Place: first.KeyPlace(), Text: "the other entry"}}
				r.add(f)
				break
			}
			by[code] = v
			all[code] = limit
		}
	}
	maps.DeleteFunc(all, func(_ string, l policy.Limit) bool { return l == policy.Limit{} })
	if len(all) == 0 {
		return nil
	}
	return all
}

// mostDays is the longest span that is told from for ever.
const mostDays = 9999

// span is the number of days of a key, 0 where there is none; that it is no span is reported.
func (r *reader) span(v *yamldoc.Value) int {
	if v == nil || !r.notEmpty(v) {
		return 0
	}
	digits, ok := strings.CutSuffix(v.Text(), "d")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > mostDays || digits != strconv.Itoa(n) {
		r.report(ruleSpan, v, fmt.Sprintf("%s is %q; expected a number of days from 1 to %d", v.Path(), v.Text(), mostDays), "write it as 90d")
		return 0
	}
	return n
}
