package tera

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Numbers are int64, uint64 (only above the range of int64) and float64.

func isNumber(v any) bool {
	switch v.(type) {
	case int64, uint64, float64:
		return true
	}
	return false
}

// plain makes an integer that fits one an int64 and leaves everything else.
func plain(v any) any {
	if n, ok := v.(uint64); ok && n <= math.MaxInt64 {
		return int64(n)
	}
	return v
}

// toFloat converts a number.
func toFloat(n any) float64 {
	switch n := n.(type) {
	case int64:
		return float64(n)
	case uint64:
		return float64(n)
	case float64:
		return n
	}
	return math.NaN()
}

// numberText prints a number as output shows it: a float in its shortest form
// without exponent, and without point where it is whole.
func numberText(n any) string {
	switch n := n.(type) {
	case int64:
		return strconv.FormatInt(n, 10)
	case uint64:
		return strconv.FormatUint(n, 10)
	}
	return strconv.FormatFloat(toFloat(n), 'f', -1, 64)
}

// numberJSON prints a number as JSON: a float always has a point or, when it is
// very large or small, an exponent.
func numberJSON(n any) string {
	f, ok := n.(float64)
	if !ok {
		return numberText(n)
	}
	if size := math.Abs(f); size != 0 && (size < 1e-5 || size >= 1e16) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		s = strings.Replace(s, "e+", "e", 1)
		return strings.Replace(s, "e-0", "e-", 1)
	}
	s := numberText(f)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// mathValue is the result of arithmetic; 0 divided by 0 prints as NaN.
func (r *renderer) mathValue(e *expr) (any, *Error) {
	n, err := r.number(e)
	if err == nil && n == nil {
		return "NaN", nil
	}
	return n, err
}

// operand is an expression as a number, after its filters; nil is not a number.
func (r *renderer) operand(e *expr) (any, *Error) {
	if len(e.filters) == 0 {
		return r.number(e)
	}
	v, err := r.eval(e)
	if err != nil {
		return nil, err
	}
	if !isNumber(v) {
		return nil, r.errorf(e.pos, "arithmetic and order need numbers, the filtered value is %s", kindOf(v))
	}
	return v, nil
}

// number is an expression before filters as a number; nil is not a number, the
// result of dividing 0 by 0.
func (r *renderer) number(e *expr) (any, *Error) {
	if err := r.step(e.pos, 0); err != nil {
		return nil, err
	}
	if e.kind == exprMath {
		return r.arithmetic(e)
	}
	switch e.kind {
	case exprInt, exprFloat, exprPath, exprCall:
	default:
		return nil, r.errorf(e.pos, "arithmetic and order need numbers, not %s", e.describe())
	}
	v, err := r.primary(e)
	if err != nil {
		return nil, err
	}
	if !isNumber(v) {
		return nil, r.errorf(e.pos, "arithmetic and order need numbers, %s is %s", e.describe(), kindOf(v))
	}
	return v, nil
}

func (r *renderer) arithmetic(e *expr) (any, *Error) {
	a, err := r.operand(e.left)
	if err != nil {
		return nil, err
	}
	b, err := r.operand(e.right)
	if err != nil || a == nil || b == nil {
		return nil, err
	}
	n, failed := calculate(e.op, a, b)
	if failed != nil {
		return nil, r.abort(e.pos, "%s %s %s %v", numberText(a), e.op, numberText(b), failed)
	}
	return n, nil
}

var (
	errZero     = errors.New("divides by zero")
	errOverflow = errors.New("is out of range")
)

// calculate does one operation: in integers where both are, except for division.
func calculate(op string, a, b any) (any, error) {
	x, xInt := a.(int64)
	y, yInt := b.(int64)
	if xInt && yInt && op != "/" {
		return integers(op, x, y)
	}
	n := floats(op, toFloat(a), toFloat(b))
	switch {
	case op == "/" && toFloat(a) == 0 && toFloat(b) == 0:
		return nil, nil
	case (op == "/" || op == "%") && toFloat(b) == 0:
		return nil, errZero
	case math.IsInf(n, 0) || math.IsNaN(n):
		return nil, errOverflow
	}
	return n, nil
}

func floats(op string, x, y float64) float64 {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	}
	return math.Mod(x, y)
}

func integers(op string, x, y int64) (any, error) {
	switch op {
	case "+":
		if sum := x + y; (sum > x) == (y > 0) {
			return sum, nil
		}
	case "-":
		if diff := x - y; (diff < x) == (y > 0) {
			return diff, nil
		}
	case "*":
		product := x * y
		if x == 0 || product/x == y && !(x == -1 && y == math.MinInt64) {
			return product, nil
		}
	case "%":
		if y == 0 {
			return nil, errZero
		}
		return x % y, nil
	}
	return nil, errOverflow
}
