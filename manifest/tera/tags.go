package tera

import "strings"

// tag reads the rest of a tag after its keyword, with its body and its end.
func (p *parser) tag(o opened, where place) (node, *Error) {
	switch o.keyword {
	case "include":
		return p.include(o)
	case "import":
		return p.importMacros(o)
	case "set":
		return p.set(o)
	case "if":
		return p.conditional(o, where)
	case "for":
		return p.loop(o)
	case "filter":
		return p.filterSection(o)
	case "block":
		return p.block(o)
	case "macro":
		return p.macro(o)
	case "raw":
		return p.raw(o)
	case "break", "continue":
		t, err := p.single(o)
		return &jumpNode{tag: t, leave: o.keyword == "break"}, err
	case "extends":
		return nil, p.errorf(o.pos, "{%% extends %%} must be the first thing in a template")
	}
	return nil, p.errorf(o.pos, "{%% %s %%} has nothing to end here", o.keyword)
}

// single closes a tag that has no body.
func (p *parser) single(o opened) (tag, *Error) {
	dash, err := p.close(o)
	return tag{pos: o.pos, outBefore: o.dash, outAfter: dash}, err
}

// paired reads the body of a tag that p.tag has read up to its end, and the tag
// that ends it. named says that the end may repeat a name.
func (p *parser) paired(o opened, where place, named bool) (tag, []node, *Error) {
	first, err := p.close(o)
	if err != nil {
		return tag{}, nil, err
	}
	body, end, err := p.body(where, &o)
	if err != nil {
		return tag{}, nil, err
	}
	if named {
		p.space()
		p.ident()
	}
	last, err := p.close(*end)
	return tag{pos: o.pos, outBefore: o.dash, inFirst: first, inLast: end.dash, outAfter: last}, body, err
}

func (p *parser) fileName(o opened) (string, *Error) {
	p.space()
	file, ok, err := p.quoted()
	if err == nil && !ok {
		err = p.errorf(p.pos, "expected a quoted template name after %s, found %s", o.keyword, p.found())
	}
	return file, err
}

// name reads the identifier that a tag needs.
func (p *parser) name(o opened, what string) (string, *Error) {
	p.space()
	name := p.ident()
	if name == "" {
		return "", p.errorf(p.pos, "expected %s in {%% %s, found %s", what, o.keyword, p.found())
	}
	return name, nil
}

func (p *parser) include(o opened) (node, *Error) {
	file, err := p.fileName(o)
	if err != nil {
		return nil, err
	}
	t, err := p.single(o)
	return &includeNode{tag: t, file: file}, err
}

// importMacros reads an import. At the top it needs the other template; inside a
// condition Tera never looks at it.
func (p *parser) importMacros(o opened) (node, *Error) {
	file, err := p.fileName(o)
	if err != nil {
		return nil, err
	}
	if !p.next("as") {
		return nil, p.errorf(p.pos, "expected \"as\" after the template name, found %s", p.found())
	}
	if _, err = p.name(o, "a name"); err != nil {
		return nil, err
	}
	t, err := p.single(o)
	if p.depth == 1 && p.foreign == nil {
		p.foreign = &includeNode{tag: t, file: file}
	}
	return &importNode{tag: t}, err
}

// set reads set or set_global, whose letters begin alike: a set of the variable
// _global wins if an "=" follows.
func (p *parser) set(o opened) (node, *Error) {
	start := p.scanner
	name, ok := p.assigned()
	global := !ok && start.at("_global")
	if global {
		p.scanner = start
		p.accept("_global")
		name, ok = p.assigned()
	}
	if !ok {
		return nil, p.errorf(p.pos, "expected name = value in {%% set, found %s", p.found())
	}
	value, err := p.logicOrArray()
	if err != nil {
		return nil, err
	}
	t, err := p.single(o)
	return &setNode{tag: t, name: name, global: global, value: value}, err
}

// assigned reads "name =".
func (p *parser) assigned() (name string, ok bool) {
	p.space()
	name = p.ident()
	return name, name != "" && p.next("=")
}

func (p *parser) conditional(o opened, where place) (node, *Error) {
	n := &ifNode{tag: tag{pos: o.pos, outBefore: o.dash}}
	for arm := o; ; {
		b := branch{outBefore: arm.dash}
		var err *Error
		if arm.keyword != "else" {
			if b.cond, err = p.logic(); err != nil {
				return nil, err
			}
		}
		if b.firstOut, err = p.close(arm); err != nil {
			return nil, err
		}
		parent := opened{pos: o.pos, keyword: "if"}
		if arm.keyword == "else" {
			parent.keyword = "else"
		}
		body, end, err := p.body(where, &parent)
		if err != nil {
			return nil, err
		}
		b.body = body
		n.branches = append(n.branches, b)
		if end.keyword == "endif" {
			n.inLast = end.dash
			n.outAfter, err = p.close(*end)
			return n, err
		}
		arm = *end
	}
}

func (p *parser) loop(o opened) (node, *Error) {
	n := &forNode{}
	var err *Error
	if n.value, err = p.name(o, "a variable's name"); err != nil {
		return nil, err
	}
	if p.next(",") {
		n.key = n.value
		if n.value, err = p.name(o, "a second name"); err != nil {
			return nil, err
		}
	}
	if !p.next("in") {
		return nil, p.errorf(p.pos, "expected \"in\" after the names of {%% for, found %s", p.found())
	}
	if n.in, err = p.filteredOrArray(); err != nil {
		return nil, err
	}
	n.tag, n.body, err = p.paired(o, inFor, false)
	return n, err
}

func (p *parser) filterSection(o opened) (node, *Error) {
	p.space()
	filter, err := p.namedCall("a filter's name")
	if err != nil {
		return nil, err
	}
	t, body, err := p.paired(o, inFilter, false)
	return &filterNode{tag: t, filter: filter, body: body}, err
}

func (p *parser) block(o opened) (node, *Error) {
	name, err := p.name(o, "the block's name")
	if err != nil {
		return nil, err
	}
	t, body, err := p.paired(o, inBlock, true)
	return &blockNode{tag: t, name: name, body: body}, err
}

// macro reads a definition only to know that it is well formed: it cannot be
// rendered.
func (p *parser) macro(o opened) (node, *Error) {
	name, err := p.name(o, "the macro's name")
	if err != nil {
		return nil, err
	}
	if err := p.macroArguments(); err != nil {
		return nil, err
	}
	t, body, err := p.paired(o, inMacro, true)
	return &macroNode{tag: t, name: name, body: body}, err
}

// macroArguments reads "(a, b=1)".
func (p *parser) macroArguments() *Error {
	if !p.next("(") {
		return p.errorf(p.pos, "expected \"(\" after the macro's name, found %s", p.found())
	}
	if p.next(")") {
		return nil
	}
	for {
		p.space()
		if p.ident() == "" {
			return p.errorf(p.pos, "expected an argument's name, found %s", p.found())
		}
		if p.accept("=") {
			if _, err := p.literal(); err != nil {
				return err
			}
		}
		if p.next(")") {
			return nil
		}
		if !p.accept(",") {
			return p.errorf(p.pos, "expected \",\" or \")\" in the macro's arguments, found %s", p.found())
		}
	}
}

// raw takes everything up to endraw as text, without the white space at both
// ends, which Tera's grammar swallows.
func (p *parser) raw(o opened) (node, *Error) {
	first, err := p.close(o)
	if err != nil {
		return nil, err
	}
	start := p.pos
	for {
		i := strings.Index(p.rest(), "{%")
		if i < 0 {
			return nil, p.errorf(o.pos, "{%% raw %%} is never closed: {%% endraw %%} is missing")
		}
		p.pos += i
		text := p.src[start:p.pos]
		end, dash, ok := p.endRaw()
		if ok {
			t := tag{pos: o.pos, outBefore: o.dash, inFirst: first, inLast: end.dash, outAfter: dash}
			return &rawNode{tag: t, text: strings.Trim(text, " \t\r\n")}, nil
		}
	}
}

// endRaw reads an endraw tag, or moves past the "{%" of anything else.
func (p *parser) endRaw() (end opened, dash, ok bool) {
	start := p.pos
	end, err := p.open()
	if err == nil && end.keyword == "endraw" {
		if dash, err = p.close(end); err == nil {
			return end, dash, true
		}
	}
	p.pos = start + 2
	return end, false, false
}
