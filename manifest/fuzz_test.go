package manifest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// FuzzLoad: whatever stands in a service's files, Check decides about it soon,
// without panic, in order, the same way twice and with places in those files.
// The seeds are the services of the directed corpus and hostile files.
func FuzzLoad(f *testing.F) {
	base := addSeeds(f)
	for _, m := range hostile() {
		f.Add(m, "", "{{ service }}")
		f.Add(fuzzManifest, m, "{{ service }}")
	}
	f.Add(fuzzManifest, "", "{% for a in range(end=9999) %}{% for b in range(end=9999) %}{{ a }}{% endfor %}{% endfor %}")
	f.Add(fuzzManifest, "", strings.Repeat("{% if a %}", 10_000))
	s, err := open(base)
	if err != nil || verdict.HasError(s.Findings()) {
		f.Fatalf("the fleet's own files: %v, %v", s.Findings(), err)
	}
	f.Fuzz(func(t *testing.T, manifest, override, template string) {
		files := fstest.MapFS{
			manifestFile: {Data: []byte(manifest)},
			"dev.yml":    {Data: []byte(override)},
			"a.j2":       {Data: []byte(template)},
		}
		unit := check.Unit{Name: "svc", Files: files}
		start := time.Now()
		d, err := s.Check(context.Background(), unit, s.Regions())
		if err != nil {
			t.Fatalf("could not be decided: %v", err)
		}
		if took := time.Since(start); took > 20*time.Second { // far beyond what a busy machine makes of the bounds
			t.Errorf("took %v", took)
		}
		checkFindings(t, d.Findings, files)
		again, err := s.Check(context.Background(), unit, s.Regions())
		if err != nil || slices.CompareFunc(d.Findings, again.Findings, verdict.Finding.Compare) != 0 {
			t.Errorf("not deterministic: %v; then %v, %v", d.Findings, again.Findings, err)
		}
	})
}

// addSeeds gives the fuzzer every service of the directed corpus that is one
// file or two, and returns the fleet they belong to.
func addSeeds(f *testing.F) fstest.MapFS {
	f.Helper()
	c := readCorpus(f, directedCorpus)
	base := c.fleets["base"]
	added := 0
	for _, k := range c.cases {
		tree := overlaid(base, k.Files)
		text := func(name string) string {
			if file := tree["services/svc/"+name]; file != nil {
				return string(file.Data)
			}
			return ""
		}
		if m := text(manifestFile); m != "" {
			f.Add(m, text("dev.yml"), text("a.j2"))
			added++
		}
	}
	if added < 500 {
		f.Fatalf("only %d seeds", added)
	}
	return base
}

// FuzzShared: the same for the files that all services share.
func FuzzShared(f *testing.F) {
	c := readCorpus(f, directedCorpus)
	for _, k := range c.cases {
		tree := overlaid(c.fleets[k.Fleet], k.Files)
		if k.Files[confFile] != nil || k.Files[teamsFile] != nil {
			f.Add(string(tree[confFile].Data), string(tree[teamsFile].Data))
		}
	}
	for _, text := range hostile() {
		f.Add(text, "people: {}\nsquads: {}\ntribes: {}\n")
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, conf, teams string) {
		files := fstest.MapFS{confFile: {Data: []byte(conf)}, teamsFile: {Data: []byte(teams)}}
		start := time.Now()
		s, err := open(files)
		if err != nil {
			t.Fatalf("could not be judged: %v", err)
		}
		if took := time.Since(start); took > 20*time.Second { // far beyond what a busy machine makes of the bounds
			t.Errorf("took %v", took)
		}
		checkFindings(t, s.Findings(), files)
		again, err := open(files)
		if err != nil || slices.CompareFunc(s.Findings(), again.Findings(), verdict.Finding.Compare) != 0 {
			t.Errorf("not deterministic: %v; then %v, %v", s.Findings(), again.Findings(), err)
		}
	})
}

// fuzzManifest uses the template a.j2.
const fuzzManifest = `name: svc
metadata: {team: sq}
regions: [dev-uk]
resources:
  requests: {cpu: 100m, memory: 100Mi}
  limits: {cpu: 200m, memory: 200Mi}
configs: {mount: /config/, files: [{name: a.j2, dest: a}]}
`

// hostile are files that ask for more than they may have.
func hostile() []string {
	bomb := "env: &a0 {A: x}\n"
	for i := range 40 {
		bomb += fmt.Sprintf("k%d: &a%d [*a%d, *a%d]\n", i, i+1, i, i)
	}
	loop := `"{% for a in range(end=9999) %}{% for b in range(end=9999) %}{% endfor %}{% endfor %}"`
	return []string{
		bomb,
		"env: {A: " + strings.Repeat("[", 5000),
		strings.Repeat("a: {", 5000),
		"name: " + strings.Repeat("x", 1<<18),
		"tolerations: &a [*a]\n",
		"env: {A: " + loop + "}\n",
		"sidecars: [{name: s, env: {A: " + loop + ", B: " + loop + "}}]\n",
		strings.Repeat("- ", 5000),
		"? " + strings.Repeat("? ", 5000),
		"name: !!binary aGk=\n<<: [*x]\n",
		"%YAML 1.2\n---\n...\n---\n",
		"\ufeffname: svc\n", "name: \"\xff\"\n", "\x00", "\t", "name: |\n", "&a", "*a", "!", "@",
	}
}

func checkFindings(t *testing.T, found []verdict.Finding, files fstest.MapFS) {
	t.Helper()
	if !slices.IsSortedFunc(found, verdict.Finding.Compare) {
		t.Errorf("findings are not sorted: %v", found)
	}
	for _, f := range found {
		if f.Message == "" || strings.HasSuffix(f.Message, ".") || f.Rule == "" || f.File == "" {
			t.Errorf("unfinished finding %+v", f)
		}
		if f.Line < 0 || f.Column < 0 || f.Line == 0 && f.Column > 0 {
			t.Errorf("finding without a sound place: %+v", f)
		}
		if file := files[strings.TrimPrefix(f.File, "services/svc/")]; file != nil && f.Line > 0 {
			checkPlace(t, f, string(file.Data))
		}
	}
}

// checkPlace wants a finding inside its file, or at the end of one of its lines.
func checkPlace(t *testing.T, f verdict.Finding, text string) {
	t.Helper()
	if !within(f.Place, text) {
		t.Errorf("place outside the file: %+v", f)
	}
}

func within(p verdict.Place, text string) bool {
	lines := strings.Split(text, "\n")
	return p.Line <= len(lines) && p.Column <= utf8.RuneCountInString(lines[p.Line-1])+1
}
