package tera

import (
	"strconv"
	"strings"
)

// value reads a boolean, a concatenation or a single operand of one. A name that
// begins with "true" or "false" is that boolean, as Tera reads it.
func (p *parser) value() (*expr, *Error) {
	if e := p.boolean(); e != nil {
		return e, nil
	}
	first, err := p.concatOperand()
	if err != nil {
		return nil, err
	}
	if p.concatAhead(first) {
		return p.concat(first)
	}
	if first.kind != exprPath {
		return first, nil
	}
	return p.afterPath(first)
}

func (p *parser) boolean() *expr {
	for _, b := range []string{"true", "false", "True", "False"} {
		if pos := p.pos; p.accept(b) {
			return &expr{pos: pos, kind: exprBool, truth: b[1] == 'r'}
		}
	}
	return nil
}

func (p *parser) concatAhead(e *expr) bool {
	start := p.pos
	if e.kind == exprMacro || !p.next("~") {
		p.pos = start
		return false
	}
	return true
}

// concat reads the operands after the first "~".
func (p *parser) concat(first *expr) (*expr, *Error) {
	e := &expr{pos: first.pos, kind: exprConcat, items: []*expr{first}}
	for {
		p.space()
		item, err := p.concatOperand()
		if err != nil {
			return nil, err
		}
		e.items = append(e.items, item)
		if !p.concatAhead(item) {
			return e, nil
		}
	}
}

// concatOperand reads a number, a string, a call or a path.
func (p *parser) concatOperand() (*expr, *Error) {
	c := p.peek()
	if !isIdentStart(c) {
		return p.literal()
	}
	start := p.pos
	name := p.ident()
	if p.next("::") {
		return p.macroCall(start, name)
	}
	called := p.at("(")
	p.pos = start
	if called {
		c, err := p.namedCall("a function's name")
		return &expr{pos: start, kind: exprCall, call: c}, err
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	return &expr{pos: start, kind: exprPath, path: path}, nil
}

func (p *parser) macroCall(start int, namespace string) (*expr, *Error) {
	p.space()
	c := p.call()
	if c.name == "" || !p.next("(") {
		return nil, p.errorf(p.pos, "expected a macro's name and \"(\" after %s::, found %s", namespace, p.found())
	}
	e := &expr{pos: start, kind: exprMacro, text: namespace + "::" + c.name, call: c}
	return e, p.arguments(c)
}

// literal reads a number, a quoted string or, as a macro's default, a boolean.
func (p *parser) literal() (*expr, *Error) {
	if e := p.boolean(); e != nil {
		return e, nil
	}
	start := p.pos
	text, ok, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if ok {
		return &expr{pos: start, kind: exprString, text: text}, nil
	}
	if c := p.peek(); isDigit(c) || c == '-' && isDigit(p.second()) {
		return p.numeral()
	}
	return nil, p.errorf(p.pos, "expected a value, found %s", p.found())
}

// quoted reads a string between quotes of one of three kinds, without escapes.
func (p *parser) quoted() (text string, ok bool, err *Error) {
	mark := p.peek()
	if mark == 0 || strings.IndexByte("\"'`", mark) < 0 {
		return "", false, nil
	}
	start := p.pos
	end := strings.IndexByte(p.src[start+1:], mark)
	if end < 0 {
		return "", false, p.errorf(start, "string is never closed: %s is missing", quote(string(mark)))
	}
	p.pos = start + 1 + end + 1
	return p.src[start+1 : start+1+end], true, nil
}

// numeral reads an integer without leading zeros, or a float with digits on both
// sides of its point.
func (p *parser) numeral() (*expr, *Error) {
	start := p.pos
	p.integer()
	if p.peek() == '.' && isDigit(p.second()) {
		p.pos++
		p.run(isDigit)
		f, err := strconv.ParseFloat(p.src[start:p.pos], 64)
		if err != nil {
			return nil, p.errorf(start, "number %s is out of range", quote(p.src[start:p.pos]))
		}
		return &expr{pos: start, kind: exprFloat, float: f}, nil
	}
	i, err := strconv.ParseInt(p.src[start:p.pos], 10, 64)
	if err != nil {
		return nil, p.errorf(start, "integer %s is out of range", quote(p.src[start:p.pos]))
	}
	return &expr{pos: start, kind: exprInt, integer: i}, nil
}

// integer moves over an integer; a leading zero is a whole one.
func (p *parser) integer() string {
	start := p.pos
	p.accept("-")
	if !p.accept("0") {
		p.run(isDigit)
	}
	return p.src[start:p.pos]
}

// afterPath reads the test that may follow a path of names.
func (p *parser) afterPath(e *expr) (*expr, *Error) {
	after := p.pos
	if strings.ContainsRune(e.path.text, '[') || !p.next("is") {
		p.pos = after
		return e, nil
	}
	p.space()
	t := &test{path: e.path, pos: p.pos}
	if t.name = p.ident(); t.name == "" {
		return nil, p.errorf(p.pos, "expected a test's name after \"is\", found %s", p.found())
	}
	if end := p.pos; !p.next("(") {
		p.pos = end
	} else if err := p.testArguments(t); err != nil {
		return nil, err
	}
	return &expr{pos: e.pos, kind: exprTest, test: t}, nil
}

// testArguments reads the values after "(", at least one.
func (p *parser) testArguments(t *test) *Error {
	for {
		arg, err := p.logic()
		if err != nil {
			return err
		}
		t.args = append(t.args, arg)
		if p.next(")") {
			return nil
		}
		if !p.accept(",") {
			return p.errorf(p.pos, "expected \",\" or \")\" in the arguments of %s, found %s", quote(t.name), p.found())
		}
	}
}

// call reads a name, which may be missing.
func (p *parser) call() *call {
	c := &call{pos: p.pos}
	c.name = p.ident()
	return c
}

// namedCall reads a name and its keyword arguments, if any.
func (p *parser) namedCall(what string) (*call, *Error) {
	c := p.call()
	if c.name == "" {
		return nil, p.errorf(p.pos, "expected %s, found %s", what, p.found())
	}
	if end := p.pos; !p.next("(") {
		p.pos = end
		return c, nil
	}
	return c, p.arguments(c)
}

// arguments reads what follows "(", up to ")".
func (p *parser) arguments(c *call) *Error {
	if p.next(")") {
		return nil
	}
	for {
		arg, err := p.argument()
		if err != nil {
			return err
		}
		c.args = append(c.args, arg)
		if p.next(")") {
			return nil
		}
		if !p.accept(",") {
			return p.errorf(p.pos, "expected \",\" or \")\" in the arguments of %s, found %s", quote(c.name), p.found())
		}
	}
}

func (p *parser) argument() (argument, *Error) {
	p.space()
	start := p.pos
	name := p.ident()
	if name == "" || !p.next("=") {
		return argument{}, p.errorf(start, "expected an argument as name=value, found %s", (&scanner{p.src, start}).found())
	}
	value, err := p.logicOrArray()
	return argument{name: name, value: value}, err
}

// path reads a variable: names and indices joined by dots, and brackets with an
// integer, a quoted key or another path in them, all without white space.
func (p *parser) path() (*path, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	v := &path{pos: p.pos}
	v.steps = []step{{name: p.ident()}}
	for {
		switch {
		case p.peek() == '.' && isIdent(p.second()):
			p.pos++
			v.steps = append(v.steps, step{name: p.run(isIdent)})
		case p.peek() == '[':
			s, err := p.bracket()
			if err != nil {
				return nil, err
			}
			v.steps = append(v.steps, s)
		default:
			v.text = p.src[v.pos:p.pos]
			return v, nil
		}
	}
}

func (p *parser) bracket() (step, *Error) {
	p.accept("[")
	s, err := p.index()
	if err != nil {
		return step{}, err
	}
	if !p.accept("]") {
		return step{}, p.errorf(p.pos, "expected \"]\" right after the index, found %s", p.found())
	}
	return s, nil
}

// index reads what stands in brackets. A key in backquotes is taken for a
// variable of that odd name, which cannot exist.
func (p *parser) index() (step, *Error) {
	start := p.pos
	c := p.peek()
	if isIdentStart(c) {
		sub, err := p.path()
		return step{sub: sub}, err
	}
	if isDigit(c) || c == '-' && isDigit(p.second()) {
		return step{name: p.integer()}, nil
	}
	key, ok, err := p.quoted()
	if err != nil {
		return step{}, err
	}
	if !ok {
		return step{}, p.errorf(start, "expected an index, a quoted key or a variable in brackets, found %s", p.found())
	}
	if c == '`' {
		text := p.src[start:p.pos]
		return step{sub: &path{pos: start, text: text, steps: []step{{name: text}}}}, nil
	}
	return step{name: key}, nil
}
