package schema

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/document"
)

// suiteURIs are what schemas of the drafts say of themselves.
var suiteURIs = map[int]string{
	4: "http://json-schema.org/draft-04/schema#", 6: "http://json-schema.org/draft-06/schema#", 7: "http://json-schema.org/draft-07/schema#",
	2019: "https://json-schema.org/draft/2019-09/schema", 2020: "https://json-schema.org/draft/2020-12/schema",
}

// TestSuite holds the package to the JSON Schema Test Suite, whose folder MUSTER_JSON_SCHEMA_SUITE names:
// each of its mandatory tests passes.
func TestSuite(t *testing.T) {
	t.Parallel()
	root := os.Getenv("MUSTER_JSON_SCHEMA_SUITE")
	if root == "" {
		t.Skip("MUSTER_JSON_SCHEMA_SUITE names no checkout of json-schema-org/JSON-Schema-Test-Suite")
	}
	remotes := suiteRemotes(t, filepath.Join(root, "remotes"))
	for draft, folder := range map[int]string{4: "draft4", 6: "draft6", 7: "draft7", 2019: "draft2019-09", 2020: "draft2020-12"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			files, err := filepath.Glob(filepath.Join(root, "tests", folder, "*.json"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%d files, %v", len(files), err)
			}
			total := 0
			for _, file := range files {
				total += suiteFile(t, file, suiteURIs[draft], remotes)
			}
			t.Logf("%d tests", total)
		})
	}
}

// suiteRemotes are the files that the suite serves at http://localhost:1234/: they say so by
// their $id, unless they have one.
func suiteRemotes(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files["remotes/"+filepath.ToSlash(rel)] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

type suiteGroup struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

func suiteFile(t *testing.T, file, uri string, remotes fstest.MapFS) int {
	t.Helper()
	data, err := os.ReadFile(file)
	var groups []suiteGroup
	if err == nil {
		err = json.Unmarshal(data, &groups)
	}
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, g := range groups {
		s, problems := suiteSchema(g.Schema, uri, remotes)
		for _, tt := range g.Tests {
			total++
			name := fmt.Sprintf("%s: %s: %s", filepath.Base(file), g.Description, tt.Description)
			if s == nil {
				t.Errorf("%s: %v", name, problems)
				continue
			}
			doc := document.Reader{}.Read("data.json", tt.Data, document.JSON)
			if len(doc.Docs) != 1 {
				t.Fatalf("%s: %v", name, doc.Findings)
			}
			found := checked(s, doc.Docs[0])
			if got := len(found) == 0; got != tt.Valid {
				t.Errorf("%s: got %v; expected %v\n%s\n%s", name, got, tt.Valid, g.Schema, tt.Data)
			}
			for _, f := range found {
				if f.Line == 0 || f.Column == 0 || f.Message == "" || f.Name == "" {
					t.Errorf("%s: %+v", name, f)
				}
			}
		}
	}
	return total
}

func suiteSchema(text []byte, uri string, remotes fstest.MapFS) (*Schema, any) {
	files := maps.Clone(remotes)
	var root map[string]json.RawMessage
	if json.Unmarshal(text, &root) == nil && root["$schema"] == nil {
		root["$schema"], _ = json.Marshal(uri)
		text, _ = json.Marshal(root)
	}
	files["schema.json"] = &fstest.MapFile{Data: text}
	r, _ := NewRegistry(files, nil)
	for name := range remotes {
		r.ids["http://localhost:1234/"+strings.TrimPrefix(name, "remotes/")] = name
	}
	s, found := r.Compile("schema.json", Options{FormatsOff: true})
	return s, found
}
