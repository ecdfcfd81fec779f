package manifest

import "github.com/seed306eabeb/muster/yamldoc"

// readingRules are what reading and decoding report.
var readingRules = yamldoc.Rules{
	Syntax:           ruleSyntax,
	EmptyFile:        ruleEmptyFile,
	ByteOrderMark:    ruleByteOrderMark,
	SeveralDocuments: ruleSeveralDocuments,
	NoContent:        ruleNoContent,
	NotUTF8:          ruleNotUTF8,
	TooDeep:          ruleTooDeep,
	UnknownField:     ruleUnknownField,
	DuplicateField:   ruleDuplicateField,
	WrongType:        ruleWrongType,
	Null:             ruleNull,
	OutOfRange:       ruleOutOfRange,
	UnknownValue:     ruleUnknownValue,
	MissingField:     ruleMissingField,
	UnquotedTemplate: ruleUnquotedTemplate,
	AliasExpansion:   ruleAliasExpansion,
	MergeKey:         ruleMergeKey,
	IgnoredField:     ruleIgnoredField,
	RepeatedKey:      ruleRepeatedKey,
}
