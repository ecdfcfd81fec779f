package config

import "github.com/seed306eabeb/muster/verdict"

var (
	ruleNoRule = define(verdict.Rule{Code: "C222", Name: "unknown-rule",
		Summary: "rules that are named are there",
		Doc:     "A rule is named by its code, its name, the id of a check, or a glob of these: M3*, port/*. enqueue rules lists the built-in ones, and with --repo the checks of the file.",
		Good:    portUnits + "ignore: [{rules: port/schema, units: ports/old-*, reason: they go in May}]\n",
		Bad:     portUnits + "ignore: [{rules: port/shema, reason: they go in May}] # want 18 `ignore[0].rules is \"port/shema\", and there is no such rule`\n"})
	ruleTwice = define(verdict.Rule{Code: "C223", Name: "duplicate-entry",
		Summary: "entries about findings are about different ones",
		Doc:     "Of two entries of severities the last would hold, and of two of ignore the first, without a word. A rule has one entry of rules, be it by a glob.",
		Good:    portUnits + "severities:\n  - {rules: port/schema, severity: warning}\n  - {rules: port/schema, paths: ports/zlib/, severity: error}\n",
		Bad:     portUnits + "severities:\n  - {rules: port/schema, severity: warning}\n  - {rules: port/schema, severity: error} # want 5 `severities[1] is about the same rules and places as severities[0]`\n"})
	ruleDay = define(verdict.Rule{Code: "C224", Name: "bad-day",
		Summary: "days are written as 2026-12-31",
		Good:    portUnits + "ignore: [{rules: port/schema, reason: they go in May, until: 2027-05-31}]\n",
		Bad:     portUnits + "ignore: [{rules: port/schema, reason: they go in May, until: 31.5.2027}] # want 62 `ignore[0].until is \"31.5.2027\"; expected a day`\n"})
	ruleSpan = define(verdict.Rule{Code: "C225", Name: "bad-number-of-days",
		Summary: "numbers of days are written as 90d",
		Good:    portUnits + "rules: {port/schema: {max-until: 90d}}\n",
		Bad:     portUnits + "rules: {port/schema: {max-until: 3 months}} # want 34 `rules.port/schema.max-until is \"3 months\"; expected a number of days`\n"})
)
