package config

import "github.com/seed306eabeb/muster/verdict"

var (
	ruleGlob = define(verdict.Rule{Code: "C201", Name: "bad-glob",
		Summary: "globs are valid",
		Doc: "In an element of a path, * stands for any characters, ? for one, [a-z] for one of these, and {a,b} for either; ** is any number of folders. " +
			"A glob is a path from the root of the repository, and in a check one from the unit's folder.",
		Good: portUnits, Bad: "muster: 1\nunits:\n  port:\n    at: ./ports/*/ # want 9 `glob \"./ports/*/\": want a path below the repository`\n    checks: [{schema: schemas/port.json, in: port.json}]\n"})
	ruleNoMatch = define(verdict.Rule{Code: "C202", Name: "glob-without-match",
		Summary: "globs of units, schemas and shared files match something",
		Doc:     "A glob that matches nothing would let everything pass in silence. `optional: true` says of a kind that there may be no unit of it.",
		Good:    portUnits, Bad: "muster: 1\nunits:\n  port:\n    at: prots/*/ # want 9 `units.port.at is \"prots/*/\", which matches no folder`\n    checks: [{schema: schemas/port.json, in: port.json}]\n"})
	ruleNoFile = define(verdict.Rule{Code: "C203", Name: "missing-file",
		Summary: "the files that muster.yaml names are there",
		Good:    portUnits, Bad: portChecks + "      - {schema: schemas/prot.json, in: port.json} # want 18 `schema is \"schemas/prot.json\", which does not exist`\n"})
	ruleKindName = define(verdict.Rule{Code: "C204", Name: "kind-name",
		Summary: "the name of a kind is made of lower-case letters, digits and dashes",
		Doc:     "It stands in the codes of checks and in the spaces of claims.",
		Good:    portUnits, Bad: "muster: 1\nunits:\n  Port: # want 3 `\"Port\" is no name for a kind`\n    at: ports/*/\n    checks: [{schema: schemas/port.json, in: port.json}]\n"})
	rulePattern = define(verdict.Rule{Code: "C205", Name: "bad-pattern",
		Summary: "regular expressions are valid and have one group",
		Doc:     "They are those of Go (RE2): https://pkg.go.dev/regexp/syntax. The group is what is taken out: a unit's name, or a key. A group that only holds alternatives together is written (?:a|b).",
		Good:    portUnits + "    name: ports/(.*)\n",
		Bad:     portUnits + "    name: ports/.* # want 11 `name is \"ports/.*\", which has no group`\n"})
	ruleSelector = define(verdict.Rule{Code: "C206", Name: "bad-selector",
		Summary: "selectors are valid",
		Good:    ruleChecks + "      - unique: id\n",
		Bad:     ruleChecks + "      - unique: \"id[\" # want 21 `unique is \"id[\", which is no selector`\n"})
	ruleVerb = define(verdict.Rule{Code: "C207", Name: "one-verb",
		Summary: "a check has one verb",
		Doc:     "The verbs are syntax, schema, rule, unique, exists, acyclic, provides, run and shipcat. What is to be verified in two ways is two checks.",
		Good:    portUnits, Bad: portChecks + "      - {in: port.json} # want 9 `units.port.checks[0] has no verb`\n"})
	ruleMisplaced = define(verdict.Rule{Code: "C208", Name: "misplaced-key",
		Summary: "a key means something where it stands",
		Good:    portUnits, Bad: portChecks + "      - {syntax: json, in: port.json, formats: \"off\"} # want 39 `units.port.checks[0].formats means nothing to the verb syntax`\n"})
	ruleInOfFiles = define(verdict.Rule{Code: "C209", Name: "in-of-files",
		Summary: "checks of units that are files do not say in which files",
		Good:    ruleChecks + "      - syntax: yaml\n", Bad: ruleChecks + "      - {syntax: yaml, in: a.yml} # want 24 `units.rule.checks[0].in is given, but a unit of kind \"rule\" is one file`\n"})
	ruleNoIn = define(verdict.Rule{Code: "C210", Name: "missing-in",
		Summary: "checks of units that are folders say in which files",
		Good:    portUnits, Bad: portChecks + "      - syntax: json # want 9 `units.port.checks[0] (syntax) does not say which files of a folder it is about`\n"})
	ruleIDTwice = define(verdict.Rule{Code: "C211", Name: "duplicate-check-id",
		Summary: "the ids of checks are unique",
		Doc:     "An id is the code of a check's findings. Without one it is KIND/VERB, and KIND/VERB-2 for the second check of the kind with this verb.",
		Good:    ruleChecks + "      - {syntax: yaml, id: rule/yaml}\n      - {unique: id, id: rule/id}\n",
		Bad:     ruleChecks + "      - {syntax: yaml, id: rule/id}\n      - {unique: id, id: rule/id} # want 26 `two checks have the id \"rule/id\"`\n"})
	ruleBadID = define(verdict.Rule{Code: "C212", Name: "check-id",
		Summary: "the id of a check is a word of its own",
		Doc:     "It is made of letters, digits and any of . _ / -, begins with a letter, and is none of the codes of built-in rules.",
		Good:    ruleChecks + "      - {unique: id, id: rule/own-id}\n",
		Bad:     ruleChecks + "      - {unique: id, id: own id} # want 26 `id is \"own id\"`\n"})
	ruleSpace = define(verdict.Rule{Code: "C213", Name: "unknown-space",
		Summary: "keys are looked for where some are",
		Doc:     "`as` of exists and acyclic names kinds of units, or spaces that unique or provides of some check fills.",
		Good:    ruleChecks + "      - {unique: id, as: rule id}\n      - {exists: related, as: rule id}\n",
		Bad:     ruleChecks + "      - {unique: id, as: rule id}\n      - {exists: related, as: rule ids} # want 31 `as is \"rule ids\", which is no kind and no space that a check fills`\n"})
	ruleEmpty = define(verdict.Rule{Code: "C214", Name: "empty-muster-value",
		Summary: "texts and lists are not empty",
		Good:    ruleChecks + "      - unique: id\n", Bad: ruleChecks + "      - unique: [] # want 17 `units.rule.checks[0].unique is empty`\n"})
	ruleSize = define(verdict.Rule{Code: "C215", Name: "bad-size",
		Summary: "sizes are numbers of bytes that workers accept",
		Good:    portUnits + "limits: {unit: 512KiB}\n", Bad: portUnits + "limits: {unit: 512 KB each} # want 16 `limits.unit is \"512 KB each\"; expected a size such as 512KiB or 1MiB`\n"})
	ruleShipcat = define(verdict.Rule{Code: "C216", Name: "shipcat-units",
		Summary: "one kind of units is checked by shipcat, and lies in services/*/",
		Doc:     "Such units are known by the names of their folders.",
		Good:    "muster: 1\nunits:\n  service: {at: services/*/, checks: [{shipcat: {}}]}\n",
		Bad:     "muster: 1\nunits:\n  service: {at: services/pay/, checks: [{shipcat: {}}]} # want 17 `units.service.at is [services/pay/]`\n"})
	ruleNoChecks = define(verdict.Rule{Code: "C217", Name: "kind-without-checks",
		Summary: "a kind of units has checks, or others look for its units",
		Good:    portUnits, Bad: "muster: 1\nunits:\n  port: {at: ports/*/} # want 3 `units.port has no checks`\n"})
	ruleTwoKinds = define(verdict.Rule{Code: "C218", Name: "unit-of-two-kinds",
		Summary: "a path is a unit of one kind",
		Doc:     "It is found where the units are listed, by enqueue config verify or a run.",
		Good:    portUnits, Bad: portUnits + "  folder: {at: \"*/zlib/\", checks: [{syntax: json, in: port.json}]} # want 16 `ports/zlib is a unit of two kinds, \"folder\" and \"port\"`\n"})
	ruleUnnamed = define(verdict.Rule{Code: "C230", Name: "unit-without-name",
		Summary: "the expression of a kind's names matches the path of each unit",
		Doc:     "It is found where the units are listed, by enqueue config verify or a run.",
		Good:    "muster: 1\nunits:\n  port: {at: ports/*/, name: '([^/]+)$', checks: [{schema: schemas/port.json, in: port.json}]}\n",
		Bad:     "muster: 1\nunits:\n  port: {at: ports/*/, name: 'port/(.*)', checks: [{schema: schemas/port.json, in: port.json}]} # want 30 `ports/abseil has no name: the kind's`\n"})
	ruleSameName = define(verdict.Rule{Code: "C231", Name: "unit-name-twice",
		Summary: "units that others refer to by name have names of their own",
		Doc:     "It is found where the units are listed, by enqueue config verify or a run. A unit's name is what the wildcards of at match, or what name takes from its path.",
		Good:    portUnits,
		Bad:     "muster: 1\nunits:\n  port:\n    at: ports/*/\n    name: \"(ports)/\" # want 11 `are both called \"ports\"`\n    checks: [{exists: \"needs[*]\", in: port.json}]\n"})
	ruleIdleIn = define(verdict.Rule{Code: "C232", Name: "optional-without-match", Severity: verdict.Warning,
		Summary: "the files of an optional check are there in some unit",
		Doc:     "No unit is told that such a file is missing, so that a glob that is misspelt would go unnoticed. It is found by enqueue config verify.",
		Good:    "muster: 1\nunits:\n  port: {at: ports/*/, checks: [{syntax: json, in: port.json, optional: true}]}\n",
		Bad:     "muster: 1\nunits:\n  port: {at: ports/*/, checks: [{syntax: json, in: prot.json, optional: true}]} # want 52 `matches no file of any unit`\n"})
	ruleRegion = define(verdict.Rule{Code: "C219", Name: "bad-region",
		Summary: "regions have names of their own",
		Good:    "regions: [eu, us]\n" + portUnits, Bad: "regions: [eu, eu] # want 15 `the region \"eu\" is given twice`\n" + portUnits})
	ruleMixed = define(verdict.Rule{Code: "C220", Name: "mixed-globs",
		Summary: "the units of a kind are all folders, or all files",
		Good:    ruleChecks + "      - unique: id\n", Bad: "muster: 1\nunits:\n  rule:\n    at: [rules/**/*.yml, rules/*/] # want 26 `units.rule.at[1] is \"rules/*/\", a glob of folders; others of the kind are of files`\n    checks: [{unique: id}]\n"})
	ruleTest = define(verdict.Rule{Code: "C221", Name: "bad-test",
		Summary: "a test has a document, and says what is found in it",
		Doc: "A unit is made up for each test, where `at` says; `unit` names its path where that matters. The document lies in the file that `in` names first. " +
			"What is found is a number of mistakes, or says of each where it is, a part of its message, or its name. enqueue test makes the tests.",
		Good: ruleChecks + "      - schema: schemas/port.json\n        tests:\n          - {document: {name: zlib}, findings: 0}\n          - {text: \"{name: }\", findings: [{at: name, message: a string}]}\n" +
			"      - {unique: id, tests: [{document: {id: a}, claims: [a]}]}\n",
		Bad: ruleChecks + "      - {schema: schemas/port.json, tests: [{document: {name: zlib}}]} # want 45 `tests[0] does not say what is found`\n"})
)
