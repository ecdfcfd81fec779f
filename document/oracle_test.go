package document

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOracle: the files that another reader (ruamel.yaml for YAML 1.2, Python's json)
// refuses or takes are refused and taken. MUSTER_ORACLE names a folder of repositories, each
// with a list VERDICTS.tsv of paths and ok, schema or syntax.
func TestOracle(t *testing.T) {
	t.Parallel()
	root := os.Getenv("MUSTER_ORACLE")
	lists, err := filepath.Glob(filepath.Join(root, "*", "VERDICTS.tsv"))
	if err != nil || root == "" || len(lists) == 0 {
		t.Skip("MUSTER_ORACLE names no folder with lists */VERDICTS.tsv")
	}
	for _, list := range lists {
		data, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		files, differ := 0, 0
		for line := range strings.Lines(string(data)) {
			path, want, _ := strings.Cut(strings.TrimSpace(line), "\t")
			format, ok := FormatOf(path)
			if !ok {
				continue
			}
			text, err := os.ReadFile(filepath.Join(filepath.Dir(list), path))
			if err != nil {
				t.Fatal(err)
			}
			files++
			f := Reader{}.Read(path, text, format)
			if refused := len(f.Docs) == 0; refused != (want == "syntax") {
				differ++
				t.Errorf("%s is %s for the oracle, and here %s", path, want, said(f))
			}
		}
		t.Logf("%s: %d files, %d differ", filepath.Base(filepath.Dir(list)), files, differ)
	}
}
