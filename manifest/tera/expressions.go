package tera

import "strings"

// Operators, longest first where one begins like another.
var (
	mathOps    = []string{"+", "-", "*", "/", "%"}
	compareOps = []string{"<=", ">=", "<", ">", "==", "!="}
)

// logic reads a whole expression: or binds weaker than and, and than not.
func (p *parser) logic() (*expr, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.chain("or", func() (*expr, *Error) {
		return p.chain("and", p.negation)
	})
}

// chain reads operands joined by a word, which needs white space behind it.
func (p *parser) chain(word string, operand func() (*expr, *Error)) (*expr, *Error) {
	left, err := operand()
	for err == nil && p.acceptWord(word) {
		var right *expr
		if right, err = operand(); err == nil {
			left, err = p.binary(exprLogic, word, left, right)
		}
	}
	return left, err
}

// acceptWord accepts a word operator behind white space.
func (p *parser) acceptWord(word string) bool {
	p.space()
	start := p.pos
	if p.accept(word) && isSpace(p.peek()) {
		return true
	}
	p.pos = start
	return false
}

// binary joins two operands.
func (p *parser) binary(kind exprKind, op string, left, right *expr) (*expr, *Error) {
	e := &expr{pos: left.pos, kind: kind, op: op, left: left, right: right}
	e.height = max(left.height, right.height) + 1
	if e.height > maxHeight {
		return nil, p.errorf(e.pos, "more than %d operators in one expression", maxHeight)
	}
	return e, nil
}

func (p *parser) negation() (*expr, *Error) {
	negated := p.acceptWord("not")
	e, err := p.comparison()
	if err == nil && negated {
		e.negated = true
	}
	return e, err
}

func (p *parser) comparison() (*expr, *Error) {
	left, err := p.filteredSum()
	for err == nil {
		op := p.operator(compareOps)
		if op == "" {
			break
		}
		var right *expr
		if right, err = p.filteredSum(); err == nil {
			left, err = p.binary(exprCompare, op, left, right)
		}
	}
	return left, err
}

func (p *parser) operator(ops []string) string {
	p.space()
	for _, op := range ops {
		if p.accept(op) {
			return op
		}
	}
	return ""
}

// filteredSum reads arithmetic over filtered operands: after a filter, or
// before a parenthesis, an operator joins what stands on its two sides whole.
func (p *parser) filteredSum() (*expr, *Error) {
	return p.sum(p.filtered, true)
}

// filteredOrArray reads what a loop goes over.
func (p *parser) filteredOrArray() (*expr, *Error) {
	p.space()
	if p.peek() == '[' {
		return p.array()
	}
	return p.filtered()
}

// logicOrArray reads what a variable is set to, or an argument.
func (p *parser) logicOrArray() (*expr, *Error) {
	p.space()
	if p.peek() == '[' {
		return p.array()
	}
	return p.logic()
}

// array reads a list of values; a comma may follow the last.
func (p *parser) array() (*expr, *Error) {
	e := &expr{pos: p.pos, kind: exprArray}
	p.accept("[")
	for !p.next("]") {
		item, err := p.filtered()
		if err != nil {
			return nil, err
		}
		e.items = append(e.items, item)
		if !p.next(",") {
			if p.next("]") {
				break
			}
			return nil, p.errorf(p.pos, "expected \",\" or \"]\" in the list, found %s", p.found())
		}
	}
	return e, nil
}

// filtered reads arithmetic and the filters that its whole result goes through.
func (p *parser) filtered() (*expr, *Error) {
	e, err := p.arithmetic()
	for err == nil && p.next("|") {
		p.space()
		var f *call
		if f, err = p.namedCall("a filter's name"); err == nil {
			e.filters = append(e.filters, f)
		}
	}
	return e, err
}

// arithmetic reads operands without filters; a parenthesis can only be first.
func (p *parser) arithmetic() (*expr, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.sum(p.operand, false)
}

// sum reads operands joined by + and -, and below them by *, / and %.
func (p *parser) sum(operand func() (*expr, *Error), parens bool) (*expr, *Error) {
	product := func() (*expr, *Error) { return p.math(mathOps[2:], operand, parens) }
	return p.math(mathOps[:2], product, parens)
}

func (p *parser) math(ops []string, operand func() (*expr, *Error), parens bool) (*expr, *Error) {
	left, err := operand()
	for err == nil {
		op := p.mathOperator(ops, parens)
		if op == "" {
			break
		}
		var right *expr
		if right, err = operand(); err == nil {
			left, err = p.binary(exprMath, op, left, right)
		}
	}
	return left, err
}

// mathOperator accepts an operator if an operand follows: "%" and "-" may also
// be the end of the tag.
func (p *parser) mathOperator(ops []string, parens bool) string {
	start := p.pos
	if op := p.operator(ops); op != "" {
		p.space()
		if startsOperand(p.peek(), p.second()) || parens && p.peek() == '(' {
			return op
		}
	}
	p.pos = start
	return ""
}

func startsOperand(first, second byte) bool {
	return isIdentStart(first) || isDigit(first) || strings.IndexByte("\"'`", first) >= 0 ||
		first == '-' && isDigit(second)
}

// operand reads one value, or a parenthesis.
func (p *parser) operand() (*expr, *Error) {
	p.space()
	if !p.accept("(") {
		return p.value()
	}
	e, err := p.arithmetic()
	if err != nil {
		return nil, err
	}
	if !p.next(")") {
		return nil, p.errorf(p.pos, "expected \")\", found %s (filters and comparisons cannot stand in parentheses)", p.found())
	}
	return e, nil
}
