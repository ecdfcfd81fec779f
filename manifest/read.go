package manifest

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/internal/syntax"
	"github.com/seed306eabeb/muster/verdict"
)

// reader reads the files of one format.
type reader struct {
	profile *Profile
	rules   *readRules
	// maxErrors is after how many errors a file is read no further.
	maxErrors int
	// empty is what to do with a file that has no keys; it may be nil.
	empty func(file string) proposal
	// template is what to do with a {{ template }} without quotes, which YAML takes for a
	// mapping. Without it that is a mapping like others.
	template func(v *value) proposal
}

// parse decodes a file as a t. It returns nil when the file has no content that
// could be judged, which it has then reported.
func (r *reader) parse(name string, data []byte, t *typ, found func(verdict.Finding)) *value {
	root := r.parseYAML(name, data, found)
	if root == nil {
		return nil
	}
	src := &source{name: name, profile: r.profile, data: data}
	d := &decoder{reader: r, src: src, found: found, textual: t.textual, expected: values(root)}
	return d.decode(root, t, d.value(nil, "", -1, position{}))
}

// parseYAML reads the one document of a file.
func (r *reader) parseYAML(name string, data []byte, found func(verdict.Finding)) *yaml.Node {
	if f, bad := r.unreadable(name, data); bad {
		found(f)
		return nil
	}
	doc, fault := syntax.Parse(data, r.profile.Syntax)
	switch {
	case fault != nil:
		found(r.rules.syntax.At(verdict.Place{File: name, Line: fault.Line, Column: fault.Column}, fault.Message, fault.Help))
		return nil
	case doc.Root == nil:
		found(r.emptyDocument(name))
		return nil
	case doc.Next.Line > 0:
		p := verdict.Place{File: name, Line: doc.Next.Line, Column: doc.Next.Column}
		found(r.rules.severalDocuments.At(p, "the file holds more than one YAML document", "keep one; text after a second --- would be ignored"))
		return nil
	}
	root := doc.Root
	if n := below(root, maxDepth); n != nil {
		found(r.rules.tooDeep.At(verdict.Place{File: name, Line: n.Line, Column: n.Column}, fmt.Sprintf("values are nested more than %d deep here", maxDepth), "flatten the structure"))
		return nil
	}
	if r.isNull(root) {
		found(r.emptyDocument(name))
		return nil
	}
	return root
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
func (r *reader) emptyDocument(name string) verdict.Finding {
	return r.emptyMeant(name).of(r.rules.noContent.At(verdict.Place{File: name}, name+" holds no keys, only comments or nothing", ""))
}

// emptyMeant is what to do with a file without keys.
func (r *reader) emptyMeant(name string) proposal {
	if r.empty == nil {
		return advice("")
	}
	return r.empty(name)
}

// unreadable finds what makes a text no YAML at all.
func (r *reader) unreadable(name string, data []byte) (verdict.Finding, bool) {
	switch {
	case len(data) == 0:
		return r.emptyMeant(name).of(r.rules.emptyFile.At(verdict.Place{File: name}, name+" is empty", "")), true
	case bytes.HasPrefix(data, []byte("\ufeff")):
		return r.rules.byteOrderMark.At(verdict.Place{File: name, Line: 1, Column: 1}, "the file starts with a byte order mark", "save it as UTF-8 without a byte order mark"), true
	}
	return verdict.Finding{}, false
}
