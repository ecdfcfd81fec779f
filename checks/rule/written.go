package rule

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/parser"
)

// written is an expression as it was written.
type written struct {
	text string
	ast  *ast.AST
}

// textOf is a part of the expression, on one line.
func (w *written) textOf(e ast.Expr) string {
	if e.ID() == w.ast.Expr().ID() {
		return cutAt(oneLine(w.text), maxPart)
	}
	text, err := parser.Unparse(e, w.ast.SourceInfo())
	if err != nil {
		return cutAt(oneLine(w.text), maxPart)
	}
	return cutAt(strings.TrimSpace(oneLine(text)), maxPart)
}

// maxPart is how many runes of an expression a finding shows.
const maxPart = 160
