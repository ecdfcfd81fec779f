package layout

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed306eabeb/muster"

// allowed says, for each package, which others of this module it may import.
// Packages that are not named here have rules of their own below.
var allowed = map[string][]string{
	"verdict":            {},
	"bundle":             {},
	"manifest":           {"manifest/tera", "verdict"},
	"manifest/tera":      {},
	"fleet":              {"bundle", "verdict"},
	"tasks":              {"bundle", "verdict"},
	"ledger":             {},
	"aggregator":         {"verdict"},
	"report":             {"aggregator", "verdict"},
	"run":                {"aggregator", "bundle", "fleet", "ledger", "tasks", "verdict"},
	"internal/redisconn": {},
	"internal/embedded":  {"internal/redisconn"},
	"internal/preflight": {},
	"internal/redistest": {"internal/embedded", "internal/redisconn"},
	"internal/genfleet":  {},
	"internal/proxy":     {},
	"test/processes":     {},
	"test/machine":       {},
}

// only says who may import a foreign package.
var only = map[string][]string{
	"github.com/hibiken/asynq":     {"tasks", "run", "cmd/enqueue", "cmd/worker", "test/bench"}, // the bench: to compare with
	"gopkg.in/yaml.v3":             {"manifest", "internal/genfleet"},
	"github.com/spf13/cobra":       {"internal/cli", "cmd/enqueue", "cmd/worker"},
	"github.com/redis/go-redis/v9": {"ledger", "tasks", "internal/redisconn", "internal/embedded", "internal/preflight", "internal/redistest"},
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
		all[strings.TrimPrefix(strings.TrimPrefix(words[0], module), "/")] = words[1:]
	}
	return all
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	all := imports(t)
	for pkg, may := range allowed {
		got, ok := all[pkg]
		if !ok {
			t.Errorf("package %s is named in the rules and is not there: mend the rules with the layout", pkg)
		}
		for _, path := range got {
			if inside, ok := strings.CutPrefix(path, module+"/"); ok && !slices.Contains(may, inside) {
				t.Errorf("%s imports %s; it may import %v", pkg, inside, may)
			}
		}
	}
}

func TestForeignPackagesHaveOnePlace(t *testing.T) {
	t.Parallel()
	all := imports(t)
	for foreign, may := range only {
		used := false
		for pkg, got := range all {
			if !slices.ContainsFunc(got, func(path string) bool { return path == foreign || strings.HasPrefix(path, foreign+"/") }) {
				continue
			}
			used = true
			if !slices.Contains(may, pkg) {
				t.Errorf("%s imports %s; only %v may", pkg, foreign, may)
			}
		}
		if !used {
			t.Errorf("nothing imports %s: mend the rules with the dependencies", foreign)
		}
	}
}

// TestOnlyCommandsKnowCheckers: the queue does not know what it checks.
func TestOnlyCommandsKnowCheckers(t *testing.T) {
	t.Parallel()
	for pkg, got := range imports(t) {
		knows := slices.Contains(got, module+"/manifest")
		if knows && pkg != "internal/cli" && !strings.HasPrefix(pkg, "cmd/") {
			t.Errorf("%s imports manifest; only the commands and internal/cli may", pkg)
		}
	}
}
