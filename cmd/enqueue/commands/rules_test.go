package commands

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/verdict"
)

// TestPagesAreCurrent: two pages are written by the program, with `make docs`.
func TestPagesAreCurrent(t *testing.T) {
	t.Parallel()
	for page, write := range map[string]func(*bytes.Buffer) error{
		"../../../docs/rules.md":    func(b *bytes.Buffer) error { return rulesPage(b, cli.Program{Configs: config.Builtin()}.Rules()) },
		"../../../docs/manifest.md": func(b *bytes.Buffer) error { return manifest.WriteReference(b) },
	} {
		var want bytes.Buffer
		if err := write(&want); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s is out of date, run `make docs` (-program +page):\n%s", page, diff)
		}
	}
}

// TestOneRuleACode: what was noted down under a code, or a former one, is about one rule.
func TestOneRuleACode(t *testing.T) {
	t.Parallel()
	of := map[string]string{}
	for _, r := range (cli.Program{Configs: config.Builtin()}).Rules() {
		for _, code := range append([]string{r.Code, r.Name}, r.Aliases...) {
			if of[strings.ToLower(code)] != "" {
				t.Errorf("%s stands for %s and for %s", code, of[strings.ToLower(code)], r.Code)
			}
			of[strings.ToLower(code)] = r.Code
		}
	}
}

// TestARuleIsFoundByWhatItWasCalled, unless another is called so now.
func TestARuleIsFoundByWhatItWasCalled(t *testing.T) {
	t.Parallel()
	rules := []verdict.Rule{
		{Code: "X1", Name: "no-tabs", Aliases: []string{"X0", "port/old", "X2"}},
		{Code: "X2", Name: "no-spaces"},
	}
	for name, want := range map[string]string{"X1": "X1", "x0": "X1", "Port/Old": "X1", "X2": "X2", "no-spaces": "X2"} {
		if r, err := findRule(rules, name); err != nil || r.Code != want {
			t.Errorf("%s is %s, %v; want %s", name, r.Code, err, want)
		}
	}
}
