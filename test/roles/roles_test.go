package roles_test

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/test/roles"
	"github.com/seed306eabeb/muster/verdict"
)

// world is a Redis with the users, in which the enqueuer has begun a run.
type world struct{ url string }

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{url: redistest.Server(t)}
	must(t, roles.Create(t.Context(), redistest.Dial(t, w.url)))
	l := w.as(t, roles.Enqueuer)
	owner, err := l.Open(t.Context(), "r", ledger.Opening{Plan: ledger.Plan{Queue: "muster-ci", Checker: "manifest", Shared: "s"}, Owner: "e"})
	must(t, err)
	must(t, owner.AddExpected(t.Context(), []id.Unit{"a"}))
	_, err = owner.Expect(t.Context(), "a", "d", "")
	must(t, err)
	return w
}

func (w world) as(t *testing.T, r roles.Role) *ledger.Ledger {
	c := redistest.Dial(t, r.URL(w.url))
	return ledger.New(c.Bulk(), c.Plain())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheUsersLoadFromAFile: as they stand, beside the default user.
func TestTheUsersLoadFromAFile(t *testing.T) {
	t.Parallel()
	text := "user default on nopass ~* &* +@all\n"
	for _, r := range roles.All() {
		line, err := os.ReadFile(r.File())
		must(t, err)
		text += string(line)
	}
	file := filepath.Join(t.TempDir(), "users.acl")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	admin := redistest.Dial(t, redistest.Process(t, "--aclfile", file).URL()).Plain()
	users, err := admin.Do(t.Context(), "ACL", "LIST").StringSlice()
	must(t, err)
	for _, r := range roles.All() {
		if !slices.ContainsFunc(users, func(u string) bool { return strings.HasPrefix(u, "user muster-"+string(r)+" off ") }) {
			t.Errorf("Redis has no user muster-%s that is off: %q", r, users)
		}
	}
}

// TestWhatTheRolesMayNot: as far as keys and commands can part it.
func TestWhatTheRolesMayNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	v := verdict.Subject{Unit: "a", Digest: "d", Shared: "s"}.Undecided("forged", "manifest")
	observer, worker, enqueuer := w.as(t, roles.Observer), w.as(t, roles.Worker), w.as(t, roles.Enqueuer)
	do := func(r roles.Role, words ...any) error {
		return redistest.Dial(t, r.URL(w.url)).Plain().Do(ctx, words...).Err()
	}
	open := func(l *ledger.Ledger) error { _, err := l.Open(ctx, "forged", ledger.Opening{}); return err }
	for name, err := range map[string]error{
		"an observer writes a verdict":         observer.RecordVerdict(ctx, slog.New(slog.DiscardHandler), "r", "d", "o#1", v),
		"an observer cancels":                  observer.Cancel(ctx, "r", ledger.Cancellation{Reason: "mischief"}),
		"an observer opens a run":              open(observer),
		"an observer writes a header":          do(roles.Observer, "HSET", "muster:{r}:run", "state", "cancelled"),
		"an observer announces a lane":         observer.Announce(ctx, "muster-ci+lint"),
		"an observer looks at the queue":       do(roles.Observer, "GET", "asynq:{muster-ci}:t:x"),
		"an observer looks at other keys":      do(roles.Observer, "GET", "secret"),
		"an observer deletes":                  do(roles.Observer, "DEL", "muster:{r}:run"),
		"a worker opens a run":                 open(worker),
		"a worker adds folders":                do(roles.Worker, "SADD", "muster:{r}:folders", "b"),
		"a worker adds a run to the list":      do(roles.Worker, "ZADD", "muster:runs", "1", "forged"),
		"a worker replaces a bundle":           do(roles.Worker, "SET", "muster:bundle:d", "forged"),
		"a worker supersedes":                  func() error { _, _, err := worker.Supersede(ctx, "main", "r", 0); return err }(),
		"an enqueuer beats":                    enqueuer.Heartbeat(ctx, "forged", ledger.Capacity{Slots: 9, Queues: []string{"muster-ci"}}),
		"an enqueuer pretends to be a server":  do(roles.Enqueuer, "ZADD", "asynq:servers", "1", "x"),
		"an enqueuer lists all keys":           do(roles.Enqueuer, "KEYS", "*"),
		"a worker flushes":                     do(roles.Worker, "FLUSHALL"),
		"a worker changes settings":            do(roles.Worker, "CONFIG", "SET", "maxmemory", "1"),
		"a worker uses the keys of others":     do(roles.Worker, "SET", "other", "x"),
		"an enqueuer uses the keys of others":  do(roles.Enqueuer, "SET", "other", "x"),
		"an enqueuer reads the queue of other": do(roles.Enqueuer, "LRANGE", "asynq:{mail}:pending", "0", "1"),
	} {
		if acl.Denied(err) == nil {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	h, err := w.as(t, roles.Enqueuer).Header(ctx, "r")
	if must(t, err); h.Decided != 0 || h.State != ledger.Open {
		t.Errorf("the run is %s with %d verdicts", h.State, h.Decided)
	}
	must(t, enqueuer.Announce(ctx, "muster-ci+lint"))
	must(t, worker.Announce(ctx, "muster-ci+test")) // of a detached run
	for name, l := range map[string]*ledger.Ledger{"an observer": observer, "a worker": worker} {
		if lanes, err := l.Announced(ctx); err != nil || len(lanes) != 2 {
			t.Errorf("%s sees the lanes %v, %v; want both", name, lanes, err)
		}
	}
	if runs, err := observer.Runs(ctx); err != nil || len(runs) != 1 {
		t.Errorf("an observer sees the runs %v, %v", runs, err)
	}
	if runs, err := observer.OpenRuns().Read(ctx); err != nil || len(runs) != 1 {
		t.Errorf("an observer sees the open runs %v, %v", runs, err)
	}
}

// calls finds the scripts of a file and the commands that they run.
var (
	scripts = regexp.MustCompile("(?s)(\\w+)\\s*= redis\\.NewScript\\((.*?)`\\)")
	calls   = regexp.MustCompile(`redis\.p?call\(\s*["'](\w+)["'](?:, ["'](USAGE)["'])?`)
)

// TestEveryScriptMayRunItsCommands: also those of the paths that no other test takes.
// Redis checks each command of a script against the user.
func TestEveryScriptMayRunItsCommands(t *testing.T) {
	t.Parallel()
	asynq, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/hibiken/asynq").Output()
	must(t, err)
	rdb := filepath.Join(strings.TrimSpace(string(asynq)), "internal", "rdb")
	all, own := map[string][]string{}, map[string]bool{}
	ours, err := filepath.Glob("../../ledger/scripts*.go")
	must(t, err)
	for i, file := range append(slices.Clone(ours), filepath.Join(rdb, "rdb.go"), filepath.Join(rdb, "inspect.go")) {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, s := range scripts.FindAllStringSubmatch(string(text), -1) {
			own[s[1]] = i < len(ours)
			for _, c := range calls.FindAllStringSubmatch(s[2], -1) {
				all[s[1]] = append(all[s[1]], strings.ToLower(strings.TrimSuffix(c[1]+"|"+c[2], "|")))
			}
			if strings.Contains(s[2], "tell +") {
				all[s[1]] = append(all[s[1]], "xadd", "xlen", "expire")
			}
			if strings.Contains(s[2], "guard +") {
				all[s[1]] = append(all[s[1]], "hmget")
			}
			if strings.Contains(s[2], "kindsOf +") {
				all[s[1]] = append(all[s[1]], "hmget", "hset", "hlen", "expire", "hincrby")
			}
			if strings.Contains(s[2], "now +") {
				all[s[1]] = append(all[s[1]], "time")
			}
		}
	}
	for role, names := range map[roles.Role]string{
		roles.Enqueuer: "openScript handOverScript addExpectedScript addKnownScript expectScript hitScript restoreScript sealScript recordScript reissueScript markAliveScript " +
			"cancelScript endScript completeScript leaveScript supersedeScript enqueueCmd currentStatsCmd memoryUsageCmd deleteTaskCmd getTaskInfoCmd",
		roles.Worker: "beginScript claimScript handOverScript endDetachedScript deadlineScript reissueScript enqueueCmd releaseScript recordScript noteScript heartbeatScript dequeueCmd doneCmd requeueCmd retryCmd archiveCmd forwardCmd " +
			"deleteExpiredCompletedTasksCmd listLeaseExpiredCmd reclaimStateAggregationSetsCmd writeServerStateCmd clearServerStateCmd",
	} {
		rules, err := role.Rules()
		must(t, err)
		for _, name := range strings.Fields(names) {
			delete(own, name)
			if len(all[name]) == 0 {
				t.Errorf("there is no script %s, or it runs nothing: bring this list up to date", name)
			}
			for _, c := range all[name] {
				if !slices.Contains(rules, "+"+c) {
					t.Errorf("%s: +%s is missing, which %s runs", role.File(), c, name)
				}
			}
		}
	}
	for name, ours := range own {
		if ours {
			t.Errorf("no role runs %s: bring the lists up to date", name)
		}
	}
}
