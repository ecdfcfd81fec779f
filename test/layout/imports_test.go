package layout

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/seed306eabeb/muster"
	root   = "muster" // how the page names the package at the module's root
	page   = "../../docs/architecture.md"
	// fence begins the block of the page that says who knows whom, one package a line:
	// what it may import stands behind the arrow, and further up.
	fence = "```imports"
	arrow = "─▶"
)

// only says who may import a foreign package.
var only = map[string][]string{
	"github.com/hibiken/asynq":                 {"tasks", "worker", "test/bench"},                                                                            // the bench: to compare with
	"gopkg.in/yaml.v3":                         {"document", "internal/foreign", "marks", "yamldoc", "yamldoc/naming", "yamldoc/syntax", "test/bench/nodes"}, // the others have its nodes alone, and the bench compares with it
	"github.com/prometheus/prometheus":         {"internal/foreign"},
	"github.com/prometheus/client_golang":      {"metrics"},
	"github.com/robfig/cron/v3":                {"internal/foreign"},
	"golang.org/x/text":                        {"manifest"},
	"github.com/mattn/go-runewidth":            {"report"},
	"github.com/bmatcuk/doublestar/v4":         {"fleet", "scope"},
	"github.com/theory/jsonpath":               {"checks/selector"},
	"cel.dev/cel-go":                           {"checks/rule"},
	"regexp/syntax":                            {"internal/foreign"},
	"github.com/spf13/cobra":                   {"internal/cli", "cmd/enqueue/commands", "cmd/worker/commands"},
	"github.com/redis/go-redis/v9":             {"ledger", "tasks", "worker", "internal/redisconn", "internal/preflight", "internal/acl", "cache/rediscache"},
	"github.com/dlclark/regexp2":               {"internal/ecma"},
	"github.com/reviewdog/errorformat":         {"checks/command/output"},
	"github.com/santhosh-tekuri/jsonschema/v6": {"checks/schema"},
}

// imports are the direct imports of every package of the module, without tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		all[name(words[0])] = words[1:]
	}
	return all
}

// name is a package's path inside the module; the one at its root is the module's own.
func name(path string) string {
	if path == module {
		return root
	}
	return strings.TrimPrefix(path, module+"/")
}

// inside are those of a package's imports that belong to the module, sorted.
func inside(paths []string) []string {
	own := []string{}
	for _, path := range paths {
		if path == module || strings.HasPrefix(path, module+"/") {
			own = append(own, name(path))
		}
	}
	return slices.Sorted(slices.Values(own))
}

// floor is one line of the page.
type floor struct {
	pkg  string
	sees []string
}

// floors reads the page's block, from the bottom of the house to its top.
func floors(t *testing.T, text string) []floor {
	t.Helper()
	_, block, found := strings.Cut(text, fence+"\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatalf("%s has no block that begins with %s", page, fence)
	}
	var all []floor
	for line := range strings.Lines(block) {
		pkg, sees, ok := strings.Cut(line, arrow)
		if !ok {
			t.Fatalf("%s: %q has no arrow", page, line)
		}
		f := floor{pkg: strings.TrimSpace(pkg), sees: []string{}}
		for name := range strings.SplitSeq(sees, ",") {
			if name = strings.TrimSpace(name); name != "" {
				f.sees = append(f.sees, name)
			}
		}
		all = append(all, f)
	}
	return all
}

// TestImportsAreThoseOfThePage: docs/architecture.md says who knows whom, and is the
// rule. A package it does not name, one that is gone, an arrow that is new and one that
// is gone all fail; so does an arrow that points down the list.
func TestImportsAreThoseOfThePage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	all := imports(t)
	named := map[string]bool{}
	for _, f := range floors(t, string(text)) {
		got, there := all[f.pkg]
		if !there {
			t.Errorf("%s names package %s, which is not there", page, f.pkg)
			continue
		}
		for _, seen := range f.sees {
			if !named[seen] {
				t.Errorf("%s: %s imports %s, which does not stand above it", page, f.pkg, seen)
			}
		}
		named[f.pkg] = true
		if has, says := inside(got), slices.Sorted(slices.Values(f.sees)); !slices.Equal(has, says) {
			t.Errorf("%s imports %v, and %s says %v", f.pkg, has, page, says)
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(all)) {
		if !named[pkg] && !isTest(pkg) {
			t.Errorf("%s does not name package %s: say there what it may import", page, pkg)
		}
	}
}

func isTest(pkg string) bool { return strings.HasPrefix(pkg, "test/") }

// TestProductKnowsNoTest: what is under test/ proves the product and is no part of it.
func TestProductKnowsNoTest(t *testing.T) {
	t.Parallel()
	for pkg, got := range imports(t) {
		if i := slices.IndexFunc(inside(got), isTest); i >= 0 && !isTest(pkg) {
			t.Errorf("%s imports %s", pkg, inside(got)[i])
		}
	}
}

func TestForeignPackagesHaveOnePlace(t *testing.T) {
	t.Parallel()
	all := imports(t)
	for foreign, may := range only {
		used := map[string]bool{}
		for pkg, got := range all {
			if slices.ContainsFunc(got, func(path string) bool { return path == foreign || strings.HasPrefix(path, foreign+"/") }) {
				used[pkg] = true
			}
		}
		if has := slices.Sorted(maps.Keys(used)); !slices.Equal(has, slices.Sorted(slices.Values(may))) {
			t.Errorf("%s is imported by %v, and the rule says %v: mend the code or the rule", foreign, has, may)
		}
	}
}
