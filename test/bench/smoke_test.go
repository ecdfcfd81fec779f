//go:build linux

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/redistest"
)

// tiny is enough to see that a row works.
var tiny = size{
	runs: 1, few: 20, many: 20, most: 20, tasks: 50, slowTasks: 50, idle: 100 * time.Millisecond, latencies: 2,
	workers: []int{1, 2}, steady: 100 * time.Millisecond, costRuns: 1, costScale: 0.01, copies: 2,
	chartCopies: 1, slowUnits: 4, slowRuns: 1, cachedUnits: 4,
}

// TestRowsMeasure runs some rows for real.
func TestRowsMeasure(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv(redistest.RequireEnv) == "" {
		t.Skip("no redis-server on PATH: install Redis to run this test")
	}
	b, err := newBench(t.Context(), tiny, outside{}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	for _, r := range []*row{&oneMachine, &plainAsynq, &queueCost, &allFormats, &moreSlots, &quickBesideSlow, &nothingChanged, &fewChanged, &cacheCost, &cacheMemory, &slowCached} {
		s, err := b.measure(t.Context(), r)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, f := range s.figures {
			if len(f.samples) == 0 {
				t.Errorf("row %s has no sample of %q", r.letter, f.name)
			}
		}
	}
}

// What is not ours to ship may be missing: its rows say so, and have no figures.
func TestRowsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := &bench{size: tiny, dir: t.TempDir(), outside: outside{fleets: t.TempDir()}, progress: t.Output()}
	for _, r := range []*row{&oneSchema, &sixChecks, &otherValidators, &manyFiles} {
		s, err := b.measure(t.Context(), r)
		if err != nil || len(s.figures) > 0 || len(s.notes) != 1 || !strings.Contains(s.notes[0], fleetsEnv) {
			t.Errorf("row %s without repositories: %v, %+v", r.letter, err, s)
		}
	}
}

// The real tool and the charts may be missing, too.
func TestRowOfARealToolSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := &bench{size: tiny, dir: t.TempDir(), outside: outside{tools: t.TempDir()}, progress: t.Output()}
	s, err := b.measure(t.Context(), &realTool)
	if err != nil || len(s.figures) > 0 || len(s.notes) != 1 || !strings.Contains(s.notes[0], "MUSTER_") {
		t.Errorf("row n without charts: %v, %+v", err, s)
	}
}

// TestRowsOfRepositories measures those that there are.
func TestRowsOfRepositories(t *testing.T) {
	t.Parallel()
	o := outsideHere()
	if o.fleets == "" {
		t.Skip(fleetsEnv + " names no folder of repositories (nf-core, vcpkg)")
	}
	b, err := newBench(t.Context(), tiny, o, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	for _, r := range []*row{&oneSchema, &sixChecks, &otherValidators, &manyFiles} {
		if _, err := b.measure(t.Context(), r); err != nil {
			t.Error(err)
		}
	}
}

func TestBrokenRunIsNoFigure(t *testing.T) {
	t.Parallel()
	f := testFleet{services: 12, oks: 10, errs: 2}
	for _, tt := range []struct {
		name string
		run  ended
		good bool
	}{
		{"right", ended{stdout: "x: 1 error\n\n10 ok, 2 err (2 invalid) in 1s\n", code: 1}, true},
		{"in parts", ended{stdout: "7 ok, 1 err in 1s\n3 ok, 1 err in 1s\n", code: 1}, true},
		{"one missing", ended{stdout: "9 ok, 2 err\n", code: 1}, false},
		{"another exit code", ended{stdout: "10 ok, 2 err\n", code: 3}, false},
		{"silent", ended{code: 1}, false},
	} {
		if err := tt.run.right(f, counted, 0, 1); (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCommandIsKilledWithItsContext(t *testing.T) {
	t.Parallel()
	b := &bench{dir: t.TempDir()}
	mark := filepath.Join(b.dir, "started")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := b.command(ctx, "/bin/sh", "-c", `: >"$1"; sleep 600`, "sh", mark)
		ended <- err
	}()
	for {
		if _, err := os.Stat(mark); err == nil {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("it ended by itself: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("a killed command is no error")
	}
}

func TestPagesAreForTheWholeBench(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-row a -page p", "-quick -readme r", "-row z", "-nonsense"} {
		var out strings.Builder
		if err := execute(t.Context(), strings.Fields(args), &out, &out); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
}
