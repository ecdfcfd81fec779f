package schema

import (
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

const (
	seededEdits = 2000 // over all fleets
	seededOnce  = 0.95 // the least share with one finding, at the edited place
)

// edit is a mistake that is made in a valid document.
type edit struct {
	kind string
	way  []string
	key  bool
}

// TestSeededEdits: one mistake in a valid document is one finding, where the mistake is.
func TestSeededEdits(t *testing.T) {
	byKind, once := map[string]int{}, map[string]int{}
	for i, f := range fleets {
		t.Run(f.name, func(t *testing.T) {
			dir := fleetFolder(t, f.name)
			seeded(t, f, dir, rand.New(rand.NewPCG(1, uint64(i))), byKind, once)
		})
	}
	all, good := 0, 0
	for kind, n := range byKind {
		t.Logf("%s: %d of %d", kind, once[kind], n)
		all, good = all+n, good+once[kind]
	}
	if float64(good) < seededOnce*float64(all) {
		t.Errorf("%d of %d edits have one finding at their place", good, all)
	}
	t.Logf("%d of %d", good, all)
}

func seeded(t *testing.T, f fleet, dir string, rng *rand.Rand, byKind, once map[string]int) {
	t.Helper()
	r, _ := NewRegistry(os.DirFS(dir), f.schemas)
	ours, theirs := f.compiled(t, dir, Options{}), map[string]*jsonschema.Schema{}
	for _, name := range f.schemas {
		theirs[name] = original(t, r, name)
	}
	files := filesOf(t, f, dir)
	for made := 0; made < seededEdits/len(fleets)+1; {
		name := files[rng.IntN(len(files))]
		docs := readFile(t, dir, name).Docs
		if len(docs) != 1 {
			continue
		}
		value := clone(docs[0].Value())
		ed, ok := mutate(rng, value)
		if !ok || theirs[f.of(name)].Validate(value) == nil {
			continue
		}
		made++
		byKind[ed.kind]++
		if ed.foundOnce(t, ours[f.of(name)], name, value) {
			once[ed.kind]++
		}
	}
}

// foundOnce says whether a document with the edit has one finding, where the edit is.
func (ed edit) foundOnce(t *testing.T, s *Schema, name string, value any) bool {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	d := document.Reader{}.Read(name, text, document.JSON).Docs[0]
	want := d.At(ed.way...)
	if ed.key {
		want = d.KeyAt(ed.way...)
	}
	found := checked(s, d)
	for _, f := range found {
		if f.Line == 0 || f.Column == 0 {
			t.Errorf("%s: a finding without a place: %+v", name, f)
		}
	}
	if len(found) == 1 && (ed.marks(found[0].Place, want) || slices.ContainsFunc(found[0].Related, func(r verdict.Related) bool { return ed.marks(r.Place, want) })) {
		return true
	}
	t.Logf("%s in %s at %s %v: %q", ed.kind, name, want, ed.way, said(found))
	return false
}

// marks says whether a finding is at the place of the edit; what stands in the edited value belongs to
// it.
func (ed edit) marks(got, want verdict.Place) bool {
	rest, below := strings.CutPrefix(got.Path, want.Path)
	return got.Line == want.Line && got.Column == want.Column || below && ed.kind != "missing key" && want.Path != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// original is the same schema as the compiler has it.
func original(t testing.TB, r *Registry, name string) *jsonschema.Schema {
	t.Helper()
	l := r.link(name)
	c := newCompiler(l)
	c.DefaultDraft(drafts[l.draft])
	s, err := c.Compile(urlOf(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func filesOf(t testing.TB, f fleet, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		if err == nil && !d.IsDir() && f.of(filepath.ToSlash(rel)) != "" {
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, of := range v {
			m[k] = clone(of)
		}
		return m
	case []any:
		var l = []any{}
		for _, of := range v {
			l = append(l, clone(of))
		}
		return l
	}
	return v
}

// spot is a value in a document and what holds it.
type spot struct {
	way    []string
	parent any
	value  any
}

func spots(v any, parent any, way []string) []spot {
	all := []spot{{slices.Clone(way), parent, v}}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			all = append(all, spots(v[k], v, append(way, k))...)
		}
	case []any:
		for i, of := range v {
			all = append(all, spots(of, v, append(way, strconv.Itoa(i)))...)
		}
	}
	return all
}

// mutate makes one mistake in v.
func mutate(rng *rand.Rand, v any) (edit, bool) {
	all := spots(v, nil, nil)
	s := all[rng.IntN(len(all))]
	object, isObject := s.value.(map[string]any)
	switch kind := []string{"wrong type", "extra key", "text", "missing key", "misspelt key"}[rng.IntN(5)]; kind {
	case "wrong type":
		if s.parent == nil {
			return edit{}, false
		}
		others := []any{"text", int64(7), true, nil, []any{"text"}, map[string]any{"some": "thing"}}
		put(s, others[rng.IntN(len(others))])
		return edit{kind, s.way, false}, true
	case "text":
		if _, ok := s.value.(string); !ok || s.parent == nil {
			return edit{}, false
		}
		put(s, []any{"", "?!", "no such value", "2022/01/01"}[rng.IntN(4)])
		return edit{kind, s.way, false}, true
	case "extra key":
		if !isObject {
			return edit{}, false
		}
		object["surplus"] = "value"
		return edit{kind, append(s.way, "surplus"), true}, true
	case "missing key", "misspelt key":
		return takeKey(rng, kind, s.way, object)
	}
	return edit{}, false
}

// takeKey takes a key of a mapping away, or misspells it.
func takeKey(rng *rand.Rand, kind string, way []string, object map[string]any) (edit, bool) {
	if len(object) == 0 {
		return edit{}, false
	}
	keys := slices.Sorted(maps.Keys(object))
	k := keys[rng.IntN(len(keys))]
	was := object[k]
	delete(object, k)
	if kind == "missing key" {
		return edit{kind, way, true}, true
	}
	if len(k) < 4 {
		return edit{}, false
	}
	typo := k[:1] + k[2:3] + k[1:2] + k[3:]
	if typo == k {
		typo = k[:len(k)-1]
	}
	object[typo] = was
	return edit{kind, append(way, typo), true}, true
}

func put(s spot, v any) {
	last := s.way[len(s.way)-1]
	switch parent := s.parent.(type) {
	case map[string]any:
		parent[last] = v
	case []any:
		i, _ := strconv.Atoi(last)
		parent[i] = v
	}
}
