package rule

import (
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/parser"
)

// maxPart is how many runes of an expression a finding shows.
const maxPart = 160

// written is an expression as it was written.
type written struct {
	text string
	ast  *ast.AST
}

// textOf is a part of the expression as it was written, on one line. The compiler knows where the
// tokens of a part begin, and not where it ends.
func (w *written) textOf(e ast.Expr) string {
	text := w.text
	if e.ID() != w.ast.Expr().ID() {
		first, last := w.tokens(e)
		part, ok := excerpt([]rune(w.text), first, last)
		if !ok {
			var err error
			if part, err = parser.Unparse(e, w.ast.SourceInfo()); err != nil {
				part = w.text
			}
		}
		text = part
	}
	return cutAt(oneLine(text), maxPart)
}

// tokens are where the first and the last token of a part begin that the compiler kept.
func (w *written) tokens(e ast.Expr) (first, last int) {
	first = -1
	info := w.ast.SourceInfo()
	var visit func(e ast.Expr)
	visit = func(e ast.Expr) {
		if where, ok := info.GetOffsetRange(e.ID()); ok {
			if at := int(where.Start); first < 0 || at < first {
				first = at
			}
			last = max(last, int(where.Start))
		}
		if macro, ok := info.GetMacroCall(e.ID()); ok {
			each(macro, visit)
			return
		}
		each(e, visit)
	}
	visit(e)
	return first, last
}

// excerpt is the part of an expression between two tokens, with all brackets that open in it, and
// those around its beginning that close in it.
func excerpt(text []rune, first, last int) (string, bool) {
	if first < 0 || last >= len(text) {
		return "", false
	}
	for text[first] == '(' && first > 0 && (isWordRune(text[first-1]) || text[first-1] == '.') {
		for first--; first > 0 && (isWordRune(text[first-1]) || text[first-1] == '.'); first-- {
		}
	}
	for at, open := first, 0; at < len(text); {
		end, change := token(text, at)
		if open += change; open < 0 { // it closes one in front of the first
			if first = bracketBefore(text, first); first < 0 {
				return "", false
			}
			at, open = first, 0
			continue
		}
		if at >= last && open == 0 && !strings.ContainsRune(".?!- \t\n", text[at]) {
			return string(text[first:end]), true
		}
		at = end
	}
	return "", false
}

// bracketBefore is where the bracket stands in front of a position, -1 where there is none.
func bracketBefore(text []rune, at int) int {
	for at--; at >= 0 && unicode.IsSpace(text[at]); at-- {
	}
	if at < 0 || text[at] != '(' {
		return -1
	}
	return at
}

// token is the end of the token at a position, and how many brackets are open more behind it.
func token(text []rune, at int) (end, change int) {
	switch r := text[at]; {
	case r == '"' || r == '\'' || r == '`':
		return quoted(text, at, false), 0
	case strings.ContainsRune("([{", r):
		return at + 1, 1
	case strings.ContainsRune(")]}", r):
		return at + 1, -1
	case isWordRune(r):
		number := unicode.IsDigit(r)
		for end = at; end < len(text) && (isWordRune(text[end]) || number && text[end] == '.'); end++ {
		}
		if end < len(text) && (text[end] == '"' || text[end] == '\'') {
			return quoted(text, end, strings.ContainsAny(string(text[at:end]), "rR")), 0
		}
		return end, 0
	case r == '/' && at+1 < len(text) && text[at+1] == '/': // a comment
		for end = at; end < len(text) && text[end] != '\n'; end++ {
		}
		return end, 0
	}
	return at + 1, 0
}

// quoted is the end of the text in quotes at a position.
func quoted(text []rune, at int, raw bool) int {
	quote, width := text[at], 1
	if at+2 < len(text) && text[at+1] == quote && text[at+2] == quote && quote != '`' {
		width = 3
	}
	for i := at + width; i < len(text); i++ {
		if text[i] == '\\' && !raw {
			i++
			continue
		}
		if text[i] == quote && (width == 1 || i+2 < len(text) && text[i+1] == quote && text[i+2] == quote) {
			return i + width
		}
	}
	return len(text)
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
