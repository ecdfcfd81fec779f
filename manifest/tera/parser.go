package tera

import (
	"slices"
	"strings"
)

// maxDepth bounds how deep tags and expressions may nest, and maxHeight how
// many operators may follow each other.
const (
	maxDepth  = 100
	maxHeight = 500
)

// parser reads a template by recursive descent. It decides by what stands at the
// cursor and never backs over more than a keyword or an operator, so that
// parsing takes time linear in the text.
type parser struct {
	scanner
	depth   int
	foreign *includeNode // what extends or the first top-level import needs
}

// place is where a body stands, which decides the tags it may hold.
type place int

const (
	inTemplate place = iota
	inFor
	inBlock
	inMacro
	inFilter
)

// keywords are the tags in the order in which their prefixes are tried.
var keywords = []string{
	"include", "import", "set", "macro", "block", "if", "for", "filter", "raw", "break", "continue", "extends",
	"elif", "else", "endif", "endfor", "endfilter", "endblock", "endmacro", "endraw",
}

// onlyIn lists the places of the tags that are not legal everywhere.
var onlyIn = map[string][]place{
	"import":   {inTemplate},
	"macro":    {inTemplate},
	"block":    {inTemplate, inBlock},
	"break":    {inFor},
	"continue": {inFor},
}

// endings are the tags that end the body of a tag.
var endings = map[string][]string{
	"if":     {"elif", "else", "endif"},
	"else":   {"endif"},
	"for":    {"endfor"},
	"filter": {"endfilter"},
	"block":  {"endblock"},
	"macro":  {"endmacro"},
}

// opened is the start of a tag: "{%", its dash and its keyword.
type opened struct {
	pos     int
	dash    bool
	keyword string
}

func (p *parser) errorf(pos int, format string, args ...any) *Error {
	err := newError(pos, format, args...)
	err.Syntax = true
	return err
}

// enter counts one level of nesting; leave must follow.
func (p *parser) enter() *Error {
	p.depth++
	if p.depth > maxDepth {
		return p.errorf(p.pos, "nested deeper than %d levels", maxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// template reads everything: extends may follow comments, and nothing else.
func (p *parser) template() ([]node, *Error) {
	for p.at("{#") {
		if err := p.comment(); err != nil {
			return nil, err
		}
	}
	if err := p.extends(); err != nil {
		return nil, err
	}
	body, _, err := p.body(inTemplate, nil)
	return body, err
}

func (p *parser) extends() *Error {
	start := p.scanner
	tag, err := p.open()
	if err != nil || tag.keyword != "extends" {
		p.scanner = start
		return nil
	}
	file, err := p.fileName(tag)
	if err != nil {
		return err
	}
	t, err := p.single(tag)
	p.foreign = &includeNode{tag: t, file: file}
	return err
}

// body reads nodes until a tag that ends parent, or to the end of the text when
// parent is nil, and returns that tag.
func (p *parser) body(where place, parent *opened) ([]node, *opened, *Error) {
	if err := p.enter(); err != nil {
		return nil, nil, err
	}
	defer p.leave()
	var body []node
	for {
		if where == inFilter && parent != nil && parent.keyword == "filter" {
			p.space() // the grammar skips white space between the parts of a filter section
		}
		if p.eof() {
			return body, nil, p.unclosed(parent)
		}
		n, end, err := p.part(where, parent)
		if err != nil || end != nil {
			return body, end, err
		}
		if n != nil {
			body = append(body, n)
		}
	}
}

func (p *parser) unclosed(parent *opened) *Error {
	if parent == nil {
		return nil
	}
	keyword := parent.keyword
	if keyword == "else" {
		keyword = "if"
	}
	return p.errorf(parent.pos, "{%% %s %%} is never closed: {%% end%s %%} is missing", keyword, keyword)
}

// part reads one node; a comment is none. It returns the tag instead if that
// ends parent.
func (p *parser) part(where place, parent *opened) (node, *opened, *Error) {
	switch {
	case p.at("{{"):
		n, err := p.output()
		return n, nil, err
	case p.at("{#"):
		return nil, nil, p.comment()
	case !p.at("{%"):
		return p.text(), nil, nil
	}
	tag, err := p.open()
	if err != nil {
		return nil, nil, err
	}
	if parent != nil && slices.Contains(endings[parent.keyword], tag.keyword) {
		return nil, &tag, nil
	}
	if places, limited := onlyIn[tag.keyword]; limited && !slices.Contains(places, where) {
		return nil, nil, p.errorf(tag.pos, "{%% %s %%} is not allowed here", tag.keyword)
	}
	n, err := p.tag(tag, where)
	return n, nil, err
}

// text reads up to the next "{{", "{%" or "{#".
func (p *parser) text() node {
	start := p.pos
	for !p.eof() {
		i := strings.IndexByte(p.rest(), '{')
		if i < 0 {
			p.pos = len(p.src)
			break
		}
		p.pos += i
		if p.at("{{") || p.at("{%") || p.at("{#") {
			break
		}
		p.pos++
	}
	return &textNode{text: p.src[start:p.pos]}
}

func (p *parser) comment() *Error {
	end := strings.Index(p.src[p.pos+2:], "#}")
	if end < 0 {
		return p.errorf(p.pos, "comment is never closed: \"#}\" is missing")
	}
	p.pos += 2 + end + 2
	return nil
}

func (p *parser) output() (node, *Error) {
	start := p.pos
	p.accept("{{")
	if p.peek() == '-' && !isDigit(p.second()) {
		return nil, p.errorf(p.pos, "\"{{-\" is not Tera syntax: only tags ({%%- and -%%}) control white space")
	}
	value, err := p.logic()
	if err != nil {
		return nil, err
	}
	if p.next("}}") {
		return &outputNode{value: value}, nil
	}
	if p.eof() {
		return nil, p.errorf(start, "\"{{\" is never closed: \"}}\" is missing")
	}
	return nil, p.errorf(p.pos, "expected \"}}\" after the expression, found %s", p.found())
}

func (p *parser) second() byte {
	if p.pos+1 >= len(p.src) {
		return 0
	}
	return p.src[p.pos+1]
}

// open reads the start of a tag and its keyword. A keyword needs no space behind
// it, so it is the one that the letters begin with.
func (p *parser) open() (opened, *Error) {
	tag := opened{pos: p.pos}
	if !p.accept("{%") {
		return tag, p.errorf(p.pos, "expected a tag, found %s", p.found())
	}
	tag.dash = p.accept("-")
	p.space()
	for _, k := range keywords {
		if p.accept(k) {
			tag.keyword = k
			return tag, p.elseIf(tag)
		}
	}
	if p.eof() {
		return tag, p.errorf(tag.pos, "\"{%%\" is never closed: \"%%}\" is missing")
	}
	return tag, p.errorf(p.pos, "unknown tag %s", p.found())
}

// elseIf names what other languages call elif.
func (p *parser) elseIf(tag opened) *Error {
	after := p.scanner
	after.space()
	if tag.keyword == "else" && after.word() == "if" {
		return p.errorf(tag.pos, "there is no {%% else if %%}: write {%% elif … %%}")
	}
	return nil
}

// close reads the end of a tag and says whether it has a dash.
func (p *parser) close(tag opened) (dash bool, err *Error) {
	p.space()
	switch {
	case p.accept("-%}"):
		return true, nil
	case p.accept("%}"):
		return false, nil
	case p.eof():
		return false, p.errorf(tag.pos, "\"{%%\" is never closed: \"%%}\" is missing")
	}
	return false, p.errorf(p.pos, "expected \"%%}\" to end {%% %s, found %s", tag.keyword, p.found())
}
