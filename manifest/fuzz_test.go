package manifest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed306eabeb/muster/verdict"
)

// FuzzLoad: whatever stands in a service's files, Check decides about it soon,
// without panic, in order, the same way twice and with places in those files.
// The seeds are the services of the directed corpus.
func FuzzLoad(f *testing.F) {
	base := addSeeds(f)
	s, err := open(base)
	if err != nil || verdict.HasError(s.Findings()) {
		f.Fatalf("the fleet's own files: %v, %v", s.Findings(), err)
	}
	f.Fuzz(func(t *testing.T, manifest, override, template string) {
		unit := verdict.Unit{Name: "svc", Files: fstest.MapFS{
			manifestFile: {Data: []byte(manifest)},
			"dev.yml":    {Data: []byte(override)},
			"a.j2":       {Data: []byte(template)},
		}}
		start := time.Now()
		d, err := s.Check(context.Background(), unit, s.Regions())
		if err != nil {
			t.Fatalf("could not be decided: %v", err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		checkFindings(t, d.Findings)
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

func checkFindings(t *testing.T, found []verdict.Finding) {
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
	}
}
