package command

import (
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/sandbox"
)

// pack makes a bundle of files.
func pack(t *testing.T, files map[string]string) bundle.Bundle {
	t.Helper()
	var all []bundle.Entry
	for name, text := range files {
		all = append(all, bundle.Entry{Path: name, Data: []byte(text)})
	}
	b, err := bundle.New(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pure is the definition of a command whose decisions can be kept.
const pure = `muster: 1
commands:
  lint: {run: [sh, lint], image: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", pure: true, output: {format: exit}}
`

// narrowWorld is a repository with one unit of a kind whose command reads chart/**.
type narrowWorld struct {
	unit, shared map[string]string
	section      declared.Section
}

func newNarrowWorld() *narrowWorld {
	return &narrowWorld{
		unit:   map[string]string{"chart/Chart.yaml": "name: a\n", "values.yaml": "a: 1\n"},
		shared: map[string]string{"base/values.yaml": "a: 1\n", "base/deep/x": "x", "schemas/port.json": "{}"},
		section: declared.Section{Kind: "chart", At: []string{"charts/*/"}, YAML: "1.2", Schemas: []string{"schemas/port.json"}, Checks: []declared.Check{
			{ID: "chart/run", Verb: declared.Run, Command: "lint", Reads: []string{"chart/**"}, With: []string{"base"}},
			{ID: "chart/schema", Verb: declared.Schema, In: []string{"values.yaml"}, Schema: "schemas/port.json"},
			{ID: "chart/style", Verb: declared.Run, Command: "yamllint"},
		}},
	}
}

// key is that of the command's decision.
func (w *narrowWorld) key(t *testing.T, k check.Kind) cache.Key {
	t.Helper()
	shared := maps.Clone(w.shared)
	shared[declared.SectionFile] = string(w.section.Encode())
	tree := pack(t, shared)
	all, err := check.OpenAll(check.Kinds{k}, tree)
	if err != nil {
		t.Fatal(err)
	}
	r := cache.NewRecipe(all.Facts(), tree.Digest(), nil, time.Second, 1<<20)
	if !r.Whole() {
		t.Fatal("what the command decides cannot be kept")
	}
	c := r.Components(cache.Unit{Unit: "charts/a", Path: "charts/a", Digests: r.Digests(pack(t, w.unit))}, cache.Domain{Name: "main"})
	return c[0].Key()
}

// TestWhatRunsACommandAgain: the files that it reads, those beside the unit, and what its checks say.
func TestWhatRunsACommandAgain(t *testing.T) {
	t.Parallel()
	k := offer(t, pure, &runner{run: func(sandbox.Job) sandbox.Result { return said(0, "v1", "") }})
	was := newNarrowWorld().key(t, k)
	for name, c := range map[string]struct {
		edit  func(*narrowWorld)
		again bool
	}{
		"nothing":                         {func(*narrowWorld) {}, false},
		"another file of the unit":        {func(w *narrowWorld) { w.unit["values.yaml"] = "a: 2\n" }, false},
		"a new file beside the chart":     {func(w *narrowWorld) { w.unit["README.md"] = "x" }, false},
		"a shared schema":                 {func(w *narrowWorld) { w.shared["schemas/port.json"] = "true" }, false},
		"the check of a schema":           {func(w *narrowWorld) { w.section.Checks[1].Help = "see the page" }, false},
		"the check of another command":    {func(w *narrowWorld) { w.section.Checks[2].Args = map[string]string{"a": "b"} }, false},
		"where the units are":             {func(w *narrowWorld) { w.section.Except = []string{"charts/x/"} }, false},
		"a file that it reads":            {func(w *narrowWorld) { w.unit["chart/Chart.yaml"] = "name: b\n" }, true},
		"a new one":                       {func(w *narrowWorld) { w.unit["chart/values.yaml"] = "x" }, true},
		"one that is gone":                {func(w *narrowWorld) { delete(w.unit, "chart/Chart.yaml") }, true},
		"a file beside the unit":          {func(w *narrowWorld) { w.shared["base/values.yaml"] = "a: 2\n" }, true},
		"a new one beside the unit":       {func(w *narrowWorld) { w.shared["base/new"] = "" }, true},
		"one that has another name":       {func(w *narrowWorld) { delete(w.shared, "base/deep/x"); w.shared["base/deep/y"] = "x" }, true},
		"all beside the unit are gone":    {func(w *narrowWorld) { delete(w.shared, "base/deep/x"); delete(w.shared, "base/values.yaml") }, true},
		"which files it reads":            {func(w *narrowWorld) { w.section.Checks[0].Reads = []string{"chart/*"} }, true},
		"which files it is about":         {func(w *narrowWorld) { w.section.Checks[0].In = []string{"chart/*.yaml"} }, true},
		"what lies beside the unit":       {func(w *narrowWorld) { w.section.Checks[0].With = []string{"base/values.yaml"} }, true},
		"its id":                          {func(w *narrowWorld) { w.section.Checks[0].ID = "chart/lint" }, true},
		"its severity":                    {func(w *narrowWorld) { w.section.Checks[0].Severity = "warning" }, true},
		"its help":                        {func(w *narrowWorld) { w.section.Checks[0].Help = "see the page" }, true},
		"an argument":                     {func(w *narrowWorld) { w.section.Checks[0].Args = map[string]string{"a": "b"} }, true},
		"that its files may not be there": {func(w *narrowWorld) { w.section.Checks[0].Optional = true }, true},
		"another check of the command": {func(w *narrowWorld) {
			w.section.Checks = append(w.section.Checks, declared.Check{ID: "chart/again", Verb: declared.Run, Command: "lint", Reads: []string{"chart/**"}})
		}, true},
	} {
		w := newNarrowWorld()
		c.edit(w)
		if again := w.key(t, k) != was; again != c.again {
			t.Errorf("%s changed: the command runs again: %v, want %v", name, again, c.again)
		}
	}
}

// TestACommandIsGivenNoMoreThanItReads: what any of its checks reads of the unit, and each of them its own.
func TestACommandIsGivenNoMoreThanItReads(t *testing.T) {
	t.Parallel()
	files := map[string]string{"chart/Chart.yaml": "", "values.yaml": "", "README.md": ""}
	for name, c := range map[string]struct {
		reads []string // of the second check
		want  [][]string
	}{
		"two parts": {[]string{"values.yaml"}, [][]string{{"chart/Chart.yaml"}, {"values.yaml"}}},
		"all":       {nil, [][]string{{"chart/Chart.yaml"}, {"README.md", "chart/Chart.yaml", "values.yaml"}}},
		"nothing":   {[]string{"gone/**"}, [][]string{{"chart/Chart.yaml"}}},
	} {
		r := &runner{run: func(sandbox.Job) sandbox.Result { return said(0, "", "") }}
		k := offer(t, pure, r)
		shared := fstest.MapFS{declared.SectionFile: {Data: declared.Section{Kind: "chart", YAML: "1.2", Checks: []declared.Check{
			{ID: "chart/run", Verb: declared.Run, Command: "lint", Reads: []string{"chart/**"}},
			{ID: "chart/more", Verb: declared.Run, Command: "lint", Reads: c.reads},
		}}.Encode()}}
		all, err := check.OpenAll(check.Kinds{k}, pack(t, map[string]string{declared.SectionFile: string(shared[declared.SectionFile].Data)}))
		if err != nil {
			t.Fatal(err)
		}
		v, err := all.Decide(t.Context(), check.Request{Unit: "charts/a", Path: "charts/a", Files: pack(t, files), Limit: time.Second})
		var got [][]string
		for _, j := range r.jobs {
			got = append(got, slices.Clone(j.Files[0].Names))
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v; files of the jobs (-want +got):\n%s", name, err, diff)
		}
		if found := v.Findings(); (name == "nothing") != (len(found) == 1 && found[0].Message == `charts/a has no file that matches "gone/**"`) {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

// TestAnAbsentCommandIsAskedForByNobody: it has no engine.
func TestAnAbsentCommandIsAskedForByNobody(t *testing.T) {
	t.Parallel()
	w := newNarrowWorld()
	w.shared[declared.SectionFile] = string(w.section.Encode())
	all, err := check.OpenAll(check.Kinds{Family().Member(id.CommandCheck("lint"))}, pack(t, w.shared))
	if err != nil {
		t.Fatal(err)
	}
	if r := cache.NewRecipe(all.Facts(), "", nil, time.Second, 1); r.Keeps(0) {
		t.Error("what a command has decided that is not here can be kept")
	}
}
