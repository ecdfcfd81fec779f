package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/genfleet"
	"github.com/seed306eabeb/muster/internal/redistest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"enqueue": func() { os.Exit(cli.Main(newRootCmd())) },
	})
}

// TestScripts runs the commands as a user does. Each script has a copy of
// testdata/fleet in its folder; $WORKER is the worker's binary.
func TestScripts(t *testing.T) {
	t.Parallel()
	worker := filepath.Join(t.TempDir(), "worker")
	if out, err := exec.Command("go", "build", "-o", worker, "../worker").CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("WORKER", worker)
			e.Setenv("TMPDIR", e.WorkDir)
			return os.CopyFS(filepath.Join(e.WorkDir, "fleet"), os.DirFS("testdata/fleet"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"redis": startRedis, "genfleet": generate, "await": await, "bigfile": bigFile,
		},
	})
}

// startRedis NAME starts a redis-server of the script's own and puts its URL into
// the variable NAME.
func startRedis(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: redis NAME")
	}
	ts.Setenv(args[0], redistest.Server(ts.Value(testKey{}).(testing.TB)))
}

type testKey struct{}

// generate N BAD SEED DIR writes a fleet of N services, a part BAD of them with a
// defect.
func generate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: genfleet N BAD SEED DIR")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	bad, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	seed, err := strconv.ParseUint(args[2], 10, 64)
	ts.Check(err)
	_, err = genfleet.Write(ts.MkAbs(args[3]), genfleet.Options{Services: n, Bad: bad, Seed: seed})
	ts.Check(err)
}

// await FILE PATTERN waits until a file that a background command writes matches
// the pattern.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE PATTERN")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	deadline := time.After(30 * time.Second)
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(text) {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("%s does not match %q after 30s; it has:\n%s", args[0], args[1], text)
		}
	}
}

// bigFile NAME SIZE writes a file of SIZE bytes.
func bigFile(ts *testscript.TestScript, neg bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), make([]byte, size), 0o644))
}
