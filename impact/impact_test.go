package impact_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/impact"
	"github.com/seed306eabeb/muster/scope"
)

const declaration = `muster: 1
units:
  service:
    at: services/*/
    checks:
      - {id: read, syntax: yaml, in: "*.yaml"}
      - id: form
        schema: schemas/service.json
        in: service.yaml
  topic:
    at: topics/*.yaml
    checks:
      - {id: topic, syntax: yaml}
`

// repository is the files of one, on which the tests' changes are made.
func repository() map[string]string {
	return map[string]string{
		"muster.yaml":                 declaration,
		"schemas/service.json":        `{"type": "object"}`,
		"services/pay/service.yaml":   "name: pay\n",
		"services/pay/values.yaml":    "a: 1\n",
		"services/ship/service.yaml":  "name: ship\n",
		"services/stock/service.yaml": "name: stock\n",
		"topics/orders.yaml":          "id: 1\n",
		"topics/refunds.yaml":         "id: 2\n",
	}
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, link := strings.CutPrefix(text, "->"); link {
			err = os.Symlink(target, file)
		} else {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func resolve(t *testing.T, dir string) scope.Resolved {
	t.Helper()
	what, err := config.Load(dir, config.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := worktree.Open(dir, what.Layout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	r, err := scope.Scope{Fleet: tree, Checks: what.Checks, Mistakes: what.Findings}.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Invalid() {
		t.Fatalf("the configuration is invalid: %+v", r.Findings()[0].Message)
	}
	return r
}

// told is an impact as the tables below have it.
func told(m *impact.Impact) (all []string) {
	for _, u := range m.Units {
		line := fmt.Sprintf("%s %s", u.Unit, u.Change)
		if u.From != "" {
			line += " from " + string(u.From)
		}
		if u.To != "" {
			line += " to " + string(u.To)
		}
		for _, r := range u.Reasons {
			line += fmt.Sprintf("; %s %s", r.Input, r.Name)
			switch {
			case r.Was == "":
				line += " +"
			case r.Is == "":
				line += " -"
			}
		}
		all = append(all, line)
	}
	return all
}

func TestCompare(t *testing.T) {
	t.Parallel()
	services := func(reason string) []string {
		return []string{"services/pay changed; " + reason, "services/ship changed; " + reason, "services/stock changed; " + reason}
	}
	for _, c := range []struct {
		name   string
		change func(files map[string]string)
		want   []string
	}{
		{"nothing", func(map[string]string) {}, nil},
		{"a file that belongs to no unit", func(f map[string]string) { f["README.md"] = "read me" }, nil},
		{"a comment in muster.yaml", func(f map[string]string) { f["muster.yaml"] += "# nobody reads this\n" }, nil},
		{"a file", func(f map[string]string) { f["services/pay/values.yaml"] = "a: 2\n" },
			[]string{"services/pay changed; file services/pay/values.yaml"}},
		{"a file that is the unit", func(f map[string]string) { f["topics/orders.yaml"] = "id: 3\n" },
			[]string{"topics/orders.yaml changed; file topics/orders.yaml"}},
		{"a file more", func(f map[string]string) { f["services/pay/more.yaml"] = "" },
			[]string{"services/pay changed; file services/pay/more.yaml +"}},
		{"a file less", func(f map[string]string) { delete(f, "services/pay/values.yaml") },
			[]string{"services/pay changed; file services/pay/values.yaml -"}},
		{"a link in place of a file", func(f map[string]string) { f["services/pay/values.yaml"] = "->../ship/service.yaml" },
			[]string{"services/pay changed; file services/pay/values.yaml"}},
		{"a unit more", func(f map[string]string) { f["services/new/service.yaml"] = "name: new\n" }, []string{"services/new added"}},
		{"a unit less", func(f map[string]string) { delete(f, "services/ship/service.yaml") }, []string{"services/ship removed"}},
		{"a unit that is renamed", func(f map[string]string) {
			f["services/post/service.yaml"] = f["services/ship/service.yaml"]
			delete(f, "services/ship/service.yaml")
		}, []string{"services/post added from services/ship", "services/ship removed to services/post"}},
		{"a unit of one file that is renamed", func(f map[string]string) {
			f["topics/bills.yaml"] = f["topics/orders.yaml"]
			delete(f, "topics/orders.yaml")
		}, []string{"topics/bills.yaml added from topics/orders.yaml", "topics/orders.yaml removed to topics/bills.yaml"}},
		{"a folder in place of a file", func(f map[string]string) {
			delete(f, "topics/orders.yaml")
			f["topics/orders.yaml/a"] = ""
		}, []string{"topics/orders.yaml removed"}},
		{"a link in place of a unit", func(f map[string]string) {
			delete(f, "services/ship/service.yaml")
			f["services/ship"] = "->pay"
		}, []string{"services/ship changed; unreadable services/ship +"}},
		{"a schema", func(f map[string]string) { f["schemas/service.json"] = `{"type": "object", "title": "a service"}` },
			services("shared schemas/service.json")},
		{"what muster.yaml says of a kind", func(f map[string]string) {
			f["muster.yaml"] = strings.Replace(declaration, "in: service.yaml", "in: '*.yaml'", 1)
		}, services("declaration muster.yaml")},
		{"a check less", func(f map[string]string) {
			f["muster.yaml"] = strings.Replace(declaration, "      - id: form\n        schema: schemas/service.json\n        in: service.yaml\n", "", 1)
		}, services("declaration muster.yaml; shared schemas/service.json -")},
		{"how large a unit may be", func(f map[string]string) {
			f["muster.yaml"] = strings.Replace(declaration, "at: topics/*.yaml\n", "at: topics/*.yaml\n    limits: {unit: 2MiB}\n", 1)
		}, []string{"topics/orders.yaml changed; limit bytes", "topics/refunds.yaml changed; limit bytes"}},
		{"a kind of another name", func(f map[string]string) { f["muster.yaml"] = strings.Replace(declaration, "topic:", "subject:", 1) },
			[]string{"topics/orders.yaml changed; kind kind; declaration muster.yaml", "topics/refunds.yaml changed; kind kind; declaration muster.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := repository()
			was := resolve(t, write(t, files))
			c.change(files)
			is := resolve(t, write(t, files))
			m, err := impact.Compare(t.Context(), was, is)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(m)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// One unit alone is told the same of.
			for _, u := range m.Units {
				one, differs, err := impact.Of(t.Context(), was, is, u.Unit)
				if u.From, u.To = "", ""; err != nil || !differs || cmp.Diff(u, one) != "" {
					t.Errorf("%s alone: differs %v, %v\n%s", u.Unit, differs, err, cmp.Diff(u, one))
				}
			}
		})
	}
}

func TestOfWhatIsTheSame(t *testing.T) {
	t.Parallel()
	was, is := resolve(t, write(t, repository())), resolve(t, write(t, repository()))
	for _, unit := range []id.Unit{"services/pay", "services/none"} {
		if u, differs, err := impact.Of(t.Context(), was, is, unit); differs || err != nil {
			t.Errorf("%s differs: %+v, %v", unit, u, err)
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	m, err := impact.All(t.Context(), resolve(t, write(t, repository())), "there is no base")
	if err != nil || m.Everything != "there is no base" || m.Is != 5 || len(m.Units) != 5 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestNamesOfFiles: ids name bytes as git does.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	files := repository()
	was := resolve(t, write(t, files))
	files["topics/orders.yaml"] = ""
	m, err := impact.Compare(t.Context(), was, resolve(t, write(t, files)))
	if err != nil {
		t.Fatal(err)
	}
	const empty = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813" // of SHA-256
	if r := m.Units[0].Reasons[0]; r.Is != empty || r.Checks != nil {
		t.Errorf("%+v", r)
	}
}
