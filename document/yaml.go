package document

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
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
	// maxText is how many bytes its keys and texts may have together, aliases unfolded: whoever
	// writes them out needs as much room.
	maxText = 32 << 20
)

// readYAML reads the documents of a YAML text.
func readYAML(name string, text []byte, d *dialect) *source {
	s := &source{name: name, text: text, bounded: !d.syntax.LineFeeds && hasBreaks(text)}
	roots, fault := syntax.ParseAll(text, d.syntax)
	if fault != nil {
		s.fail(s.faulty(fault))
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
	b := &builder{source: s, dialect: d}
	for i, root := range kept {
		b.named = map[*yaml.Node]*built{}
		t := &tree{source: s, root: root, dialect: d}
		s.docs = append(s.docs, &Document{Index: i, value: b.value(root, 1), place: t.place, names: t.names})
		if b.done {
			break
		}
	}
	s.marks()
	return s
}

// hasBreaks says that a text has line ends that are none for some.
func hasBreaks(text []byte) bool {
	return slices.ContainsFunc([]string{"\r", "\u0085", "\u2028", "\u2029"}, func(end string) bool { return bytes.Contains(text, []byte(end)) })
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
func (s *source) faulty(f *syntax.Fault) verdict.Finding {
	p := s.at(f.Line, f.Column)
	switch {
	case f.Template.Line > 0:
		return s.template(s.at(f.Template.Line, f.Template.Column))
	case hasTemplate(string(s.line(p.Line))):
		return s.template(p)
	}
	return verdict.Finding{Name: "syntax", Message: f.Message, Place: p, Help: f.Help}
}

var (
	// expression is one that the reader of a file evaluates in its texts, as in ${{ x }}.
	expression = regexp.MustCompile(`\$\{\{.*?\}\}`)
	// quoted is a text in quotes that holds no half of a template.
	quoted = regexp.MustCompile(`"(?:[^"\\{]|\\.|\{[^{%]|\{\{[^"]*\}\}|\{%[^"]*%\})*"|'(?:[^'{]|\{[^{%]|\{\{[^']*\}\}|\{%[^']*%\})*'`)
)

// hasTemplate says that a line that YAML refuses has the braces of a template.
func hasTemplate(line string) bool {
	line = quoted.ReplaceAllString(expression.ReplaceAllString(line, ""), "")
	return strings.Contains(line, "{{") || strings.Contains(line, "{%")
}

// template is the finding of a file that is to become YAML.
func (s *source) template(p verdict.Place) verdict.Finding {
	return verdict.Finding{
		Name: "template", Place: p,
		Message: "the file looks like a template: " + quote(strings.TrimSpace(string(s.line(p.Line)))) + " stands here, and YAML takes its braces for its own",
		Help:    "quote the value if the braces are part of it; a template is checked once it is rendered, and may be left out here",
	}
}

// builder makes plain values of nodes.
type builder struct {
	*source
	*dialect
	count   int // of the values so far, aliases unfolded
	text    int // bytes of keys and texts so far, aliases unfolded
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
	text   int // bytes of the keys and texts in it
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
	outer, count, text := b.deepest, b.count, b.text
	b.deepest = depth
	v.value = b.plain(n, depth)
	v.count, v.text, v.height, v.open = b.count-count+1, b.text-text, b.deepest-depth+1, false
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
	case b.text > maxText:
		b.stop(n, "too-large", fmt.Sprintf("the file has more than %d MiB of keys and texts, aliases unfolded", maxText>>20), "write fewer aliases of long texts")
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
	if v == nil {
		return b.unnamed(n)
	}
	if v.open {
		b.fail(verdict.Finding{
			Name: "recursive-alias", Place: b.here(n),
			Message: "the alias *" + yamldoc.Shorten(n.Value) + " stands inside the value that it names, which would have no end",
			Help:    "name another value, or write the text out",
		})
		return nil
	}
	if b.text += v.text; !b.admits(n, v.count, depth+v.height-1) {
		return nil
	}
	return v.value
}

// unnamed is the value of an alias whose anchor has no value: it is that of a merge key, or
// stands in another document, or in a key that was refused.
func (b *builder) unnamed(n *yaml.Node) any {
	switch {
	case n.Alias.Kind == yaml.ScalarNode && n.Alias.Value == mergeKey:
		return mergeKey
	case len(b.errors) == 0:
		b.fail(verdict.Finding{
			Name: "unknown-alias", Place: b.here(n),
			Message: "the alias *" + yamldoc.Shorten(n.Value) + " has no anchor before it in its document",
			Help:    "anchors end with their document: repeat the value",
		})
	}
	return nil
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
		b.text += len(s.Text)
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

// warnOctal warns of a number that other programs read as an octal one, or as a text.
func (b *builder) warnOctal(n *yaml.Node, v any) {
	digits := strings.TrimLeft(n.Value, "+-")
	if len(digits) < 2 || digits[0] != '0' || digits[1] < '0' || digits[1] > '9' || strings.Trim(digits, "0123456789") != "" {
		return
	}
	other, help := "a text", ""
	if i, err := strconv.ParseInt(digits, 8, 64); err == nil {
		if own, small := v.(int64); small && max(own, -own) == i {
			return
		}
		other = strings.TrimRight(n.Value[:1], "0+") + strconv.FormatInt(i, 10)
		help = "; an octal number is written 0o" + strings.TrimLeft(digits, "0")
	}
	b.warn(verdict.Finding{
		Name: "leading-zero", Place: b.here(n),
		Message: fmt.Sprintf("%s is the number %v here, and %s for programs that read YAML 1.1", yamldoc.Shorten(n.Value), v, other),
		Help:    "quote it if it is a text, or take the zero out" + help,
	})
}
