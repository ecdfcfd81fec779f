package manifest

import "github.com/seed306eabeb/muster/verdict"

// readRules are the rules that a text may break as it is read and decoded, as the format
// that it is of calls them.
type readRules struct {
	syntax           verdict.Rule // it is no YAML
	emptyFile        verdict.Rule // it has no bytes
	byteOrderMark    verdict.Rule // it begins with a byte order mark
	severalDocuments verdict.Rule // it has more than one document
	noContent        verdict.Rule // it has nothing but comments
	notUTF8          verdict.Rule // it is in another encoding
	tooDeep          verdict.Rule // values are nested deeper than a reader goes
	unknownField     verdict.Rule // a key is none of its object's
	duplicateField   verdict.Rule // a key that may stand once stands twice
	wrongType        verdict.Rule // a value is of another type
	null             verdict.Rule // a value that may not be null is
	outOfRange       verdict.Rule // a number is not in its range
	unknownValue     verdict.Rule // a text is none of those that may stand there
	missingField     verdict.Rule // a key that is required is not there
	unquotedTemplate verdict.Rule // a {{ template }} is not quoted
	aliasExpansion   verdict.Rule // aliases unfold to too much
	mergeKey         verdict.Rule // a key << stands where it is refused
	ignoredField     verdict.Rule // a key has no effect
	repeatedKey      verdict.Rule // a key stands twice, and the last one counts
}
