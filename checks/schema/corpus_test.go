package schema

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// fleet is a repository of the corpus, and which schema which of its files have.
type fleet struct {
	name    string
	schemas []string
	oracle  string // the schema that the verdicts of the other validator are about
	// of is the schema of a file, "" for none.
	of func(name string) string
}

var fleets = []fleet{
	{"nf-core", []string{"modules/meta-schema.json", "modules/yaml-schema.json", "modules/environment-schema.json", "subworkflows/yaml-schema.json"}, "modules/meta-schema.json", func(name string) string {
		switch base := path.Base(name); {
		case strings.HasPrefix(name, "modules/") && base == "environment.yml":
			return "modules/environment-schema.json"
		case strings.HasPrefix(name, "modules/") && base == "meta.yml":
			return "modules/yaml-schema.json"
		case strings.HasPrefix(name, "subworkflows/") && base == "meta.yml":
			return "subworkflows/yaml-schema.json"
		}
		return ""
	}},
	{"sigma", []string{"json-schema/sigma-filters-schema.json", "json-schema/sigma-detection-rule-schema.json", "json-schema/sigma-correlation-rules-schema.json"}, "json-schema/sigma-detection-rule-schema.json", func(name string) string {
		if path.Ext(name) != ".yml" || !strings.HasPrefix(name, "rules") {
			return ""
		}
		return "json-schema/sigma-detection-rule-schema.json"
	}},
	{"vcpkg", []string{
		"docs/vcpkg-tools.schema.json", "docs/vcpkg-schema-definitions.schema.json", "docs/manifest-info.schema.json",
		"docs/artifact.schema.json", "docs/vcpkg.schema.json", "docs/vcpkg-configuration.schema.json",
	}, "docs/vcpkg.schema.json", func(name string) string {
		if path.Base(name) != "vcpkg.json" {
			return ""
		}
		return "docs/vcpkg.schema.json"
	}},
}

// fleetFolder is where a fleet lies; its test is skipped where MUSTER_FLEETS does not say.
func fleetFolder(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("MUSTER_FLEETS")
	if root == "" {
		t.Skip("MUSTER_FLEETS names no folder with the repositories nf-core, sigma and vcpkg")
	}
	return subfolder(root, name)
}

// subfolder is a folder, or the one of the same name in it.
func subfolder(root, name string) string {
	dir := filepath.Join(root, name)
	if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
		return filepath.Join(dir, name)
	}
	return dir
}

// compiled are the schemas of a fleet by path.
func (f fleet) compiled(t testing.TB, dir string, o Options) map[string]*Schema {
	t.Helper()
	r, found := NewRegistry(os.DirFS(dir), f.schemas)
	for _, p := range found {
		t.Logf("%s: %s [%s]", p.Place, p.Message, p.Help)
	}
	all := map[string]*Schema{}
	for _, name := range f.schemas {
		s, found := r.Compile(name, o)
		for _, p := range found {
			t.Logf("%s: %s: %s [%s]", p.Place, p.Name, p.Message, p.Help)
		}
		if s == nil {
			t.Fatalf("%s/%s does not compile", f.name, name)
		}
		all[name] = s
	}
	return all
}

// TestFleets: the schemas of the corpus compile, and their files fit them, as their own checks say.
func TestFleets(t *testing.T) {
	for _, f := range fleets {
		t.Run(f.name, func(t *testing.T) {
			dir := fleetFolder(t, f.name)
			schemas := f.compiled(t, dir, Options{})
			files := filesOf(t, f, dir)
			for _, name := range files {
				for _, p := range checkFile(t, schemas[f.of(name)], dir, name) {
					if p.Severity == verdict.Error {
						t.Errorf("%q", said([]verdict.Finding{p}))
					}
				}
			}
			t.Logf("%d files", len(files))
		})
	}
}

// checkFile are the findings of a file, of its syntax or of its schema.
func checkFile(t *testing.T, s *Schema, dir, name string) []verdict.Finding {
	t.Helper()
	file := readFile(t, dir, name)
	found := file.Findings
	for _, d := range file.Docs {
		found = append(found, checked(s, d)...)
	}
	return found
}

func readFile(t testing.TB, dir, name string) document.File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	format, _ := document.FormatOf(name)
	return document.Reader{}.Read(name, data, format)
}

// agreement is the least share of an independent validator's verdicts that are ours.
const agreement = 0.999

// TestOracle: an independent validator, with formats off, says the same of the versions that
// files of the corpus had. MUSTER_ORACLE names a folder of repositories, each with a VERDICTS.tsv.
func TestOracle(t *testing.T) {
	root := os.Getenv("MUSTER_ORACLE")
	if root == "" {
		t.Skip("MUSTER_ORACLE names no folder with the verdicts of another validator")
	}
	same, all := 0, 0
	for _, f := range fleets {
		t.Run(f.name, func(t *testing.T) {
			dir := subfolder(root, f.name)
			s := f.compiled(t, fleetFolder(t, f.name), Options{FormatsOff: true})[f.oracle]
			verdicts, err := os.ReadFile(filepath.Join(dir, "VERDICTS.tsv"))
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[string]int{}
			for line := range strings.Lines(string(verdicts)) {
				name, want, _ := strings.Cut(strings.TrimSpace(line), "\t")
				got, found := oracleVerdict(t, s, dir, name)
				all++
				kinds[got]++
				if got == want {
					same++
					continue
				}
				t.Logf("%s: we say %s, the other %s: %v", name, got, want, found)
			}
			t.Logf("%v", kinds)
		})
	}
	if float64(same) < agreement*float64(all) {
		t.Errorf("%d of %d verdicts agree", same, all)
	}
	t.Logf("%d of %d verdicts agree", same, all)
}

func oracleVerdict(t *testing.T, s *Schema, dir, name string) (string, []string) {
	t.Helper()
	file := readFile(t, dir, name)
	if verdict.HasError(file.Findings) {
		return "syntax", said(file.Findings)
	}
	var found []verdict.Finding
	for _, d := range file.Docs {
		found = append(found, checked(s, d)...)
	}
	if len(found) > 0 {
		for _, f := range found {
			if f.Line == 0 || f.Column == 0 {
				t.Errorf("%s: a finding without a place: %+v", name, f)
			}
		}
		return "schema", said(found)
	}
	return "ok", nil
}

// said are findings as people read them.
func said(found []verdict.Finding) []string {
	var lines []string
	for _, f := range found {
		line := fmt.Sprintf("%s: %s (%s)", f.Place, f.Message, f.Name)
		if f.Help != "" {
			line += " [" + f.Help + "]"
		}
		for _, r := range f.Related {
			line += fmt.Sprintf(" {%s: %s}", r.Place, r.Text)
		}
		lines = append(lines, line)
	}
	return lines
}
