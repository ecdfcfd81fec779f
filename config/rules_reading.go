package config

import (
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// portUnits is a kind of units with one check, to which an example adds lines.
const portUnits = "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n      - {schema: schemas/port.json, in: port.json}\n"

// portChecks is the beginning of a file up to the checks of its kind of folders.
const portChecks = "muster: 1\nunits:\n  port:\n    at: ports/*/\n    checks:\n"

// ruleChecks is the beginning of a file up to the checks of its kind of files.
const ruleChecks = "muster: 1\nunits:\n  rule:\n    at: rules/**/*.yml\n    checks:\n"

var (
	ruleSyntax = define(verdict.Rule{Code: "C101", Name: "muster-syntax",
		Summary: "muster.yaml is valid YAML",
		Doc:     "The place is where the mistake begins: the quote or bracket that is never closed, not the end of the file.",
		Good:    portUnits, Bad: portChecks + "      - {syntax: json, in: port.json # want 9 `the bracket { opened here is never closed`\n"})
	ruleNoContent = define(verdict.Rule{Code: "C102", Name: "empty-muster",
		Summary: "muster.yaml has content",
		Good:    portUnits, Bad: "# nothing here # want 1 `muster.yaml holds no keys`\n"})
	ruleByteOrderMark = define(verdict.Rule{Code: "C103", Name: "muster-byte-order-mark",
		Summary: "muster.yaml does not start with a byte order mark",
		Good:    portUnits, Bad: "\ufeffmuster: 1 # want 1 `starts with a byte order mark`\nunits: {}\n"})
	ruleSeveralDocuments = define(verdict.Rule{Code: "C104", Name: "several-muster-documents",
		Summary: "muster.yaml is one YAML document",
		Good:    portUnits, Bad: "muster: 1\n--- # want 1 `more than one YAML document`\nunits: {}\n"})
	ruleNotUTF8 = define(verdict.Rule{Code: "C105", Name: "muster-not-utf-8",
		Summary: "muster.yaml is UTF-8 text",
		Good:    portUnits, Bad: "muster: \xff # want 9 `not valid UTF-8 here`\n"})
	ruleIrregularFile = define(verdict.Rule{Code: "C106", Name: "irregular-shared-file",
		Summary: "muster.yaml, and the files that it names, are regular files",
		Doc:     "What a link points to may lie outside the repository, so it is not followed.",
		Good:    portUnits, Bad: portChecks + "      - {schema: schemas, in: port.json} # want 18 `schemas is a folder`\n"})
	ruleTooDeep = define(verdict.Rule{Code: "C107", Name: "muster-too-deep",
		Summary: "values are nested at most 128 deep",
		Good:    portUnits, Bad: "muster: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + " # want 137 `nested more than 128 deep`\n"})
	ruleUnknownKey = define(verdict.Rule{Code: "C108", Name: "unknown-muster-key",
		Summary: "keys are those of the format",
		Good:    portUnits, Bad: portChecks + "      - {shema: schemas/port.json, in: port.json} # want 10 `check has no field \"shema\"`\n"})
	ruleDuplicateKey = define(verdict.Rule{Code: "C109", Name: "duplicate-muster-key",
		Summary: "a key is given once",
		Good:    portUnits, Bad: portUnits + "    at: rules/ # want 5 `units.port.at is given twice`\n"})
	ruleWrongType = define(verdict.Rule{Code: "C110", Name: "wrong-muster-type",
		Summary: "values have the type that the format asks for",
		Good:    portUnits, Bad: portChecks + "      - {schema: schemas/port.json, in: port.json, optional: yes} # want 62 `optional is the string \"yes\"; expected true or false`\n"})
	ruleNull = define(verdict.Rule{Code: "C111", Name: "null-muster-value",
		Summary: "a key that is given has a value",
		Good:    portUnits, Bad: portUnits + "    except: # want 12 `units.port.except is null`\n"})
	ruleOutOfRange = define(verdict.Rule{Code: "C112", Name: "muster-version",
		Summary: "the version of the format is one that is known, and numbers are in range",
		Good:    portUnits, Bad: "muster: 2 # want 9 `muster is 2; expected 1`\n" + strings.TrimPrefix(portUnits, "muster: 1\n")})
	ruleUnknownValue = define(verdict.Rule{Code: "C113", Name: "unknown-muster-value",
		Summary: "a key with a fixed set of values has one of them",
		Good:    portUnits, Bad: portChecks + "      - {schema: schemas/port.json, in: port.json, severity: warnings} # want 62 `severity is \"warnings\"; expected one of error, warning`\n"})
	ruleMissingKey = define(verdict.Rule{Code: "C114", Name: "missing-muster-key",
		Summary: "required keys are given",
		Good:    portUnits, Bad: "muster: 1\nunits:\n  port: # want 3 `units.port.at is missing`\n    checks: [{schema: schemas/port.json, in: port.json}]\n"})
	ruleAliasExpansion = define(verdict.Rule{Code: "C115", Name: "muster-alias-expansion",
		Summary: "aliases unfold to a reasonable number of values",
		Good:    portUnits, Bad: portChecks + "      - schema: schemas/port.json\n        in: port.json\n        tests:\n" + aliasBomb})
)

// aliasBomb unfolds to 300,000 values.
var aliasBomb = "          - findings: 0\n            document: &a [" + strings.Repeat("x, ", 99) + "x] # want 270 `aliases unfold to more than 200000 values`\n          - findings: 0\n            document: &b [" + strings.Repeat("*a, ", 99) + "*a]\n" +
	"          - findings: 0\n            document: [" + strings.Repeat("*b, ", 29) + "*b]\n"
