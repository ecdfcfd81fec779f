package commands

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/manifest"
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
