package yamldoc

import "github.com/seed306eabeb/muster/verdict"

// Rules are the rules that a text may break as it is read and decoded, as the format
// that it is of calls them.
type Rules struct {
	Syntax           verdict.Rule // it is no YAML
	EmptyFile        verdict.Rule // it has no bytes
	ByteOrderMark    verdict.Rule // it begins with a byte order mark
	SeveralDocuments verdict.Rule // it has more than one document
	NoContent        verdict.Rule // it has nothing but comments
	NotUTF8          verdict.Rule // it is in another encoding
	TooDeep          verdict.Rule // values are nested deeper than a reader goes
	UnknownField     verdict.Rule // a key is none of its object's
	DuplicateField   verdict.Rule // a key that may stand once stands twice
	WrongType        verdict.Rule // a value is of another type
	Null             verdict.Rule // a value that may not be null is
	OutOfRange       verdict.Rule // a number is not in its range
	UnknownValue     verdict.Rule // a text is none of those that may stand there
	MissingField     verdict.Rule // a key that is required is not there
	UnquotedTemplate verdict.Rule // a {{ template }} is not quoted
	AliasExpansion   verdict.Rule // aliases unfold to too much
	MergeKey         verdict.Rule // a key << stands where it is refused
	IgnoredField     verdict.Rule // a key has no effect
	RepeatedKey      verdict.Rule // a key stands twice, and the last one counts
}
