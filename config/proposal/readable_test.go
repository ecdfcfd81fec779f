package proposal_test

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed306eabeb/muster/config/proposal"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/fleet"
)

// mostLines is how long a proposal is at most.
const mostLines = 60

// readable fails where a proposal is none that can be read, or where one of its globs
// matches nothing, or two kinds match one path.
func readable(t *testing.T, repository fs.FS, text string) {
	t.Helper()
	read := document.Reader{}.Read(proposal.File, []byte(text), document.YAML)
	if len(read.Docs) != 1 || len(read.Findings) > 0 {
		t.Fatalf("the proposal cannot be read: %v\n%s", read.Findings, text)
	}
	if n := strings.Count(text, "\n"); n > mostLines {
		t.Errorf("the proposal has %d lines\n%s", n, text)
	}
	top := read.Docs[0].Value().(map[string]any)
	layout := fleet.Layout{}
	for name, kind := range top["units"].(map[string]any) {
		k := kind.(map[string]any)
		layout.Kinds = append(layout.Kinds, fleet.Kind{Name: name, At: texts(k["at"]), Except: texts(k["except"])})
		if checks, _ := k["checks"].([]any); len(checks) == 0 {
			t.Errorf("%s has no checks\n%s", name, text)
		}
	}
	if err := layout.Check(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	found := map[string]int{}
	units(t, repository, ".", layout.Walk(), layout, found)
	said := saidOf(text)
	for _, k := range layout.Kinds {
		if n := found[k.Name]; n == 0 || strconv.Itoa(n) != said[k.Name] {
			t.Errorf("%s: the globs %q match %d, and the proposal says %s\n%s", k.Name, k.At, n, said[k.Name], text)
		}
	}
	for _, glob := range texts(top["schemas"]) {
		found := map[string]int{}
		all := fleet.Layout{Kinds: []fleet.Kind{{Name: "schemas", At: []string{glob}}}}
		if units(t, repository, ".", all.Walk(), all, found); found["schemas"] == 0 {
			t.Errorf("the glob %q of schemas matches nothing\n%s", glob, text)
		}
	}
}

var atLine = regexp.MustCompile(`(?m)^  "?([a-z0-9-]+)"?:\n    at: .* # ([0-9,]+) (?:files|folders)`)

// saidOf is how many units the comments say that each kind has.
func saidOf(text string) map[string]string {
	said := map[string]string{}
	for _, m := range atLine.FindAllStringSubmatch(text, -1) {
		said[m[1]] = strings.ReplaceAll(m[2], ",", "")
	}
	return said
}

// units counts the units of each kind below a folder.
func units(t *testing.T, repository fs.FS, dir string, w fleet.Walk, layout fleet.Layout, found map[string]int) {
	t.Helper()
	entries, err := fs.ReadDir(repository, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		unit, err := w.Unit(e.Name(), e.Type())
		if err != nil {
			t.Errorf("%v", err)
		}
		if unit != "" {
			k, _ := layout.KindOf(unit, e.Type())
			found[k.Name]++
		}
		if inside, more := w.Enter(e.Name()); e.IsDir() && more {
			units(t, repository, path.Join(dir, e.Name()), inside, layout, found)
		}
	}
}

// texts are the texts of a value that is one, or a list of some.
func texts(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			all = append(all, item.(string))
		}
	}
	return all
}

// FuzzProposals: whatever lies in a repository, what is proposed for it can be read and
// matches.
func FuzzProposals(f *testing.F) {
	for _, paths := range []string{
		"a/x/app.yaml\na/y/app.yaml\na/z/app.yaml", "r/a.yml\nr/b.yml\nr/s/c.yaml", "*/x/a.json\n*/y/a.json\n*/z/a.json",
		"[a]/{b}/c?.yml\n[a]/{b}/d.yml\n[a]/{b}/e.yml", "yes/1.yml\nyes/2.yml\nyes/3.yml\nno/1.yml\nno/2.yml\nno/3.yml",
		"a/x/app.yaml\na/y/app.yaml\na/z/app.yaml\na/x/tests/app.yaml\na/y/vendor/z/app.yaml", "x/a.yml\ny/a.yml\nz/a.yml\nq/r/a.yml",
		"null/a.yml\nnull/b.yml\nnull/c.yml", "a b/#c/d: e.yml\na b/#c/f.yml\na b/#c/g.yml", "rules/a.yml\nrules/b.yml\nrules/c.yml\nrules-x/a.yml\nrules-x/e.yml\nrules-x/f.yml",
		"é/a.yml\né/b.yml\né/c.yml", "'/\"a.yml\n'/b.yml\n'/c.yml", "a/b.yml\na/c.yml\na/d.yml\na/b.yaml/x\na/x.yml/y.yml",
	} {
		f.Add(paths, "id: 1\nname: x\n")
	}
	f.Fuzz(func(t *testing.T, paths, text string) {
		repository := fstest.MapFS{}
		for i, name := range strings.Split(paths, "\n") {
			if fs.ValidPath(name) && name != "." && i < 100 && !strings.Contains(name, `\`) {
				repository[name] = &fstest.MapFile{Data: fmt.Appendf(nil, "%s\nnumber: %d\n", text, i)}
			}
		}
		if !isTree(repository) {
			return
		}
		p, err := proposal.Of(t.Context(), repository)
		if err == nil {
			readable(t, repository, p.Text)
		}
	})
}

// isTree says whether no file is a folder, too.
func isTree(repository fstest.MapFS) bool {
	for name := range repository {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if repository[dir] != nil {
				return false
			}
		}
	}
	return true
}
