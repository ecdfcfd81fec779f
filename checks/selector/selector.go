// Package selector reads paths over documents (`dependencies[*].name`) and patterns over other
// texts, finds what they select, and says where it stands.
//
// A path is a query of RFC 9535, whose `$.` may be left out. It goes beyond the RFC in two ways: a
// name may hold "-" and "$" and begin with a digit without quotes (`default-features`, `$id`), and a
// `~` at its end takes the keys of what the rest selects in place of the values. What is selected
// comes in the order of its way, and each value once, so that it does not depend on how a map is
// iterated, nor on which way led to it.
//
// The RFC's grammar, and what a filter decides, is github.com/theory/jsonpath's. The walk is ours:
// the library's makes a node of everything on the way, in the order of Go's maps, and comes by many
// ways to the same value, so that a short query may select more than memory holds. Here each step
// goes to each value once, and how much may be selected has a limit. For the same reason a filter
// looks at the values below its own alone (see normal).
//
// All is safe for concurrent use.
package selector

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/theory/jsonpath/parser"
	"github.com/theory/jsonpath/spec"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// maxText is how many bytes of a path are read. Selectors are typed by people.
const maxText = 1 << 10

// Error is why a text is no selector or no pattern, or why one cannot be followed.
type Error struct {
	Column        int // in the text, 1-based, in runes
	Message, Help string
}

// Error is the message and where in the text it belongs.
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Message) }

// Selector is a path over documents.
type Selector struct {
	text  string
	steps []step
	keys  bool
}

// Parse reads a path. An error is an *Error.
func Parse(text string) (*Selector, error) {
	if len(text) > maxText {
		return nil, &Error{Column: 1, Message: fmt.Sprintf("the selector is %d bytes long; expected at most %d", len(text), maxText)}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Column: 1, Message: "the selector is not UTF-8"}
	}
	n, err := normalized(text)
	if err != nil {
		return nil, err
	}
	query, err := n.parse()
	if err != nil {
		return nil, err
	}
	s := &Selector{text: text, keys: n.keys}
	for _, segment := range query.Segments() {
		s.steps = append(s.steps, stepOf(segment))
	}
	if s.keys && len(s.steps) == 0 {
		return nil, &Error{Column: 1, Message: "the whole document has no key", Help: "write `*~` for the keys of the document"}
	}
	return s, nil
}

// parse has the library read what is written in the RFC's way. Its errors end in a position there.
func (n *normal) parse() (query *spec.PathQuery, failed error) {
	defer func() {
		if recover() != nil {
			query, failed = nil, &Error{Column: 1, Message: "the selector's parser cannot cope with it"}
		}
	}()
	query, err := parser.Parse(functions(), n.String())
	if err == nil {
		return query, nil
	}
	said := strings.TrimPrefix(err.Error(), parser.ErrPathParse.Error()+": ")
	column := n.end
	if at := strings.LastIndex(said, " at position "); at >= 0 {
		if position, err := strconv.Atoi(said[at+len(" at position "):]); err == nil {
			column = n.column(position - 1)
		}
		said = said[:at]
	}
	said = strings.ReplaceAll(said, functionPrefix, "")
	if strings.HasSuffix(said, "unexpected eof") {
		said = "the selector ends too early"
	}
	return nil, &Error{Column: column, Message: said, Help: "selectors look like `dependencies[*].name`, `$..id` and `a[\"x.y\"]`"}
}

// String is the text that was parsed.
func (s *Selector) String() string { return s.text }

// Node is what a selector selects: a value, or with IsKey the key under which a value stands.
type Node struct {
	Way   []string // from the document's root
	Value any      // the key as a string with IsKey
	IsKey bool
}

// Key is the text of a scalar: a string as it is, a number or boolean as JSON has it. Nulls, lists,
// mappings and numbers that JSON has no form for are none.
func (n Node) Key() (string, bool) {
	switch v := n.Value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case json.Number:
		return v.String(), true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", false
		}
		b, err := json.Marshal(v)
		return string(b), err == nil
	}
	return "", false
}

// Place is where the node stands in the document that it was selected from.
func (n Node) Place(d *document.Document) verdict.Place {
	if n.IsKey {
		return d.KeyAt(n.Way...)
	}
	return d.At(n.Way...)
}
