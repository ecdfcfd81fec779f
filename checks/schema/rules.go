package schema

import "github.com/seed306eabeb/muster/verdict"

// What may be wrong with a document. Codes are for whoever declares the check.
var (
	unknownKey = verdict.Rule{Name: "unknown-key", Severity: verdict.Error, Summary: "a key that the schema does not allow here",
		Doc:  "The schema lists the keys of this mapping and forbids all others (`additionalProperties`, `unevaluatedProperties`). Where the key looks like one that is missing, both are one finding.",
		Good: "name: a\n", Bad: "nmae: a\n"}
	missingKey = verdict.Rule{Name: "missing-key", Severity: verdict.Error, Summary: "a mapping lacks a key that the schema asks for",
		Doc: "`required`, or what a key asks for that is there (`dependentRequired`). The finding is at the key of the mapping."}
	wrongType = verdict.Rule{Name: "wrong-type", Severity: verdict.Error, Summary: "a value of another type than the schema asks for",
		Doc: "`type`. Words without quotes are numbers, booleans and null in YAML, and words in quotes are strings. `.inf` and `.nan` are of no type of JSON Schema."}
	notAllowed = verdict.Rule{Name: "not-allowed", Severity: verdict.Error, Summary: "a value that is none of those that the schema allows",
		Doc: "`enum`, `const`, or a key or a value for which the schema is `false`."}
	pattern = verdict.Rule{Name: "pattern", Severity: verdict.Error, Summary: "a text that does not match the regular expression of the schema",
		Doc: "`pattern`, also of keys (`propertyNames`). An expression matches anywhere in the text unless `^` and `$` hold it."}
	format = verdict.Rule{Name: "format", Severity: verdict.Error, Summary: "a text that is not in the format of the schema",
		Doc: "`format`, which is checked in all drafts unless the check says `formats: off`."}
	outOfRange = verdict.Rule{Name: "out-of-range", Severity: verdict.Error, Summary: "a number that is too small, too large, or no multiple",
		Doc: "`minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`."}
	length = verdict.Rule{Name: "length", Severity: verdict.Error, Summary: "a text that is too short or too long",
		Doc: "`minLength`, `maxLength`, in characters of Unicode."}
	items = verdict.Rule{Name: "items", Severity: verdict.Error, Summary: "a list or a mapping with too few or too many entries",
		Doc: "`minItems`, `maxItems`, `contains`, `minProperties`, `maxProperties`, or items beyond those that the schema names."}
	duplicateItem = verdict.Rule{Name: "duplicate-item", Severity: verdict.Error, Summary: "a list has the same item twice",
		Doc: "`uniqueItems`. The finding is at the second one."}
	anyOf = verdict.Rule{Name: "any-of", Severity: verdict.Error, Summary: "a value that fits none of the alternatives of the schema",
		Doc: "`anyOf` and `oneOf`. Where one alternative is clearly meant, its own findings are told instead: the one that has the right type, that names the same `kind`, or that takes the least to mend."}
	oneOf = verdict.Rule{Name: "one-of", Severity: verdict.Error, Summary: "a value that fits several alternatives of which it may fit one",
		Doc: "`oneOf`."}
	not = verdict.Rule{Name: "not", Severity: verdict.Error, Summary: "a value that is what the schema forbids",
		Doc: "`not`."}
	tooMuchWork = verdict.Rule{Name: "too-much-work", Severity: verdict.Error, Summary: "a document that takes too many steps to be checked",
		Doc: "A schema whose alternatives contain each other doubles its work with each level of a document."}
	tooManyMistakes = verdict.Rule{Name: "too-many-mistakes", Severity: verdict.Error, Summary: "a document with more mistakes than are told",
		Doc: "Whoever has made a hundred of them in one document has made one many times."}
	endlessReference = verdict.Rule{Name: "endless-reference", Severity: verdict.Error, Summary: "a schema that refers to itself for the same value",
		Doc: "Following `$ref`, `allOf` and the like comes back to where it began without a step into the document."}
)

// What may be wrong with a schema.
var (
	noSchema  = verdict.Rule{Name: "no-schema", Severity: verdict.Error, Summary: "a schema file that is not there"}
	badSchema = verdict.Rule{Name: "bad-schema", Severity: verdict.Error, Summary: "a schema that is none",
		Doc: "It breaks the schema of its own draft, which `$schema` names, or has a regular expression that is none."}
	remoteReference = verdict.Rule{Name: "remote-reference", Severity: verdict.Error, Summary: "a reference to a schema that is not in the repository",
		Doc: "Nothing is fetched. A schema is found by its path and by its `$id`, beside the schemas of the drafts, which are built in."}
	badReference = verdict.Rule{Name: "bad-reference", Severity: verdict.Error, Summary: "a reference that leads to nothing"}
	duplicateID  = verdict.Rule{Name: "duplicate-id", Severity: verdict.Warning, Summary: "two schemas with one `$id`",
		Doc: "References by it lead to the first, in the order of the paths."}
	otherDraft = verdict.Rule{Name: "other-draft", Severity: verdict.Warning, Summary: "a keyword of another draft, which checks nothing here",
		Doc: "The schema's draft (`$schema`) does not know the keyword, as draft-04 does not know `const`."}
	ignoredSibling = verdict.Rule{Name: "ignored-sibling", Severity: verdict.Warning, Summary: "a keyword beside `$ref`, which checks nothing up to draft-07",
		Doc: "Up to draft-07 all that stands beside `$ref` is ignored."}
	unknownKeyword = verdict.Rule{Name: "unknown-keyword", Severity: verdict.Warning, Summary: "a word that is nearly a keyword",
		Doc: "Keywords that no draft knows check nothing. Those that look like none are taken for extensions."}
	impossible = verdict.Rule{Name: "impossible", Severity: verdict.Warning, Summary: "a schema that nothing fits",
		Doc: "It asks for a key that it forbids, as with a name in `required` that is misspelt in `properties`."}
	emptySchema = verdict.Rule{Name: "empty-schema", Severity: verdict.Warning, Summary: "a schema that everything fits",
		Doc: "It has definitions, or words about documents, and asks for nothing."}
)

// Rules are all kinds of mistake that this package finds, by the Name of their findings, those in documents
// first.
func Rules() []verdict.Rule {
	return []verdict.Rule{
		unknownKey, missingKey, wrongType, notAllowed, pattern, format, outOfRange, length, items, duplicateItem, anyOf, oneOf, not,
		tooMuchWork, tooManyMistakes, endlessReference,
		noSchema, badSchema, remoteReference, badReference, duplicateID, otherDraft, ignoredSibling, unknownKeyword, impossible, emptySchema,
	}
}
