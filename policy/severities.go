package policy

import (
	"slices"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// Levels are what severities may be, strongest first.
func Levels() []string { return []string{"error", "warning", "info", levelOff} }

// levelOff hides findings.
const levelOff = "off"

// rankOf is 0 for errors, and more for what is weaker.
func rankOf(level string) int { return slices.Index(Levels(), level) }

// override is an Override that can be asked.
type override struct {
	Override
	words  []word
	paths  []fleet.Pattern
	denied map[string]*denial // by the codes of rules whose findings it may not make weaker
}

func newOverrides(all []Override) []override {
	compiled := make([]override, len(all))
	for i, o := range all {
		compiled[i] = override{o, wordsOf(o.Rules), patternsOf(o.Paths), map[string]*denial{}}
	}
	return compiled
}

// covers says whether it is about a finding whose rule has some names.
func (o *override) covers(f verdict.Finding, names []string) bool {
	return rankOf(o.Level) >= 0 && isNamed(o.words, names) && (len(o.Paths) == 0 || covers(o.paths, f.File))
}

// isNamed says whether any of words stands for what has some names; none of them stand for
// all.
func isNamed(words []word, names []string) bool {
	return len(words) == 0 || slices.ContainsFunc(words, func(w word) bool { return w.names(names) })
}

// patternsOf are globs that can be asked. What is no glob covers nothing.
func patternsOf(globs []string) (all []fleet.Pattern) {
	for _, text := range globs {
		if p, err := fleet.ParsePattern(text); err == nil {
			all = append(all, p)
		}
	}
	return all
}

func covers(patterns []fleet.Pattern, path string) bool {
	return slices.ContainsFunc(patterns, func(p fleet.Pattern) bool { return p.Covers(path) })
}

// level gives a finding the severity that the policy wants, and says by what it is off, nil if
// it is not.
func (a *application) level(f *verdict.Finding) (off *Override) {
	if len(a.overrides) == 0 {
		return nil
	}
	names := a.vocabulary.of(f.Rule, f.Name)
	for i := len(a.overrides) - 1; i >= 0; i-- {
		o := &a.overrides[i]
		if !o.covers(*f, names) {
			continue
		}
		if no := a.limits.weakening(*f, a.vocabulary.called(f.Rule), o.Level); no != nil {
			o.denied[f.Rule] = no
			continue
		}
		if o.Level == levelOff {
			return &o.Override
		}
		f.Severity, f.Advice = verdict.Warning, o.Level == "info"
		if o.Level == string(verdict.Error) {
			f.Severity = verdict.Error
		}
		return nil
	}
	return nil
}

// leveled are findings with the severities that the policy wants, in order, and those that are
// off. The slice that is given becomes that of the findings.
func (a *application) leveled(findings []verdict.Finding) (kept []verdict.Finding, off []verdict.Hidden) {
	kept = findings[:0]
	for _, f := range findings {
		if by := a.level(&f); by != nil {
			off = append(off, verdict.Hidden{Finding: f, Why: verdict.Off, By: by.At})
			continue
		}
		kept = append(kept, f)
	}
	slices.SortStableFunc(kept, verdict.Finding.Compare)
	return kept, off
}
