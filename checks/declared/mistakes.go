package declared

import (
	"slices"

	"github.com/seed306eabeb/muster/checks/schema"
)

// Mistake is a kind of finding of checks, which has the check's id for its rule.
type Mistake struct {
	Name    string
	Verb    string // of the checks that find it; Syntax stands for what is asked of all files
	Summary string // one line, no final period
	Doc     string
}

// Mistakes are all kinds of findings in units, by verb.
func Mistakes() []Mistake {
	all := slices.Clone(ownMistakes)
	for _, r := range schema.Rules() {
		if !slices.ContainsFunc(ofSchemas, func(name string) bool { return name == r.Name }) {
			all = append(all, Mistake{r.Name, Schema, r.Summary, r.Doc})
		}
	}
	slices.SortStableFunc(all, func(a, b Mistake) int { return slices.Index(order, a.Verb) - slices.Index(order, b.Verb) })
	return all
}

var order = append(Verbs(), deployedVerb)

// ofSchemas are what package schema finds in schemas, where it is a mistake of the configuration.
var ofSchemas = []string{"no-schema", "bad-schema", "remote-reference", "bad-reference", "duplicate-id", "other-draft", "ignored-sibling", "unknown-keyword", "impossible", "empty-schema"}

var ownMistakes = []Mistake{
	{"syntax", Syntax, "a file that its language does not allow", "No other check looks at such a file."},
	{"duplicate-key", Syntax, "a mapping has a key twice", "Readers take the first or the last of them, each as it likes. Both places are told. Of a check of the verb unique it is a key that two units give, or one unit twice."},
	{"template", Syntax, "a file that a template engine is to make into YAML", "It is checked once it is rendered. Nothing else is said of the file."},
	{"leading-zero", Syntax, "a number that programs that read YAML 1.1 take for an octal one", "010 is ten in YAML 1.2, and eight in YAML 1.1."},
	{"several-documents", Syntax, "a file with several documents where `documents: one` asks for one", ""},
	{"not-utf8", Syntax, "a file in another encoding than UTF-8", ""},
	{"not-text", Syntax, "a file with a zero byte, which is no text", ""},
	{"byte-order-mark", Syntax, "a mark that nobody sees in the midst of a text", ""},
	{"complex-key", Syntax, "a key that is a list or a mapping", "JSON has no words for it."},
	{"boolean-key", Syntax, "a key that is true or false, as `y` and `on` are for kubectl", "Quote it where the word is meant."},
	{"wrong-tag", Syntax, "a value that is not what its tag says", ""},
	{"merge-key", Syntax, "a `<<` that does not lead to a mapping", ""},
	{"unknown-alias", Syntax, "an alias for which there is no anchor before it", ""},
	{"recursive-alias", Syntax, "a value that contains itself by an alias", ""},
	{"infinite-number", Syntax, "a number that is infinite or none, which JSON has no words for", ""},
	{"too-deep", Syntax, "values that are nested in each other more than 128 times", ""},
	{"too-large", Syntax, "more than is read: of a file a million values or 32 MiB of text with all aliases unfolded, of a unit 10,000 keys, of a selector two million steps", ""},
	{nameNoFile, Syntax, "a unit in which nothing matches `in`", "Add the file, or say `optional: true` in the check."},
	{nameNotPlain, Syntax, "a file that is a link, a pipe or the like, or that cannot be read", "Nothing is followed out of the unit."},
	{nameNoLanguage, Syntax, "a file whose name says no language", "Name the language in a check: {syntax: yaml, in: …}."},
	{nameEmpty, Syntax, "a file of which kubectl reads no document", "It is empty, or has comments and nulls alone, and a schema or a rule is asked of it. `optional: true` in that check says that it may be so."},
	{"rule", Rule, "an expression that is false", "The values that matter stand in the message."},
	{"undecided", Rule, "an expression, its `when` or its `each` that ends in an error", "A value that is not there is one: ask has(self.tier) first, or write self.?tier.orValue('standard')."},
	{"cost", Rule, "an expression that takes more work than is allowed", "It is a million steps, about a fifth of a second."},
	{nameUnknownKey, Exists, "a key that is nowhere the check looks", "Each key is the name of a unit of a kind, or a key that a unit provides, as `as` says. What only the whole fleet can answer is held against no part of it."},
	{nameCycle, Acyclic, "keys that lead from unit to unit and back to where they began", "The places on the way are told."},
	{nameNoRegion, deployedVerb, "a unit that is deployed in a region that there is not", "The regions are those of `regions` in muster.yaml, and a unit names its own where `deployed` says."},
}
