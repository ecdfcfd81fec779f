package yamldoc

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc/naming"
	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

// Reader reads the files of one format: it says which YAML they are, which rules they may
// break, and what only the format can say. It is safe for concurrent use.
type Reader struct {
	Profile *Profile
	Rules   *Rules
	// MaxErrors is how many errors of a file are reported before it is read no further.
	MaxErrors int
	// Empty is what to do with a file that has no keys; it may be nil.
	Empty func(file string) Proposal
	// Template is what to do with a {{ template }} without quotes, which YAML takes for a
	// mapping. Without it that is a mapping like others.
	Template func(v *Value) Proposal
}

// Document is the one YAML document of a file, as the reader's profile has it.
type Document struct {
	Root *yaml.Node // no null
	src  *source
}

// Read parses a file and decodes it as a t. It returns nil when the file has no content
// that could be judged, which it has then reported.
func (r *Reader) Read(name string, data []byte, t *Type, found func(verdict.Finding)) *Value {
	doc := r.Parse(name, data, found)
	if doc == nil {
		return nil
	}
	return r.Decode(doc, t, found)
}

// Decode makes a t of a document that r has parsed. What does not fit is reported, and bad.
func (r *Reader) Decode(doc *Document, t *Type, found func(verdict.Finding)) *Value {
	d := &decoder{Reader: r, src: doc.src, found: found, textual: t.AnyKeys, expected: values(doc.Root)}
	return d.decode(doc.Root, t, d.value(nil, "", -1, position{}))
}

// Parse reads the one document of a file. It returns nil for a file that has none, or has
// more, which it has then reported.
func (r *Reader) Parse(name string, data []byte, found func(verdict.Finding)) *Document {
	if f, bad := r.unreadable(name, data); bad {
		found(f)
		return nil
	}
	doc, fault := syntax.Parse(data, r.Profile.Syntax)
	switch {
	case fault != nil:
		found(r.Rules.Syntax.At(verdict.Place{File: name, Line: fault.Line, Column: fault.Column}, fault.Message, fault.Help))
		return nil
	case doc.Root == nil:
		found(r.emptyDocument(name))
		return nil
	case doc.Next.Line > 0:
		p := verdict.Place{File: name, Line: doc.Next.Line, Column: doc.Next.Column}
		found(r.Rules.SeveralDocuments.At(p, "the file holds more than one YAML document", "keep one; text after a second --- would be ignored"))
		return nil
	}
	root := doc.Root
	if n := below(root, maxDepth); n != nil {
		found(r.Rules.TooDeep.At(verdict.Place{File: name, Line: n.Line, Column: n.Column}, fmt.Sprintf("values are nested more than %d deep here", maxDepth), "flatten the structure"))
		return nil
	}
	if r.isNull(root) {
		found(r.emptyDocument(name))
		return nil
	}
	return &Document{Root: root, src: &source{name: name, profile: r.Profile, data: data, names: naming.NewTree(root)}}
}

// maxDepth is how deep values may be nested.
const maxDepth = 128

// below is a node more than depth levels below n, nil if there is none.
func below(n *yaml.Node, depth int) *yaml.Node {
	if depth < 0 {
		return n
	}
	for _, c := range n.Content {
		if deep := below(c, depth-1); deep != nil {
			return deep
		}
	}
	return nil
}

// emptyDocument is the finding of a file without keys.
func (r *Reader) emptyDocument(name string) verdict.Finding {
	return r.emptyMeant(name).Of(r.Rules.NoContent.At(verdict.Place{File: name}, name+" holds no keys, only comments or nothing", ""))
}

// emptyMeant is what to do with a file without keys.
func (r *Reader) emptyMeant(name string) Proposal {
	if r.Empty == nil {
		return Advice("")
	}
	return r.Empty(name)
}

// unreadable finds what makes a text no YAML at all.
func (r *Reader) unreadable(name string, data []byte) (verdict.Finding, bool) {
	switch {
	case len(data) == 0:
		return r.emptyMeant(name).Of(r.Rules.EmptyFile.At(verdict.Place{File: name}, name+" is empty", "")), true
	case bytes.HasPrefix(data, []byte("\ufeff")):
		return r.Rules.ByteOrderMark.At(verdict.Place{File: name, Line: 1, Column: 1}, "the file starts with a byte order mark", "save it as UTF-8 without a byte order mark"), true
	}
	return verdict.Finding{}, false
}
