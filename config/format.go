package config

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/yamldoc"
)

// The format of muster.yaml. This is the one place where its keys are written down: reading,
// the JSON Schema and the reference page follow it.

// Marker is the file that says what is verified in its repository.
const Marker = declared.SectionFile

// Misnamed is what people also call it, and nobody reads.
const Misnamed = "muster.yml"

// version is the version of the format.
const version = 1

// shipcatVerb is the verb of the checks that are built in, those of shipcat's manifests.
const shipcatVerb = "shipcat"

// verbs are what a check does, one each.
func verbs() []string { return append(declared.Verbs(), shipcatVerb) }

var (
	dialects   = yamldoc.EnumOf("1.2", "kubernetes")
	formats    = yamldoc.EnumOf("auto", "yaml", "json", "jsonc")
	severities = yamldoc.EnumOf("error", "warning")
	levels     = yamldoc.EnumOf(policy.Levels()...)
	sizes      = yamldoc.IntOrStringOf(0, math.MaxInt64, "a size such as 512KiB or 1MiB")
)

// required and optional describe keys that are never null: one without a value is a slip.
func required(key string, t *yamldoc.Type, doc string) yamldoc.Field {
	return yamldoc.Required(key, t, doc)
}

func optional(key string, t *yamldoc.Type, doc string) yamldoc.Field {
	return yamldoc.Optional(key, t, doc).NeverNull()
}

func defaulted(key string, t *yamldoc.Type, def, doc string) yamldoc.Field {
	return yamldoc.Defaulted(key, t, def, doc)
}

// only is a text that has no alternative but to be absent.
func only(text string) *yamldoc.Type {
	return &yamldoc.Type{Kind: yamldoc.EnumKind, Enum: []string{text}, Says: text}
}

func object(name, doc string, fields ...yamldoc.Field) *yamldoc.Object {
	return yamldoc.NewObject(name, doc, yamldoc.RejectUnknown, fields...)
}

var fileObject = object(Marker, "What is verified in a repository, and how what is found is judged.",
	required("muster", &yamldoc.Type{Kind: yamldoc.IntKind, Min: version, Max: version, Says: "1, the version of the format"}, "The version of the format."),
	optional("schemas", yamldoc.Strings, "Globs of the JSON Schemas that others may refer to by $id."),
	optional("shared", yamldoc.Strings, "Globs of the files that rules see as `shared`."),
	defaulted("yaml", dialects, "1.2", "Which YAML the files are."),
	optional("regions", yamldoc.StringsOr(regionsObject), "The regions that units are deployed in: their names, or where the names stand."),
	optional("limits", yamldoc.ObjectOf(limitsObject), "What is refused for its size."),
	optional("units", yamldoc.MapOf(yamldoc.ObjectOf(kindObject)), "The kinds of units by name, which is what claims and messages call them. Beside a shipcat.conf they may be left out: its services are verified then."),
	optional("severities", yamldoc.ListOf(yamldoc.ObjectOf(severityObject)), "Other severities for what some rules find; of several entries that match, the last holds."),
	optional("ignore", yamldoc.ListOf(yamldoc.ObjectOf(ignoreObject)), "What is found and not told."),
	optional("rules", yamldoc.MapOf(yamldoc.ObjectOf(ruleObject)), "How far findings may be hidden, by the rules' codes, names or globs of them."),
	optional("baseline", yamldoc.String, "The file with the findings that were there before, as a path in the repository; by default "+BaselineFile+", where there is one."),
	optional("owners", yamldoc.ObjectOf(ownersObject), "Whose the units are."))

var ownersObject = object("owners", "Whose the units are: whom their own files name, or else whom CODEOWNERS gives their paths.",
	optional("teams", yamldoc.String, "The file with the names of the teams, as a path in the repository; by default shipcat's teams.yml for its services, and none for others. What a unit's files name has to be one of them then, by its name or another one that the file gives it."),
	defaulted("codeowners", yamldoc.String, ownersAuto, "The file, as a path in the repository; auto for where GitHub and GitLab look for it, off for none."),
	defaulted("required", yamldoc.Bool, "false", "Whether a unit that is nobody's is an err."))

var severityObject = object("severities", "Another severity for what some rules find.",
	required("rules", yamldoc.Strings, "The rules, by code, name, the id of a check, or a glob of them."),
	optional("paths", yamldoc.Strings, "Globs of files and folders; without it what is found anywhere."),
	required("severity", levels, "What the findings are. Those that are off are not told."))

var ignoreObject = object("ignore", "What is found and not told.",
	required("rules", yamldoc.Strings, "The rules, by code, name, the id of a check, or a glob of them."),
	optional("units", yamldoc.Strings, "Globs of units' names and paths; without it what is found in any."),
	optional("paths", yamldoc.Strings, "Globs of files and folders; without it what is found anywhere."),
	required("reason", yamldoc.String, "Why, for whoever finds it in a year."),
	optional("until", yamldoc.String, "The last day on which it holds, as 2026-12-31; without it for ever."))

var ruleObject = object("rules", "How far findings of a rule may be hidden.",
	defaulted("suppressible", yamldoc.Bool, "true", "Whether anything may hide them, or make them weaker."),
	optional("max-until", yamldoc.String, "For how many days they may be hidden at most, as 90d; then marks and entries need an `until`."))

var regionsObject = object("regions", "Where the names of the regions stand.",
	required("from", yamldoc.String, "The file, as a path in the repository."),
	required("path", yamldoc.String, "The selector of the names in it."))

var limitsObject = object("limits", "What is refused for its size.",
	optional("unit", sizes, "The most bytes that the files of a unit may have together."))

var kindObject = object("kind", "A kind of units.",
	required("at", yamldoc.Strings, "Globs of the units. With a / at the end each folder that it matches is a unit, with the files below it; otherwise each file is one."),
	optional("except", yamldoc.Strings, "Globs of what is no unit, nor anything below it."),
	optional("name", yamldoc.String, "A regular expression with one group that takes a unit's name from its path, in place of what the wildcards of `at` match."),
	optional("yaml", dialects, "Which YAML the files are, in place of what the top level says."),
	optional("deployed", yamldoc.String, "The selector of the regions that a unit is deployed in; without it units are deployed in all."),
	optional("owner", yamldoc.String, "The selector of who a unit belongs to: the first text that it finds in the unit's documents."),
	optional("limits", yamldoc.ObjectOf(limitsObject), "What is refused for its size, in place of what the top level says."),
	defaulted("optional", yamldoc.Bool, "false", "Whether the globs of `at` may match nothing."),
	optional("checks", yamldoc.ListOf(yamldoc.ObjectOf(checkObject)), "What is verified of each unit."))

var claimType = yamldoc.StringsOr(textObject)

var textObject = object("text", "Keys in files that are no documents.",
	required("text", yamldoc.String, "A regular expression with one group, which is the key."))

var checkObject = object("check", "A check has one verb, which says what it does, and keys that say how.",
	optional(declared.Syntax, formats, "The files are documents of a format; auto goes by their names. All other checks ask for it, too."),
	optional(declared.Schema, yamldoc.String, "The documents fit this JSON Schema, a path in the repository."),
	optional(declared.Rule, yamldoc.String, "This CEL expression is true of the documents."),
	optional(declared.Unique, claimType, "No two units have the same key; selectors of the keys."),
	optional(declared.Exists, claimType, "Each key is the name of a unit, or what one provides; selectors of the keys."),
	optional(declared.Acyclic, claimType, "Following the keys from unit to unit never comes back; selectors of the keys."),
	optional(declared.Provides, claimType, "Other units may ask for these keys; selectors of the keys."),
	optional(declared.Run, yamldoc.String, "A command that workers offer finds nothing wrong; its name. What it is says the operator of the workers."),
	optional(shipcatVerb, yamldoc.ObjectOf(object("shipcat", "Checks that have no settings.")), "The units are services with shipcat's manifests, which get its checks."),
	optional("in", yamldoc.Strings, "Globs of the files inside a unit's folder that are looked at."),
	optional("id", yamldoc.String, "What reports call the check; by default KIND/VERB."),
	optional("formerly", yamldoc.Strings, "Ids that the check had before: what was written down under them, in a baseline or to hide findings, holds for it."),
	defaulted("severity", severities, "error", "What its findings are."),
	optional("help", yamldoc.String, "How to mend what it finds."),
	optional("docs", yamldoc.String, "A URL, or a path in the repository, where more is said."),
	defaulted("optional", yamldoc.Bool, "false", "Whether the globs of `in` may match nothing in a unit, and its selectors nothing in all of them."),
	optional("regions", only("each"), "Of a rule: each judges it once a region."),
	optional("when", yamldoc.String, "Of a rule: a CEL expression; where it is false the rule is not judged."),
	optional("each", yamldoc.String, "Of a rule: the selector of the values that it is judged of, one by one."),
	optional("message", yamldoc.String, "Of a rule: a CEL expression of what to say where it is false."),
	optional("as", yamldoc.Strings, "Of claims: the space that the keys are put into, or the spaces and kinds that they are looked for in."),
	optional("formats", only("off"), "Of a schema: off lets pass what `format` asks for."),
	optional("reads", yamldoc.Strings, "Of run: globs of the files inside a unit's folder that the command sees; without it all. A change of another one does not run it again."),
	optional("with", yamldoc.Strings, "Of run: files and folders of the repository that the command finds beside the unit, each at its path."),
	optional("args", yamldoc.MapOf(yamldoc.String), "Of run: arguments, by the names that the definition of the command gives them."),
	optional("documents", only("one"), "Of syntax: one forbids several documents in a file."),
	optional("tests", yamldoc.ListOf(yamldoc.ObjectOf(testObject)), "Units that are made up, and what the check says of them; enqueue test makes them."))

var testObject = object("test", "A unit that is made up, and what the check says of it. Its document is given by one of document, text and file.",
	optional("document", yamldoc.Any, "The document that the check is asked of."),
	optional("text", yamldoc.String, "The text of the file with the document."),
	optional("file", yamldoc.String, "A file with that text, as a path in the repository."),
	optional("files", yamldoc.MapOf(yamldoc.Any), "Other files in the unit's folder: a string is the text of one, and anything else its document."),
	optional("unit", yamldoc.String, "The path of the unit, from which its name follows; by default one that `at` matches, with example for its wildcards."),
	optional("region", yamldoc.String, "The region that it is checked in; by default all are."),
	optional("findings", yamldoc.IntOrListOf(0, maxErrors, yamldoc.ObjectOf(expectationObject)), "What the check finds: how many mistakes, or each of them. Claims find none unless it is said."),
	optional("claims", yamldoc.Strings, "Of claims: the keys that are found, in any order."))

var expectationObject = object("expectation", "A mistake that is found. What is not said of it may be anything.",
	optional("at", yamldoc.String, "Where: the path of a value, as reports have it (spec.ports[0].name; empty for the document), or LINE:COLUMN."),
	optional("message", yamldoc.String, "A part of the message."),
	optional("name", yamldoc.String, "What kind of mistake it is, as it stands in brackets behind the check's id (unknown-key)."))

// keysOf are the keys that mean something beside each verb, but for id, which all have.
var keysOf = func() map[string][]string {
	of := map[string][]string{shipcatVerb: {}}
	common := []string{"in", "optional", "severity", "help", "docs", "id", "formerly", "tests"}
	for _, verb := range declared.Verbs() {
		of[verb] = common
	}
	also := func(verb string, keys ...string) { of[verb] = append(append([]string{}, of[verb]...), keys...) }
	also(declared.Syntax, "documents")
	also(declared.Schema, "formats")
	also(declared.Rule, "when", "each", "message", "regions")
	also(declared.Unique, "as")
	also(declared.Exists, "as")
	also(declared.Acyclic, "as")
	also(declared.Provides, "as")
	also(declared.Run, "reads", "with", "args")
	of[declared.Run] = slices.DeleteFunc(of[declared.Run], func(key string) bool { return key == "tests" })
	return of
}()

// WriteReference writes a page in Markdown about every key of muster.yaml.
func WriteReference(w io.Writer) error {
	if _, err := fmt.Fprint(w, "# muster.yaml\n\nEvery key of the file that says what is verified in a repository.\n"); err != nil {
		return err
	}
	return yamldoc.WriteReference(w, yamldoc.Objects(fileObject))
}

// JSONSchema is a JSON Schema (draft 2020-12) of muster.yaml, for editors and other tools.
func JSONSchema() ([]byte, error) { return yamldoc.JSONSchema(fileObject) }
