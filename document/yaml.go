package document

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

const (
	// maxDepth is how deep values may be nested, aliases unfolded.
	maxDepth = 128
	// maxValues is how many values a file may have, aliases unfolded.
	maxValues = 1_000_000
)

// readYAML reads the documents of a YAML text.
func readYAML(name string, text []byte, d *dialect) *source {
	s := &source{name: name}
	roots, fault := syntax.ParseAll(text, d.syntax)
	if fault != nil {
		s.fail(s.faulty(fault, text))
		return s
	}
	kept := roots[:0]
	for _, root := range roots {
		if !d.skips(root) {
			kept = append(kept, root)
		}
	}
	if len(kept) == 0 && !d.viaJSON {
		kept = append(kept, nullNode())
	}
	b := &builder{source: s, dialect: d, named: map[*yaml.Node]*built{}}
	for i, root := range kept {
		if b.done = b.done || len(s.errors) >= most; b.done {
			break
		}
		doc := &Document{Index: i, value: b.value(root, 1)}
		tree := &tree{name: name, root: root, dialect: d}
		doc.place = tree.place
		s.docs = append(s.docs, doc)
	}
	s.marks(text)
	return s
}

// skips says that a document is passed over: one without content, and in kubectl's YAML
// also one that is null.
func (d *dialect) skips(root *yaml.Node) bool {
	if root.Kind != yaml.ScalarNode {
		return false
	}
	if d.viaJSON {
		return d.scalars.Node(root).Kind == yamldoc.NullScalar
	}
	return root.Value == "" && root.Style == 0 && root.Anchor == ""
}

// faulty is the finding of a text that is no YAML.
func (s *source) faulty(f *syntax.Fault, text []byte) verdict.Finding {
	p := s.at(f.Line, f.Column)
	line, _, _ := bytes.Cut(text[min(newLines(text).start(p.Line), len(text)):], []byte("\n"))
	if f.Template || bytes.Contains(line, []byte("{{")) || bytes.Contains(line, []byte("{%")) {
		return s.template(p, strings.TrimSpace(string(line)))
	}
	return verdict.Finding{Name: "syntax", Message: f.Message, Place: p, Help: f.Help}
}

// template is the finding of a file that is to become YAML.
func (s *source) template(p verdict.Place, text string) verdict.Finding {
	return verdict.Finding{
		Name: "template", Place: p,
		Message: "the file looks like a template: " + quote(text) + " stands here, where YAML takes a brace for its own",
		Help:    "quote the value if the braces are part of it; a template is checked once it is rendered, and may be left out here",
	}
}

// marks warns of a byte order mark inside the text, which nobody sees.
func (s *source) marks(text []byte) {
	i := bytes.Index(text, []byte(byteOrderMark))
	if i < 0 {
		return
	}
	s.warn(verdict.Finding{
		Name: "byte-order-mark", Place: s.at(newLines(text).place(i)),
		Message: "a byte order mark (U+FEFF) stands here, which is part of the text and cannot be seen",
		Help:    "take it out: files that begin with one were put together",
	})
}

// builder makes plain values of nodes.
type builder struct {
	*source
	*dialect
	count   int // of the values so far, aliases unfolded
	deepest int // of the values since it was set
	done    bool
	named   map[*yaml.Node]*built
	way     []step
}

// step leads from a mapping or a list to a value in it.
type step struct {
	key   string
	index int // -1 of a mapping
}

// built is the value of a node with an anchor. Aliases share it, so that those that unfold
// to much cost little.
type built struct {
	value  any
	count  int // of the values in it, itself included
	height int // how many levels it has
	open   bool
}

// here is where a node stands, with the path of the value that is being read.
func (b *builder) here(n *yaml.Node) verdict.Place {
	p := b.at(n.Line, n.Column)
	p.Path = pathOf(b.way)
	return p
}

// value is the value of a node that stands at a depth, from 1.
func (b *builder) value(n *yaml.Node, depth int) any {
	if n.Kind == yaml.AliasNode {
		return b.alias(n, depth)
	}
	if !b.admits(n, 1, depth) {
		return nil
	}
	if n.Anchor == "" {
		return b.plain(n, depth)
	}
	v := &built{open: true}
	b.named[n] = v
	outer, before := b.deepest, b.count
	b.deepest = depth
	v.value = b.plain(n, depth)
	v.count, v.height, v.open = b.count-before+1, b.deepest-depth+1, false
	b.deepest = max(b.deepest, outer)
	return v.value
}

// admits counts values, of which the deepest stands at a depth. It is false where that is
// too much, or was before.
func (b *builder) admits(n *yaml.Node, values, depth int) bool {
	b.count += values
	b.deepest = max(b.deepest, depth)
	switch {
	case b.done:
	case depth > maxDepth:
		b.stop(n, "too-deep", fmt.Sprintf("values are nested more than %d deep here", maxDepth), "flatten the structure")
	case b.count > maxValues:
		b.stop(n, "too-large", fmt.Sprintf("the file has more than %d values, aliases unfolded", maxValues), "cut the file in several, or write fewer aliases")
	}
	return !b.done
}

// stop notes an error behind which nothing is read.
func (b *builder) stop(n *yaml.Node, name, message, help string) {
	b.done = true
	b.fail(verdict.Finding{Name: name, Message: message, Place: b.here(n), Help: help})
}

// alias is the value that an alias names.
func (b *builder) alias(n *yaml.Node, depth int) any {
	v := b.named[n.Alias]
	if v == nil || v.open {
		b.fail(verdict.Finding{
			Name: "recursive-alias", Place: b.here(n),
			Message: "the alias *" + yamldoc.Shorten(n.Value) + " stands inside the value that it names, which would have no end",
			Help:    "name another value, or write the text out",
		})
		return nil
	}
	if !b.admits(n, v.count, depth+v.height-1) {
		return nil
	}
	return v.value
}

func (b *builder) plain(n *yaml.Node, depth int) any {
	switch n.Kind {
	case yaml.MappingNode:
		return b.mapping(n, depth)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for i, c := range n.Content {
			b.way = append(b.way, step{index: i})
			list = append(list, b.value(c, depth+1))
			b.way = b.way[:len(b.way)-1]
			if b.done {
				break
			}
		}
		return list
	}
	return b.scalar(n)
}

// scalar is the value of a scalar.
func (b *builder) scalar(n *yaml.Node) any {
	s := b.scalars.Node(n)
	switch s.Kind {
	case yamldoc.StringScalar:
		return s.Text
	case yamldoc.NullScalar:
		return nil
	case yamldoc.BoolScalar:
		return s.Int != 0
	case yamldoc.InvalidScalar:
		b.fail(verdict.Finding{
			Name: "wrong-tag", Place: b.here(n),
			Message: fmt.Sprintf("the tag %s stands before %s, which is none", n.Tag, quote(n.Value)),
			Help:    "take the tag out, or mend the value",
		})
		return nil
	}
	v := b.scalars.Number(s)
	if f, ok := v.(float64); ok && b.viaJSON && (math.IsInf(f, 0) || math.IsNaN(f)) {
		b.fail(verdict.Finding{
			Name: "infinite-number", Place: b.here(n),
			Message: n.Value + " is a number that JSON does not have, and kubectl makes JSON of this file",
			Help:    "quote it if it is a text",
		})
	}
	if b.octal {
		b.warnOctal(n, v)
	}
	return v
}

// warnOctal warns of a number that other programs read as octal, where that is another.
func (b *builder) warnOctal(n *yaml.Node, v any) {
	digits := strings.TrimLeft(n.Value, "+-")
	if len(digits) < 2 || digits[0] != '0' || digits[1] < '0' || digits[1] > '9' || strings.Trim(digits, "0123456789") != "" {
		return
	}
	octal := "no integer"
	if i, err := strconv.ParseInt(digits, 8, 64); err == nil {
		own, small := v.(int64)
		if small && max(own, -own) == i {
			return
		}
		octal = strconv.FormatInt(i, 10)
	}
	b.warn(verdict.Finding{
		Name: "leading-zero", Place: b.here(n),
		Message: fmt.Sprintf("%s is %v here, and %s for programs that read YAML 1.1", yamldoc.Shorten(n.Value), v, octal),
		Help:    "take the zero out, or quote the text; an octal number is written 0o" + strings.TrimLeft(digits, "0"),
	})
}
