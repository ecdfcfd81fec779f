package manifest

// readingRules are what reading and decoding report.
var readingRules = readRules{
	syntax:           ruleSyntax,
	emptyFile:        ruleEmptyFile,
	byteOrderMark:    ruleByteOrderMark,
	severalDocuments: ruleSeveralDocuments,
	noContent:        ruleNoContent,
	notUTF8:          ruleNotUTF8,
	tooDeep:          ruleTooDeep,
	unknownField:     ruleUnknownField,
	duplicateField:   ruleDuplicateField,
	wrongType:        ruleWrongType,
	null:             ruleNull,
	outOfRange:       ruleOutOfRange,
	unknownValue:     ruleUnknownValue,
	missingField:     ruleMissingField,
	unquotedTemplate: ruleUnquotedTemplate,
	aliasExpansion:   ruleAliasExpansion,
	mergeKey:         ruleMergeKey,
	ignoredField:     ruleIgnoredField,
	repeatedKey:      ruleRepeatedKey,
}
