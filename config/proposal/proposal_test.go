package proposal_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seed306eabeb/muster/config/proposal"
)

var update = flag.Bool("update", false, "write what is wanted anew; read it before committing")

// What a fixture wants of the repository that its other files are.
const (
	wantText  = "want/muster.yaml"
	wantNotes = "want/notes"
)

// TestProposals compares the proposal for each repository of testdata with the one that
// stands there. Each is proposed twice, and is the same.
func TestProposals(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			fixture, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			repository, want := unpack(fixture)
			got := map[string]string{}
			for range 2 {
				p, err := proposal.Of(t.Context(), repository)
				if err != nil && !errors.Is(err, proposal.ErrNothing) {
					t.Fatal(err)
				}
				if before, again := got[wantText]; again && before != p.Text {
					t.Errorf("another proposal the second time:\n%s", cmp.Diff(before, p.Text))
				}
				got[wantText] = p.Text
				got[wantNotes] = lines(p.Notes)
				if err == nil {
					readable(t, repository, p.Text)
				}
			}
			if *update {
				rewrite(t, file, fixture, got)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func lines(all []string) (text string) {
	for _, one := range all {
		text += one + "\n"
	}
	return text
}

// unpack makes a repository of a fixture. A file with the one line "-> target" is a link.
func unpack(fixture *txtar.Archive) (repository fstest.MapFS, want map[string]string) {
	repository, want = fstest.MapFS{}, map[string]string{wantText: "", wantNotes: ""}
	for _, f := range fixture.Files {
		text := string(f.Data)
		if _, wanted := want[f.Name]; wanted {
			want[f.Name] = text
		} else if to, isLink := strings.CutPrefix(text, "-> "); isLink {
			repository[f.Name] = &fstest.MapFile{Data: []byte(strings.TrimSpace(to)), Mode: fs.ModeSymlink}
		} else {
			repository[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return repository, want
}

func rewrite(t *testing.T, file string, fixture *txtar.Archive, got map[string]string) {
	t.Helper()
	kept := fixture.Files[:0]
	for _, f := range fixture.Files {
		if _, wanted := got[f.Name]; !wanted {
			kept = append(kept, f)
		}
	}
	for _, name := range []string{wantText, wantNotes} {
		if got[name] != "" {
			kept = append(kept, txtar.File{Name: name, Data: []byte(got[name])})
		}
	}
	fixture.Files = kept
	if err := os.WriteFile(file, txtar.Format(fixture), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shut is a repository of which some folders cannot be read.
type shut struct {
	fstest.MapFS
	folders map[string]bool
}

func (s shut) ReadDir(name string) ([]fs.DirEntry, error) {
	if s.folders[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return s.MapFS.ReadDir(name)
}

func services(n int) fstest.MapFS {
	all := fstest.MapFS{}
	for i := range n {
		all[fmt.Sprintf("services/s%02d/app.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "name: s%02d\n", i)}
	}
	return all
}

// TestAFolderThatCannotBeReadIsTold: the rest is proposed all the same, and nothing is said
// of all folders, for nobody knows what lies in that one.
func TestAFolderThatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	p, err := proposal.Of(t.Context(), shut{services(6), map[string]bool{"services/s03": true}})
	if err != nil {
		t.Fatal(err)
	}
	if notes := lines(p.Notes); !strings.Contains(notes, "services/s03 was not looked into: permission denied\n") || !strings.Contains(p.Text, "at: services/*/app.yaml # 5 files") {
		t.Errorf("notes:\n%sproposal:\n%s", notes, p.Text)
	}
	if _, err := proposal.Of(t.Context(), shut{services(6), map[string]bool{".": true}}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a root that cannot be read: error = %v", err)
	}
}

func TestAnEndIsAnEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := proposal.Of(ctx, services(6)); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

// TestFewAreNoKind: three are the fewest.
func TestFewAreNoKind(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]error{0: proposal.ErrNothing, 2: proposal.ErrNothing, 3: nil} {
		if _, err := proposal.Of(t.Context(), services(n)); !errors.Is(err, want) {
			t.Errorf("%d services: error = %v, want %v", n, err, want)
		}
	}
}

// TestABoundIsTold: what was not looked at is no reason to say something of all.
func TestABoundIsTold(t *testing.T) {
	t.Parallel()
	p, err := proposal.OfSome(t.Context(), services(50), 80)
	if err != nil {
		t.Fatal(err)
	}
	if notes := lines(p.Notes); !strings.Contains(notes, "only the first 80 files and folders were looked at: what lies in services/s29 and behind it is not considered\n") ||
		!strings.Contains(p.Text, "at: services/*/app.yaml # 29 files") {
		t.Errorf("notes:\n%sproposal:\n%s", notes, p.Text)
	}
}

// TestWhatCannotBeReadIsTold: files of which most are no documents are no kind, and what is
// wrong with some, or with a schema, stands beside.
func TestWhatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	repository := services(8)
	repository["services/s07/app.yaml"] = &fstest.MapFile{Data: []byte("name: [\n")}
	repository["schemas/app.schema.json"] = &fstest.MapFile{Data: []byte(`{"$schema": "http://json-schema.org/draft-07/schema#", "type": "strnig"}`)}
	for _, name := range []string{"a", "b", "c"} {
		repository["templates/"+name+".yaml"] = &fstest.MapFile{Data: []byte("{{- if x }}\nname: {{ y }}\n")}
	}
	p, err := proposal.Of(t.Context(), repository)
	if err != nil {
		t.Fatal(err)
	}
	notes := lines(p.Notes)
	for _, want := range []string{
		"left out: templates/*.yaml, 3 files: of a sample of 3, 3 cannot be read, such as templates/a.yaml: ", "left out: the schema schemas/app.schema.json: ",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes:\n%swant %q", notes, want)
		}
	}
	if !strings.Contains(p.Text, "# of a sample of 8, 1 cannot be read, such as services/s07/app.yaml\n") || strings.Contains(p.Text, "templates") {
		t.Errorf("proposal:\n%s", p.Text)
	}
}

// fleetsEnv names a folder of unpacked repositories.
const fleetsEnv = "MUSTER_FLEETS"

// TestFleets: what is proposed for repositories that are not ours to ship.
func TestFleets(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(fleetsEnv)
	if dir == "" {
		t.Skipf("%s names no folder with the repositories nf-core, vcpkg and sigma", fleetsEnv)
	}
	for name, want := range map[string][]string{
		"nf-core": {
			"at: modules/nf-core/**/meta.yml # 2,041 files", "at: modules/nf-core/**/environment.yml # 1,962 files", "at: subworkflows/nf-core/*/meta.yml # 121 files",
			"- {schema: modules/meta-schema.json}", "- {schema: modules/environment-schema.json}", "- {schema: subworkflows/yaml-schema.json}",
			`- {exists: "components[*]", as: [module, subworkflow]}`,
		},
		"vcpkg": {
			"at: ports/*/ # 2,867 folders with vcpkg.json", "schemas: docs/*.schema.json", "- {schema: docs/vcpkg.schema.json, in: vcpkg.json}", "- {rule: self.name == unit.name, in: vcpkg.json}",
			`- {exists: ["dependencies[*]", "dependencies[*].name", "features.*.dependencies[*]", "features.*.dependencies[*].name"], in: vcpkg.json, as: port}`,
		},
		"sigma": {
			"at: rules*/**/*.yml # 3,780 files", "- {schema: json-schema/sigma-detection-rule-schema.json}", "- {unique: id, as: rule id}", `# - {exists: "related[*].id", as: rule id}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := os.DirFS(filepath.Join(dir, name))
			if _, err := fs.Stat(files, "."); err != nil {
				t.Skipf("%s has no folder of it: %v", fleetsEnv, err)
			}
			p, err := proposal.Of(t.Context(), files)
			if err != nil {
				t.Fatal(err)
			}
			readable(t, files, p.Text)
			for _, words := range want {
				if !strings.Contains(p.Text, words) {
					t.Errorf("no %q in the proposal\n%s", words, p.Text)
				}
			}
			t.Logf("%s%s", p.Text, lines(p.Notes))
		})
	}
}
