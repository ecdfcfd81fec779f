package manifest

import (
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// What serde_yaml 0.8 refuses, with which shipcat reads all its files, and the field attributes
// of its manifest: strict, optional, of a type. Bounds are our own; each Doc says so.
var (
	ruleSyntax = define(verdict.Rule{Code: "M101", Name: "yaml-syntax", Severity: verdict.Error,
		Summary: "a file is valid YAML",
		Doc:     "The place is where the mistake begins: the quote or bracket that is never closed, not the end of the file.",
		Good:    "command: [\"/run\", \"server\"]\n", Bad: "command: [\"/run\", \"server\" # want 10 \"the bracket [ opened here is never closed\"\nimageSize: 100\n"})
	ruleEmptyFile = define(verdict.Rule{Code: "M102", Name: "empty-file", Severity: verdict.Error,
		Summary: "a file that is there has content",
		Good:    "-- services/svc/dev.yml --\n{}\n", Bad: "-- services/svc/dev.yml -- # want 0 \"services/svc/dev.yml is empty\"\n"})
	ruleByteOrderMark = define(verdict.Rule{Code: "M103", Name: "byte-order-mark", Severity: verdict.Error,
		Summary: "a file does not start with a byte order mark",
		Good:    "-- services/svc/dev.yml --\nversion: 1.0.0\n", Bad: "-- services/svc/dev.yml --\n\ufeffversion: 1.0.0 # want 1 \"the file starts with a byte order mark\"\n"})
	ruleSeveralDocuments = define(verdict.Rule{Code: "M104", Name: "several-documents", Severity: verdict.Error,
		Summary: "a file holds one YAML document",
		Good:    "-- services/svc/dev.yml --\n---\nversion: 1.0.0\n", Bad: "-- services/svc/dev.yml --\nversion: 1.0.0\n--- # want 1 \"the file holds more than one YAML document\"\nreplicaCount: 3\n"})
	ruleNoContent = define(verdict.Rule{Code: "M105", Name: "no-content", Severity: verdict.Error,
		Summary: "a file holds more than comments",
		Good:    "-- services/svc/dev.yml --\n{}\n", Bad: "-- services/svc/dev.yml -- # want 0 \"services/svc/dev.yml holds no keys, only comments or nothing\"\n# nothing here\n"})
	ruleNoManifest = define(verdict.Rule{Code: "M106", Name: "missing-manifest", Severity: verdict.Error,
		Summary: "every folder of services/ has a manifest.yml",
		Good:    "health: {}\n", Bad: "-- services/svc/manifest.yml -- # want 0 \"services/svc has no manifest.yml\"\n(absent)\n"})
	ruleIrregularFile = define(verdict.Rule{Code: "M107", Name: "irregular-file", Severity: verdict.Error,
		Summary: "files are regular files, no links, pipes or devices",
		Doc:     "What a link points to may lie outside the repository, so it is not followed.",
		Good:    "-- services/svc/dev.yml --\n{}\n", Bad: "-- services/svc/dev.yml -- # want 0 \"services/svc/dev.yml is a named pipe\"\n(a named pipe)\n"})
	ruleNotUTF8 = define(verdict.Rule{Code: "M108", Name: "not-utf-8", Severity: verdict.Error,
		Summary: "a file is UTF-8 text",
		Doc:     "Manifests, overrides, shared files and templates alike. UTF-16 without a byte order mark is refused, too, though its zeros are UTF-8.",
		Good:    "-- services/svc/dev.yml --\nversion: 1.0.0\n", Bad: "-- services/svc/dev.yml --\nimage: \xff # want 8 \"the file is not valid UTF-8 here\"\n"})
	ruleTooDeep = define(verdict.Rule{Code: "M109", Name: "too-deep", Severity: verdict.Error,
		Summary: "values are nested at most 128 deep",
		Good:    "env: &a {A: x}\n", Bad: "tolerations: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + " # want 142 \"values are nested more than 128 deep here\"\n"})
	ruleUnknownField = define(verdict.Rule{Code: "M110", Name: "unknown-field", Severity: verdict.Error,
		Summary: "keys are those of the schema",
		Good:    "httpPort: 8080\n", Bad: "httpport: 8080 # want 1 `manifest has no field \"httpport\"`\n"})
	ruleRootField = define(verdict.Rule{Code: "M111", Name: "root-only-field", Severity: verdict.Error,
		Summary: "name, external, disabled, regions and metadata are not overridden",
		Good:    "-- services/svc/dev.yml --\nreplicaCount: 3\n", Bad: "-- services/svc/dev.yml --\nregions: [dev-uk] # want 1 \"regions cannot be overridden\"\n"})
	ruleDuplicateField = define(verdict.Rule{Code: "M112", Name: "duplicate-field", Severity: verdict.Error,
		Summary: "a key is given once",
		Good:    "httpPort: 8080\n", Bad: "httpPort: 8080\nhealth: {}\nhttpPort: 8081 # want 1 \"httpPort is given twice\"\n"})
	ruleWrongType = define(verdict.Rule{Code: "M113", Name: "wrong-type", Severity: verdict.Error,
		Summary: "values have the type that the schema asks for",
		Doc: "A string that reads as a number, boolean or null is quoted. Integers and booleans are not quoted; only true and false are booleans. " +
			"shipcat takes unquoted numbers as strings in some override files; here all files are read alike.",
		Good: "image: \"5\"\n", Bad: "httpPort: \"8080\" # want 11 `httpPort is the string \"8080\"`\n"})
	ruleNull = define(verdict.Rule{Code: "M114", Name: "null-value", Severity: verdict.Error,
		Summary: "mappings and other fields that have a default are not null",
		Good:    "env: {}\n", Bad: "env: # want 5 \"env is null; expected a mapping of names to strings, numbers or booleans\"\n"})
	ruleOutOfRange = define(verdict.Rule{Code: "M115", Name: "out-of-range", Severity: verdict.Error,
		Summary: "integers are in range",
		Good:    "httpPort: 8080\n", Bad: "httpPort: -1 # want 11 \"httpPort is -1\"\n"})
	ruleUnknownValue = define(verdict.Rule{Code: "M116", Name: "unknown-value", Severity: verdict.Error,
		Summary: "a field with a fixed set of values has one of them",
		Good:    "workload: Statefulset\n", Bad: "workload: StatefulSet # want 11 `workload is \"StatefulSet\"`\n"})
	ruleMissingField = define(verdict.Rule{Code: "M117", Name: "missing-field", Severity: verdict.Error,
		Summary: "required fields are given",
		Good:    "vault: {name: svc}\n", Bad: "vault: {} # want 1 \"vault.name is missing\"\n"})
	ruleUnquotedTemplate = define(verdict.Rule{Code: "M118", Name: "unquoted-template", Severity: verdict.Error,
		Summary: "a value that starts with {{ is quoted",
		Good:    "env: {A: \"{{ service }}\"}\n", Bad: "env:\n  A: {{ service }} # want 6 \"env.A starts with {{\"\n"})
	ruleAliasExpansion = define(verdict.Rule{Code: "M119", Name: "alias-expansion", Severity: verdict.Error,
		Summary: "aliases unfold to a reasonable number of values",
		Good:    "command: [&a x, *a]\n", Bad: aliasBomb})
	ruleMergeKey = define(verdict.Rule{Code: "M120", Name: "merge-key", Severity: verdict.Error,
		Summary: "merge keys (<<) are not used",
		Good:    "health: &a {wait: 5}\n", Bad: "health: {<<: {wait: 5}} # want 10 \"merge keys (<<) are not supported\"\n"})
	ruleManyMistakes = define(verdict.Rule{Code: "M121", Name: "many-mistakes", Severity: verdict.Error,
		Summary: "a service has at most 1000 mistakes",
		Doc:     "The first are told.",
		Good:    "env: {A: x}\n", Bad: "workers: # want 0 \"there are more than 1000 errors\"\n- &w {name: w, replicaCount: 1, command: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}\n" + strings.Repeat("- *w\n", maxFindings/10)})
)

// aliasBomb unfolds to a million values.
var aliasBomb = "volumes:\n" +
	"- &v {name: a, projected: {sources: [&s {secret: {name: s, items: [&i {path: p}" +
	strings.Repeat(", *i", 99) + "]}}" + strings.Repeat(", *s", 99) + "]}} # want 78 \"aliases unfold to more than 200000 values\"\n" +
	strings.Repeat("- *v\n", 99)

// What serde_yaml reads without a word and the author cannot have meant.
var (
	ruleManyWarnings = define(verdict.Rule{Code: "M715", Name: "many-warnings", Severity: verdict.Warning,
		Summary: "a service gives at most 1000 warnings",
		Doc:     "The first are told.",
		Good:    "env: {A: x}\n", Bad: "env: # want 0 \"there are more than 1000 warnings\"\n" + strings.Repeat("  A: x\n", maxFindings+2)})
	ruleIgnoredField = define(verdict.Rule{Code: "M701", Name: "ignored-field", Severity: verdict.Warning,
		Summary: "no key is ignored",
		Doc: "shipcat ignores unknown keys in workers, cronJobs and what it takes from Kubernetes, in kafka, event streams, alerts, contexts and contacts, " +
			"so a misspelt one has no effect. Keys of teams.yml are for other programs, too, and pass.",
		Good: "workers: [{name: w, replicaCount: 1}]\n", Bad: "workers: [{name: w, replicaCount: 1, replicas: 2}] # want 38 `worker has no field \"replicas\"`\n"})
	ruleRepeatedKey = define(verdict.Rule{Code: "M702", Name: "repeated-key", Severity: verdict.Warning,
		Summary: "a key of a mapping such as env is given once",
		Doc:     "The last one counts, silently.",
		Good:    "env: {A: x}\n", Bad: "env:\n  A: x\n  A: y # want 3 \"env.A is given twice\"\n"})
)
