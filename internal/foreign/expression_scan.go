package foreign

import (
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/strutil"
)

// scan is what a look at the tokens of an expression says of the work that it makes. It takes
// time with their number alone.
type scan struct {
	text      string
	operators int
	patterns  int   // instructions of its regular expressions
	open      []int // where the brackets are that are not closed
	err       *ExpressionError
}

// work is about what parsing takes; each of the factors was measured.
func (s *scan) work() Work {
	return Work(len(s.text) + s.operators*s.operators/16 + 8*s.patterns)
}

func scanned(text string) *scan {
	s := &scan{text: text}
	err := atMost(text, maxExpression)
	if err == nil {
		err = guard(s.tokens)
	}
	if err != nil {
		s.err = tooMuch(0, "%v", err)
	}
	return s
}

// tokens reads the expression up to its end, or to the first token that is too much or is none.
func (s *scan) tokens() error {
	lexer := parser.Lex(s.text)
	var item parser.Item
	for last := item.Typ; s.err == nil; {
		lexer.NextItem(&item)
		switch {
		case item.Typ == parser.EOF || item.Typ == parser.ERROR:
			return nil
		case item.Typ == parser.COMMENT:
			continue
		case item.Typ == parser.STRING && (last == parser.EQL_REGEX || last == parser.NEQ_REGEX):
			s.pattern(int(item.Pos), item.Val)
		default:
			s.token(int(item.Pos), item.Typ)
		}
		last = item.Typ
	}
	return nil
}

func (s *scan) token(at int, typ parser.ItemType) {
	switch typ {
	case parser.LEFT_PAREN, parser.LEFT_BRACKET, parser.LEFT_BRACE:
		s.open = append(s.open, at)
	case parser.RIGHT_PAREN, parser.RIGHT_BRACKET, parser.RIGHT_BRACE:
		s.open = s.open[:max(len(s.open)-1, 0)]
	}
	if typ.IsOperator() || typ == parser.LEFT_BRACKET { // a subquery of a subquery is written as a chain, too
		s.operators++
	}
	switch {
	case len(s.open) > maxNesting:
		s.err = tooMuch(at, "brackets are nested more than %d deep here", maxNesting)
	case s.operators > maxOperators:
		s.err = tooMuch(at, "it has more than %d operators", maxOperators)
	}
}

// pattern counts a regular expression in quotes.
func (s *scan) pattern(at int, quoted string) {
	text, err := strutil.Unquote(quoted)
	if err != nil {
		return // the parser says so
	}
	size, err := PatternSize(text)
	if err != nil {
		s.err = tooMuch(at, "the regular expression is too large: %v", err)
	}
	s.patterns += size
}
