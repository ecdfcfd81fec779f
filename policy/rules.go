package policy

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// The rules about policies. Their codes are grouped, and never reused:
//
//	P1xx  what hides findings: marks in files, and ignore and severities in muster.yaml
//	P2xx  baselines
//	P3xx  owners

// registry holds every rule that define was given, in the order of their codes.
var registry []verdict.Rule

// define enters a rule into the registry. It is called while the package is initialized and at
// no other time.
func define(r verdict.Rule) verdict.Rule {
	i, taken := slices.BinarySearchFunc(registry, r, func(a, b verdict.Rule) int { return strings.Compare(a.Code, b.Code) })
	if taken {
		panic("policy: rule " + r.Code + " is defined twice")
	}
	registry = slices.Insert(registry, i, r)
	return r
}

// Rules are all the rules about policies, sorted by code.
func Rules() []verdict.Rule { return slices.Clone(registry) }

// goodMark and goodEntry hide what they are about.
const (
	goodMark  = "replicaCount: 1 # muster:ignore M606 one is enough for the intranet until=2026-12-31"
	goodEntry = "ignore:\n  - {rules: M606, units: intranet, reason: one is enough, until: 2026-12-31}"
)

var (
	ruleUnused = define(verdict.Rule{Code: "P101", Name: "unused-suppression", Severity: verdict.Warning,
		Summary: "what hides findings hides some",
		Doc: "The mistake is mended, or it is another rule's. It is told of a mark in a unit that was decided in whole, in all regions; of marks on rules " +
			"across units, in files that units share, and of entries of muster.yaml it is told where the whole fleet was decided.",
		Good: goodMark, Bad: "replicaCount: 3 # muster:ignore M606 one is enough for the intranet"})
	ruleExpired = define(verdict.Rule{Code: "P102", Name: "expired-suppression", Severity: verdict.Warning,
		Summary: "what hides findings until a day has not passed it",
		Doc:     "The day is the last one on which it holds, in UTC: that on which the run began. What it hid is told again.",
		Good:    goodMark, Bad: "replicaCount: 1 # muster:ignore M606 one is enough for the intranet until=2020-12-31"})
	ruleNoReason = define(verdict.Rule{Code: "P103", Name: "suppression-without-reason", Severity: verdict.Error,
		Summary: "what hides findings says why",
		Doc:     "Whoever finds it in a year has to know whether it still holds. Without a reason nothing is hidden.",
		Good:    goodMark, Bad: "replicaCount: 1 # muster:ignore M606"})
	ruleNoRule = define(verdict.Rule{Code: "P104", Name: "unknown-suppressed-rule", Severity: verdict.Warning,
		Summary: "what hides findings names rules that there are",
		Doc:     "Rules are named by their codes, their names or globs of these, and checks of muster.yaml by their ids. In muster.yaml itself an unknown rule is a mistake of the file (C222).",
		Good:    goodMark, Bad: "replicaCount: 1 # muster:ignore M6O6 one is enough for the intranet"})
	ruleNever = define(verdict.Rule{Code: "P105", Name: "unsuppressible-rule", Severity: verdict.Error,
		Summary: "rules that may not be suppressed are not",
		Doc:     "`suppressible: false` of muster.yaml says so of a rule. No mark, no entry and no baseline hides its findings, and no entry of severities makes them weaker.",
		Good:    "rules:\n  M606: {suppressible: false}",
		Bad:     "rules:\n  M606: {suppressible: false}\nignore:\n  - {rules: M606, reason: one is enough}"})
	ruleTooLong = define(verdict.Rule{Code: "P106", Name: "suppression-too-long", Severity: verdict.Error,
		Summary: "rules that may be suppressed for some days are not for longer",
		Doc: "`max-until: 90d` of muster.yaml says so of a rule. A mark or an entry without a last day, or with one that is further away, hides none of its findings, " +
			"and they cannot be off. A baseline may have them, and they may be made weaker.",
		Good: "rules:\n  M606: {max-until: 90d}\n" + goodEntry,
		Bad:  "rules:\n  M606: {max-until: 90d}\nignore:\n  - {rules: M606, reason: one is enough}"})
	ruleNoDay = define(verdict.Rule{Code: "P107", Name: "bad-suppression-day", Severity: verdict.Error,
		Summary: "the last day on which findings are hidden is one",
		Doc:     "A day is written as 2026-12-31, once. With another text, with none behind until=, or with two days nothing is hidden. In muster.yaml itself it is a mistake of the file (C224).",
		Good:    goodMark, Bad: "replicaCount: 1 # muster:ignore M606 one is enough for the intranet until=31.12.2026"})
)
