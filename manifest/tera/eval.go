package tera

import "strings"

// eval is the value of an expression.
func (r *renderer) eval(e *expr) (any, *Error) {
	if err := r.step(e.pos, 0); err != nil {
		return nil, err
	}
	if e.kind == exprPath && (e.negated || e.hasDefault()) {
		return r.lenient(e)
	}
	v, err := r.primary(e)
	if err != nil {
		return nil, err
	}
	return r.refine(e, v)
}

// hasDefault says whether an undefined variable has a value to fall back on. The
// filter counts only as the first one.
func (e *expr) hasDefault() bool {
	return len(e.filters) > 0 && e.filters[0].name == "default"
}

// lenient is the value of a variable that need not be defined: it has a default,
// or else its negation is true.
func (r *renderer) lenient(e *expr) (any, *Error) {
	v, ok, _ := r.lookup(e.path)
	switch {
	case r.fatal != nil:
		return nil, r.fatal
	case ok:
		return r.refine(e, v)
	case !e.hasDefault():
		return true, nil
	}
	value := e.filters[0].arg("value")
	if value == nil {
		return nil, r.errorf(e.filters[0].pos, "filter \"default\" needs an argument: default(value=…)")
	}
	v, err := r.eval(value)
	if err != nil {
		return nil, err
	}
	return r.refine(e, v)
}

// refine applies the filters and the negation of e to its value.
func (r *renderer) refine(e *expr, v any) (any, *Error) {
	for _, f := range e.filters {
		if f.name == "default" || f.name == "safe" {
			continue // default has acted before, and nothing is ever escaped
		}
		var err *Error
		if v, err = r.filter(v, f); err != nil {
			return nil, err
		}
	}
	if e.negated {
		return !truthy(v), nil
	}
	return v, nil
}

// primary is the value before filters and negation.
func (r *renderer) primary(e *expr) (any, *Error) {
	switch e.kind {
	case exprString:
		return e.text, nil
	case exprInt:
		return e.integer, nil
	case exprFloat:
		return e.float, nil
	case exprBool:
		return e.truth, nil
	case exprPath:
		return r.value(e.path)
	case exprArray:
		return r.list(e)
	case exprConcat:
		return r.concat(e)
	case exprCall:
		return r.function(e.call)
	case exprTest:
		return r.test(e.test)
	case exprMath:
		return r.mathValue(e)
	case exprMacro:
		return nil, r.errorf(e.pos, "macro %s does not exist: macros cannot be imported here", quote(e.text))
	}
	return r.truth(e) // a negated condition is negated here and once more by refine, as in Tera
}

func (r *renderer) list(e *expr) (any, *Error) {
	list := make([]any, 0, len(e.items))
	for _, item := range e.items {
		v, err := r.eval(item)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// concat joins strings and numbers.
func (r *renderer) concat(e *expr) (any, *Error) {
	var b strings.Builder
	for _, item := range e.items {
		v, err := r.primary(item)
		if err != nil {
			return nil, err
		}
		s, ok := v.(string)
		switch {
		case ok:
		case isNumber(v):
			s = numberText(v)
		default:
			return nil, r.errorf(item.pos, "\"~\" joins strings and numbers, %s is %s", item.describe(), kindOf(v))
		}
		if err := r.grow(item.pos, b.Len()+len(s)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// truth is an expression as a condition. Filters do not count here, and what
// fails in arithmetic or in a test is false.
func (r *renderer) truth(e *expr) (bool, *Error) {
	if err := r.step(e.pos, 0); err != nil {
		return false, err
	}
	if e.kind == exprCompare && (e.op == "==" || e.op == "!=") {
		return r.equality(e)
	}
	yes, err := r.condition(e)
	if err != nil {
		return false, err
	}
	return yes != e.negated, nil
}

func (r *renderer) condition(e *expr) (bool, *Error) {
	switch e.kind {
	case exprLogic:
		yes, err := r.truth(e.left)
		if err != nil || yes == (e.op == "or") {
			return yes, err
		}
		return r.truth(e.right)
	case exprCompare:
		return r.order(e)
	case exprPath:
		v, ok, _ := r.lookup(e.path)
		return ok && truthy(v), r.fatal
	case exprTest:
		yes, err := r.test(e.test)
		return err == nil && yes, r.fatal
	case exprMath, exprInt, exprFloat:
		n, err := r.number(e)
		return err == nil && truthy(n), r.fatal
	case exprBool:
		return e.truth, nil
	case exprString:
		return e.text != "", nil
	}
	return false, r.errorf(e.pos, "%s cannot be a condition: set it to a variable first", e.describe())
}

// equality compares by value. A number and anything else are never equal and
// never unequal, negated or not, as in Tera.
func (r *renderer) equality(e *expr) (bool, *Error) {
	a, err := r.eval(e.left)
	if err != nil {
		return false, err
	}
	b, err := r.eval(e.right)
	if err != nil {
		return false, err
	}
	if isNumber(a) != isNumber(b) {
		return false, nil
	}
	same := false
	if isNumber(a) {
		same = toFloat(a) == toFloat(b)
	} else if same, err = r.equal(e.pos, a, b, 0); err != nil {
		return false, err
	}
	return (same == (e.op == "==")) != e.negated, nil
}

// order is a comparison of two numbers.
func (r *renderer) order(e *expr) (bool, *Error) {
	a, err := r.operand(e.left)
	if err != nil {
		return false, err
	}
	b, err := r.operand(e.right)
	if err != nil {
		return false, err
	}
	if a == nil || b == nil {
		return false, r.errorf(e.pos, "0 divided by 0 cannot be compared")
	}
	x, y := toFloat(a), toFloat(b)
	switch e.op {
	case "<":
		return x < y, nil
	case "<=":
		return x <= y, nil
	case ">":
		return x > y, nil
	}
	return x >= y, nil
}

// describe names an expression in a message.
func (e *expr) describe() string {
	switch e.kind {
	case exprPath:
		return quote(e.path.text)
	case exprCall:
		return quote(e.call.name + "()")
	case exprString:
		return "the string " + quote(e.text)
	case exprInt, exprFloat:
		return "a number"
	case exprBool:
		return "a boolean"
	case exprArray:
		return "a list"
	case exprConcat:
		return "a text joined by \"~\""
	case exprMath:
		return "arithmetic"
	case exprMacro:
		return quote(e.text + "()")
	}
	return "a condition"
}
