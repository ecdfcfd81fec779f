package commands

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/report"
)

// TestEveryFieldOfARunIsSet: a field of the report that no command fills in is a promise that
// nobody keeps.
func TestEveryFieldOfARunIsSet(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool { noteFields(n, set); return true })
	}
	for field := range reflect.TypeFor[report.Run]().Fields() {
		if !set[field.Name] {
			t.Errorf("no command sets Run.%s", field.Name)
		}
	}
}

// noteFields notes the fields that a literal of report.Run or an assignment to one sets.
func noteFields(n ast.Node, set map[string]bool) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if sel, ok := n.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Run" {
			return
		}
		for _, element := range n.Elts {
			if kv, ok := element.(*ast.KeyValueExpr); ok {
				set[kv.Key.(*ast.Ident).Name] = true
			}
		}
	case *ast.AssignStmt:
		for _, left := range n.Lhs {
			if sel, ok := left.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "about" {
					set[sel.Sel.Name] = true
				}
			}
		}
	}
}
