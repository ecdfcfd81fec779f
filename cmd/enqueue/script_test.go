package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/cmd/enqueue/commands"
	workercommands "github.com/seed306eabeb/muster/cmd/worker/commands"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/genfleet"
	"github.com/seed306eabeb/muster/test/genrepo"
	"github.com/seed306eabeb/muster/test/lines"
	"github.com/seed306eabeb/muster/test/pace"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/test/roles"
)

func TestMain(m *testing.M) {
	if _, set := os.LookupEnv(noCacheEnv); !set { // the commands, which are this program, too, have what their tests say
		os.Setenv(noCacheEnv, "yes")
		os.Setenv("XDG_CACHE_HOME", noCache)
	}
	testscript.Main(m, map[string]func(){
		"enqueue": func() { takeRole(enqueueRole(os.Args)); os.Exit(cli.Main(commands.New(program()))) },
		"worker":  func() { takeRole(roles.Worker); os.Exit(cli.Main(workercommands.New(program()))) },
	})
}

// noCache is where no cache can be, so that tests know nothing from before unless they say where, and
// noCacheEnv says that this was set.
const (
	noCache    = "/dev/null/none"
	noCacheEnv = "TEST_NO_CACHE"
)

// engineEnv names what a script takes for the engine of the programs that it starts, as
// one of another version has another one.
const engineEnv = "SCRIPT_ENGINE"

// linesEnv says that the programs which a script starts know repositories with units of
// several kinds, too.
const linesEnv = "SCRIPT_LINES"

// aged is a kind of check with another engine.
type aged struct {
	check.Kind
	engine string
}

func (a aged) Engine() string { return a.engine }

// program is a released one but for its patience, or one of another version.
func program() cli.Program {
	configs, version := config.Builtin(), ""
	if engine := os.Getenv(engineEnv); engine != "" {
		configs[0].Checks[0], version = aged{configs[0].Checks[0], engine}, "v0.0.0-"+engine
	}
	if os.Getenv(linesEnv) != "" {
		configs = append(configs, lines.Config())
	}
	return cli.Program{Version: version, Configs: configs, Timing: cli.Timing{Ping: 3 * time.Second, Unattended: 2 * time.Second, Ledger: pace.Ledger(), Run: pace.Run(), Worker: pace.Worker()}}
}

// fleetsEnv names a folder of fleets that are not ours to ship.
const fleetsEnv = "MUSTER_FLEETS"

// TestScripts runs the commands as a user does. Each script has a copy of
// testdata/fleet in its folder; $ENQUEUE and $WORKER are the commands' files.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(t, "", "testdata/script/*.txtar"))
}

// TestScriptsWithLeastRights runs those that share a Redis as the users of docs/acl, and
// fails where Redis has refused something to one of them.
func TestScriptsWithLeastRights(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(t, "yes", "testdata/script/lifecycle.txtar", "testdata/script/shared.txtar", "testdata/script/no-worker.txtar", "testdata/script/killed.txtar",
		"testdata/script/checkout.txtar", "testdata/script/policy.txtar", "testdata/script/rerun.txtar", "testdata/script/workers.txtar", "testdata/script/preflight.txtar", "testdata/script/new-since-queue.txtar"))
}

// linuxCommands are commands of scripts that only Linux has.
var linuxCommands = map[string]func(*testscript.TestScript, bool, []string){}

// scripts are the parameters of the scripts that match. leastRights is the value of the
// variable of that name.
func scripts(t *testing.T, leastRights string, patterns ...string) testscript.Params {
	t.Helper()
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range patterns {
		some, err := filepath.Glob(pattern)
		if err != nil || len(some) == 0 {
			t.Fatalf("no script matches %s: %v", pattern, err)
		}
		files = append(files, some...)
	}
	own := map[string]func(*testscript.TestScript, bool, []string){
		"exitcode": exitCode, "redis": startRedis(t), "redis-tls": startTLS(t), "as-role": asRole(t), "genfleet": generate, "genrepo": generateDeclared, "await-tasks": awaitTasks, "await-verdicts": awaitVerdicts,
		"bigfile": bigFile, "fifo": fifo, "cmp-sorted": compareSorted, "same-report": sameReport,
		"expected-errs": expectedErrs, "expected-findings": expectedFindings, "redis-do": redisDo, "retry": retry, "unprivileged": unprivileged, "await-file": awaitFile, "keep-verdict": keepVerdict, "spoil-verdicts": spoilVerdicts,
	}
	maps.Copy(own, linuxCommands)
	return testscript.Params{
		Files: files,
		Condition: func(name string) (bool, error) {
			switch name {
			case "redis":
				_, err := exec.LookPath("redis-server")
				return err == nil || os.Getenv(redistest.RequireEnv) != "", nil
			case "fleets":
				return os.Getenv(fleetsEnv) != "", nil
			case "public":
				return hasFolders(os.Getenv(fleetsEnv), "nf-core", "vcpkg", "sigma"), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Setup: func(e *testscript.Env) error {
			enqueue, err := exec.LookPath("enqueue")
			if err != nil {
				return err
			}
			e.Setenv("ENQUEUE", enqueue)
			worker, err := exec.LookPath("worker")
			if err != nil {
				return err
			}
			e.Setenv("WORKER", worker)
			// The race detector sleeps for a second at the end of each process.
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			e.Setenv("EXAMPLES", examples)
			e.Setenv(noCacheEnv, "yes")
			e.Setenv("XDG_CACHE_HOME", noCache)
			e.Setenv(leastRightsEnv, leastRights)
			e.Setenv("FLEETS", os.Getenv(fleetsEnv))
			// A test's temporary folder is too deep for a socket's path.
			e.Setenv("TMPDIR", os.TempDir())
			return os.CopyFS(filepath.Join(e.WorkDir, "fleet"), os.DirFS("testdata/fleet"))
		},
		Cmds: own,
	}
}

// hasFolders says whether a folder has others of these names.
func hasFolders(dir string, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err != nil || !info.IsDir()
	})
}

// exitCode CODE COMMAND… runs a command that must exit with CODE.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	checkExit(ts, neg, args, ts.Exec(args[1], args[2:]...))
}

// unprivileged CODE COMMAND… is exitcode for somebody to whom permissions apply, which
// they do not to root: the command starts on a thread that has laid that down, and that
// ends with its goroutine.
func unprivileged(ts *testscript.TestScript, neg bool, args []string) {
	var dropped, err error
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread()
		if dropped = dropOverride(); dropped == nil {
			err = ts.Exec(args[1], args[2:]...)
		}
	})
	wg.Wait()
	ts.Check(dropped)
	checkExit(ts, neg, args, err)
}

func checkExit(ts *testscript.TestScript, neg bool, args []string, err error) {
	want, malformed := strconv.Atoi(args[0])
	ts.Check(malformed)
	exit, got := (*exec.ExitError)(nil), 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if neg || got != want {
		ts.Fatalf("%s exited %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// retry CODE COMMAND… runs a command until it exits with another code than CODE. It must be
// 0 then.
func retry(ts *testscript.TestScript, _ bool, args []string) {
	again, err := strconv.Atoi(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := ts.Exec(args[1], args[2:]...)
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) || exit.ExitCode() != again || time.Now().After(deadline) {
			ts.Check(err)
			return
		}
	}
}

// startRedis NAME starts a redis-server of the script's own and puts its URL into
// the variable NAME. Scripts that use it are skipped where there is none, unless
// the environment asks for it.
func startRedis(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		url := redistest.Server(t)
		ts.Setenv(args[0], url)
		if ts.Getenv(leastRightsEnv) == "" {
			return
		}
		admin := redistest.Dial(t, url)
		ts.Check(roles.Create(context.Background(), admin))
		ts.Defer(func() {
			refused, err := roles.Refused(context.Background(), admin)
			ts.Check(err)
			for _, what := range refused {
				t.Errorf("%s: %s", ts.Name(), what)
			}
		})
	}
}

// asRole URL ROLE VARIABLE makes the users of docs/acl, and puts the URL for one of them
// into the variable.
func asRole(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(roles.Create(context.Background(), redistest.Dial(t, args[0])))
		ts.Setenv(args[2], roles.Role(args[1]).URL(args[0]))
	}
}

// leastRightsEnv makes the commands use the address in $MUSTER_REDIS as the user of their
// role.
const leastRightsEnv = "MUSTER_TEST_LEAST_RIGHTS"

func takeRole(r roles.Role) {
	if address := os.Getenv(cli.RedisEnv); os.Getenv(leastRightsEnv) != "" && strings.HasPrefix(address, "unix://") {
		os.Setenv(cli.RedisEnv, r.URL(address))
	}
}

// enqueueRole is the least role that a command line of enqueue needs.
func enqueueRole(args []string) roles.Role {
	if len(args) > 1 && slices.Contains([]string{"collect", "runs", "workers"}, args[1]) {
		return roles.Observer
	}
	if len(args) > 1 && args[1] == "cache" {
		return roles.Operator
	}
	return roles.Enqueuer
}

// startTLS NAME is startRedis for one that speaks TLS and asks for certificates. The files
// for that are in $CA, $CERT and $KEY.
func startTLS(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		ca := redistest.NewAuthority(t)
		cert, key := ca.Issue("127.0.0.1", time.Now().Add(time.Hour))
		addr, _ := ca.TLS(cert, key, "yes")
		for name, value := range map[string]string{args[0]: "rediss://" + addr, "CA": ca.CA, "CERT": cert, "KEY": key} {
			ts.Setenv(name, value)
		}
	}
}

// redisDo URL COMMAND… sends Redis one command.
func redisDo(ts *testscript.TestScript, _ bool, args []string) {
	target, err := redisconn.Parse(args[0])
	ts.Check(err)
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	var command []any
	for _, word := range args[1:] {
		command = append(command, word)
	}
	ts.Check(conn.Plain().Do(context.Background(), command...).Err())
}

// generate N BAD SEED DIR writes a fleet of N services, a part BAD of them with a
// defect.
func generate(ts *testscript.TestScript, _ bool, args []string) {
	n, bad, seed := sizeOf(ts, args)
	_, err := genfleet.Write(ts.MkAbs(args[3]), genfleet.Options{Services: n, Bad: bad, Seed: seed})
	ts.Check(err)
}

// generateDeclared N BAD SEED DIR writes a repository of N units that a muster.yaml governs, with
// BAD mistakes for each.
func generateDeclared(ts *testscript.TestScript, _ bool, args []string) {
	n, bad, seed := sizeOf(ts, args)
	_, err := genrepo.Write(ts.MkAbs(args[3]), genrepo.Options{Units: n, Bad: bad, Seed: seed})
	ts.Check(err)
}

func sizeOf(ts *testscript.TestScript, args []string) (n int, bad float64, seed uint64) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	bad, err = strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	seed, err = strconv.ParseUint(args[2], 10, 64)
	ts.Check(err)
	return n, bad, seed
}

// awaitTasks URL N waits until N tasks are pending in the queue muster-ci.
func awaitTasks(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	target, err := redisconn.Parse(args[0])
	ts.Check(err)
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	ctx := context.Background()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		n := conn.Plain().LLen(ctx, "asynq:{muster-ci}:pending").Val()
		if n == want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("%d tasks are pending after 30s, want %d", n, want)
		}
	}
}

// awaitVerdicts URL RUN N waits until N units of a run have a verdict.
func awaitVerdicts(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	target, err := redisconn.Parse(args[0])
	ts.Check(err)
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	books := ledger.New(conn.Plain(), conn.Plain())
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		h, err := books.Header(context.Background(), id.Run(args[1])) // none before it is opened
		if err == nil && h.Decided >= want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("%d units of %s are decided after 30s, want %d (%v)", h.Decided, args[1], want, err)
		}
	}
}

// awaitFile NAME waits until a file is there.
func awaitFile(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("%s is not there after 30s", args[0])
		}
	}
}

// bigFile NAME SIZE writes a file of SIZE bytes.
func bigFile(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), make([]byte, size), 0o644))
}

// fifo NAME makes a named pipe: reading it plainly would wait for ever.
func fifo(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
}

// compareSorted FILE WANT compares the lines of two files in any order.
func compareSorted(ts *testscript.TestScript, _ bool, args []string) {
	lines := func(name string) []string {
		return slices.Sorted(strings.Lines(ts.ReadFile(name)))
	}
	if diff := cmp.Diff(lines(args[1]), lines(args[0])); diff != "" {
		ts.Fatalf("%s differs from %s (-want +got):\n%s", args[0], args[1], diff)
	}
}

// sameReport A B compares two JSON reports byte for byte, without their run
// objects and what they say of the cache: everything else depends on the fleet alone.
func sameReport(ts *testscript.TestScript, _ bool, args []string) {
	var reports [2][]byte
	for i, name := range args {
		text := []byte(ts.ReadFile(name))
		var report struct{ Run, Cached json.RawMessage }
		ts.Check(json.Unmarshal(text, &report))
		if len(report.Run) == 0 || bytes.Count(text, report.Run) != 1 {
			ts.Fatalf("%s has no run object of its own", name)
		}
		reports[i] = bytes.Replace(text, report.Run, nil, 1)
		if len(report.Cached) > 0 {
			reports[i] = bytes.Replace(reports[i], fmt.Appendf(nil, "\n  \"cached\": %s,", report.Cached), nil, 1)
		}
	}
	if diff := cmp.Diff(string(reports[0]), string(reports[1])); diff != "" {
		ts.Fatalf("%s and %s differ (-first +second):\n%s", args[0], args[1], diff)
	}
}

// expectedErrs REPORT EXPECTED compares the errs of a JSON report with the defects
// of a generated fleet. A cron schedule that does not parse is a warning; of a
// duplicate both owners are errs.
func expectedErrs(ts *testscript.TestScript, _ bool, args []string) {
	var report struct{ Errs []struct{ Service string } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &report))
	var expected genfleet.Expected
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &expected))
	want, got := map[string]bool{}, map[string]bool{}
	for _, bad := range expected.Bad {
		if bad.Kind == "bad-cron" {
			continue
		}
		want[bad.Service] = true
		if bad.With != "" {
			want[bad.With] = true
		}
	}
	for _, err := range report.Errs {
		got[err.Service] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		ts.Fatalf("%s: the errs are not the defects (-want +got):\n%s", args[0], diff)
	}
}

// expectedFindings REPORT EXPECTED compares all findings of a JSON report, warnings among them,
// with those that a generated repository must have.
func expectedFindings(ts *testscript.TestScript, _ bool, args []string) {
	type unit struct {
		Service            string
		Findings, Warnings []genrepo.Finding
	}
	var report struct{ OKs, Errs []unit }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &report))
	var expected genrepo.Expected
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &expected))
	var got []genrepo.Finding
	for _, u := range append(report.OKs, report.Errs...) {
		for _, f := range append(u.Findings, u.Warnings...) {
			f.Unit = u.Service
			got = append(got, f)
		}
	}
	slices.SortFunc(got, genrepo.Finding.Compare)
	if diff := cmp.Diff(expected.Findings, got); diff != "" || len(got) == 0 {
		ts.Fatalf("%s: the findings are not those expected (-want +got):\n%s", args[0], diff)
	}
}
