// Package syntax reads YAML text into nodes the way a named profile of YAML has
// it, and says where a text that cannot be read is faulty, and what to do.
//
// The parser is yaml.v3, which follows YAML 1.1 in places. What another parser
// reads differently is rewritten before yaml.v3 sees it, and the nodes get the
// text and the places of the file itself.
package syntax

// Profile is a dialect of YAML: how it differs from what yaml.v3 reads. The zero
// Profile is yaml.v3 as it is. Each setting stands alone.
type Profile struct {
	// FlowPlain lets plain text inside brackets begin with one of : ? | > and
	// hold a ?, as in [:8080, /healthz?deep].
	FlowPlain bool
	// FlowEmptyValues ends a plain key inside brackets at a colon that a comma or
	// a bracket follows, as in {uri:, wait: 5}.
	FlowEmptyValues bool
	// FlowIndent refuses text inside brackets that stands at the very column of
	// the keys around them.
	FlowIndent bool
	// ValueAtKey takes a value that stands alone in a line at the column of its key.
	ValueAtKey bool
	// EmptyKeys takes a colon without a key before it as the value of a null key.
	EmptyKeys bool
	// LineFeeds makes U+0085, U+2028 and U+2029 ordinary characters. A carriage
	// return without a line feed ends a line and does not begin one: what
	// follows it is at the column where it stands.
	LineFeeds bool
	// AnyDirective takes a directive of any name and any version, and gives it no
	// meaning.
	AnyDirective bool
	// AnyTag takes a tag that is a mere ! and one whose handle nobody declared.
	AnyTag bool
	// SlashEscape takes \/ for a slash inside double quotes, as JSON has it.
	SlashEscape bool
	// AnchoredEmpty makes an empty value with an anchor an empty string.
	AnchoredEmpty bool
}
