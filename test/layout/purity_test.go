package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// judging are the packages whose answers depend on what they are given, and on nothing of
// the machine.
var judging = []string{"manifest", "internal/foreign", "manifest/tera", "verdict", "yamldoc", "yamldoc/naming", "yamldoc/syntax", "marks", "document", "internal/ecma", "checks/schema", "checks/selector", "checks/rule", "checks/declared", "checks/command", "checks/command/output", "aggregator", "policy"}

// machine are the packages of the standard library that know of the machine, and who may
// import one all the same.
var machine = map[string]string{
	"os": "", "os/exec": "", "os/user": "", "io/ioutil": "", "net": "", "net/http": "", "syscall": "", "plugin": "", "math/rand": "", "math/rand/v2": "", "crypto/rand": "",
	"unsafe": "", "path/filepath": "", "time/tzdata": "", "runtime": "manifest", "runtime/debug": "manifest", // for the engine's name
}

// calls are the functions that read the machine, or what anybody wrote without a bound, and
// the package or the file that may call one all the same.
var calls = map[string]string{
	"time.Now": "", "time.Since": "", "time.Until": "", "time.Local": "", "time.LoadLocation": "", "time.FixedZone": "",
	"time.Parse":     "", // it looks at the local time zone; ParseInLocation does not have to
	"regexp.Compile": "internal/foreign", "regexp.CompilePOSIX": "", "regexp.Match": "", "regexp.MatchString": "",
	"yaml.NewDecoder": "internal/foreign", "yaml.Unmarshal": "yamldoc/jsonschema.go", // the defaults of keys, which the code has
	"yaml.NewEncoder": "", "yaml.Marshal": "",
}

// TestJudgesReadNothingElse: a verdict is the same on every machine, and every parser that is
// not ours is called where it is guarded.
func TestJudgesReadNothingElse(t *testing.T) {
	t.Parallel()
	for _, pkg := range judging {
		files, err := filepath.Glob(filepath.Join("../..", pkg, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pkg, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, what := range impure(t, pkg, file) {
				t.Errorf("%s", what)
			}
		}
	}
}

// impure lists what a file of a package uses and may not.
func impure(t *testing.T, pkg, file string) []string {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, imported := range tree.Imports {
		path, _ := strconv.Unquote(imported.Path.Value)
		if only, known := machine[path]; known && only != pkg {
			found = append(found, fset.Position(imported.Pos()).String()+" imports "+path+", which knows of the machine")
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if what := called(n, pkg, pkg+"/"+filepath.Base(file)); what != "" {
			found = append(found, fset.Position(n.Pos()).String()+" uses "+what+": call it in a guarded place, or not at all")
		}
		return true
	})
	return found
}

// called is the function that a node names and its package and file may not use. An expression that is
// compiled or fails at the start is written in the code.
func called(n ast.Node, pkg, file string) string {
	if call, ok := n.(*ast.CallExpr); ok {
		if name := selected(call.Fun); name == "regexp.MustCompile" || name == "regexp.MustCompilePOSIX" {
			if _, written := call.Args[0].(*ast.BasicLit); !written {
				return name + " of what is not written there"
			}
		}
	}
	e, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	name := selected(e)
	if only, known := calls[name]; known && only != pkg && only != file {
		return name
	}
	return ""
}

// selected is the name in a package that an expression is, "" if it is none.
func selected(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// TestImpure: the rule sees what it is about.
func TestImpure(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"import \"os\"":                                                              1,
		"import \"runtime\"":                                                         1,
		"import \"time\"\nvar now = time.Now()":                                      1,
		"import \"time\"\nvar zone = time.Local":                                     1,
		"import \"regexp\"\nvar re = regexp.MustCompile(`a`)":                        0,
		"import \"regexp\"\nfunc f(s string) { regexp.MustCompile(s) }":              1,
		"import \"regexp\"\nfunc f(s string) { regexp.Compile(s) }":                  1,
		"import \"gopkg.in/yaml.v3\"\nvar n yaml.Node":                               0,
		"import \"gopkg.in/yaml.v3\"\nfunc f(b []byte) { yaml.Unmarshal(b, nil) }":   1,
		"import \"time\"\nvar t, _ = time.ParseInLocation(\"\", \"\", time.UTC)":     0,
		"import (\"os\"; \"time\")\nvar t, _ = time.Parse(os.Args[0], os.Args[1])\n": 2,
	} {
		file := filepath.Join(t.TempDir(), "a.go")
		if err := os.WriteFile(file, []byte("package a\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := impure(t, "verdict", file); len(got) != want {
			t.Errorf("%s\ngot %q; expected %d", text, got, want)
		}
	}
}

// pure is the half of the house that neither talks to a server nor logs, with all that it
// imports here.
var pure = []string{"id", "bundle", "verdict", "check", "check/checktest", "check/engine", "yamldoc", "yamldoc/naming", "marks", "document", "checks/selector", "checks/schema", "checks/rule", "checks/declared", "checks/trial", "manifest", "aggregator", "policy", "report", "fleet", "config", "config/proposal"}

// TestThePureHalfKnowsNoServer: what is found, judged and reported is the same with a queue
// and without one.
func TestThePureHalfKnowsNoServer(t *testing.T) {
	t.Parallel()
	all := imports(t)
	for _, of := range pure {
		if _, there := all[of]; !there {
			t.Errorf("there is no package %s", of)
		}
		seen := map[string]bool{}
		for next := []string{of}; len(next) > 0; next = next[1:] {
			pkg := next[0]
			if seen[pkg] {
				continue
			}
			seen[pkg] = true
			for _, path := range all[pkg] {
				if path == "log" || path == "log/slog" || path == "net" || strings.HasPrefix(path, "net/") && path != "net/url" && path != "net/netip" ||
					strings.HasPrefix(path, "github.com/redis/") || strings.HasPrefix(path, "github.com/hibiken/") {
					t.Errorf("%s imports %s, by way of %s", of, path, pkg)
				}
			}
			next = append(next, inside(all[pkg])...)
		}
	}
}
