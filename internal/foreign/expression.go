package foreign

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// Work is what the expressions of one service may take together, in units of which a
// machine does some eight million in a second. It is spent as they are read.
type Work int

// ServiceWork is what a service begins with.
const ServiceWork Work = 8_000_000

const (
	// maxExpression and maxOperators leave room for what is written by programs: 80 KB that
	// join 8,000 selectors with "or".
	maxExpression = 256 << 10
	maxOperators  = 10_000
	// maxNesting is how deep values of YAML may be nested, too.
	maxNesting = 128
	// plain is the length up to which an expression without patterns costs nothing to
	// speak of, whatever is in it.
	plain = 512
)

// ExpressionError says what is wrong with an expression, and where.
type ExpressionError struct {
	Offset int // in bytes, in the expression
	Msg    string
	Bound  bool // it exceeds a bound of this package, and may be PromQL
}

// Error is the message.
func (e *ExpressionError) Error() string { return e.Msg }

func tooMuch(offset int, format string, args ...any) *ExpressionError {
	return &ExpressionError{offset, fmt.Sprintf(format, args...), true}
}

// expressions is the parser of alert expressions, which may be used by several goroutines at
// once. It knows the functions of every Prometheus: those that one has to enable, and the old
// name of one of them.
var expressions = parser.NewParser(parser.Options{
	EnableExperimentalFunctions: true,
	EnableBinopFillModifiers:    true,
	Functions:                   functions(),
})

// functions are those of the parser, and holt_winters, as Prometheus before 3.0 calls
// double_exponential_smoothing.
func functions() map[string]*parser.Function {
	all := maps.Clone(parser.Functions)
	if f := all["double_exponential_smoothing"]; f != nil {
		old := *f
		old.Name, old.Experimental = "holt_winters", false
		all[old.Name] = &old
	}
	return all
}

// Expression says what is wrong with PromQL, nil if nothing is. The parser takes time with the
// square of the operators and brackets, so that the work is judged before.
func Expression(text string, left *Work) *ExpressionError {
	var s *scan
	if len(text) > plain || strings.Contains(text, "~") {
		if s = scanned(text); s.err != nil {
			return s.err
		}
		if s.work() > *left {
			*left = 0
			return tooMuch(0, "it and the expressions before it are too much to read for one service")
		}
		*left -= s.work()
	}
	err := guard(func() error {
		_, err := expressions.ParseExpr(text)
		return err
	})
	if err == nil {
		return nil
	}
	if s == nil {
		s = scanned(text)
	}
	return s.placed(err)
}

// placed turns an error of the parser into one that has its place in the text: what is never
// closed is where it is opened, and what lacks something is behind its last letter. The parser sees that a
// parenthesis closes nothing when it is past it.
func (s *scan) placed(err error) *ExpressionError {
	first := parser.ParseErr{Err: err}
	var many parser.ParseErrors
	var one *parser.ParseErr
	switch {
	case errors.Is(err, parser.ErrUnexpected):
		first.Err = ErrBroken
	case errors.As(err, &many) && len(many) > 0:
		first = many[0]
	case errors.As(err, &one):
		first = *one
	}
	at, end := max(0, int(first.PositionRange.Start)), len(strings.TrimRight(s.text, " \t\r\n"))
	switch n := len(s.open); {
	case n > 0 && at >= end:
		at = s.open[n-1]
	case at > 0 && strings.HasPrefix(first.Err.Error(), "unexpected right parenthesis"):
		at--
	}
	return &ExpressionError{Offset: min(at, end), Msg: brief(first.Err)}
}
