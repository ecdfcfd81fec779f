//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/test/genrepo"
	"github.com/seed306eabeb/muster/test/processes"
	"github.com/seed306eabeb/muster/test/proxy"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/test/trouble"
)

// runID is the run of a world that has one.
const runID = "r"

// keepFile makes Redis keep what it has, as an operator should.
var keepFile = []string{"--appendonly", "yes", "--appendfsync", "everysec"}

// world is what one test has for itself: a Redis, a repository and gates, and
// the processes that it starts.
type world struct {
	t     *testing.T
	redis *redistest.Instance
	url   string // of Redis, for the processes
	conn  *redisconn.Conn
	books *ledger.Ledger
	repo  string
	gates string
	fleet fleet
	units map[string]string // name → its steps, the last one bad where it is invalid
	offer string            // the file with the definition of the command, for workers; "" for none
	cache string            // the address of the cache's own Redis; "" for the one that has the runs
	mark  string            // a word in the arguments of each of its processes
	// expected is what is found, where checks find something of themselves.
	expected *genrepo.Expected
}

func newWorld(t *testing.T, redisArgs ...string) *world {
	t.Helper()
	return newWorldOf(t, plain, redisArgs...)
}

func newWorldOf(t *testing.T, fl fleet, redisArgs ...string) *world {
	t.Helper()
	r := redistest.Process(t, redisArgs...)
	w := &world{t: t, redis: r, url: r.URL(), repo: t.TempDir(), gates: t.TempDir(), fleet: fl, units: map[string]string{}}
	w.conn = connect(t, w.url)
	w.books = booksOf(w.conn)
	switch fl {
	case declared:
		return w
	case offered:
		w.offers(commandTimeout)
		w.write("muster.yaml", stepsYAML)
		return w
	}
	w.write(trouble.Marker, "")
	if err := os.Mkdir(filepath.Join(w.repo, trouble.Units), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

func connect(t *testing.T, url string) *redisconn.Conn {
	t.Helper()
	target, err := redisconn.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	c := target.Dial(redisconn.Options{Name: "test"})
	t.Cleanup(func() { c.Close() })
	return c
}

func booksOf(c *redisconn.Conn) *ledger.Ledger { return ledger.New(c.Plain(), c.Plain()) }

func (w *world) write(path, text string) {
	w.t.Helper()
	path = filepath.Join(w.repo, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// unit adds a unit to the repository.
func (w *world) unit(name string, steps ...string) {
	w.t.Helper()
	w.units[w.called(name)] = strings.Join(steps, "\n")
	w.write(filepath.Join(trouble.Units, name, trouble.File), strings.Join(steps, "\n"))
}

// called is what the reports call a unit.
func (w *world) called(name string) string {
	if w.fleet == offered {
		return trouble.Units + "/" + name
	}
	return name
}

// bad is the last step of what is invalid.
const bad = "bad"

// crowd adds n units, every eighth of which is bad after the same steps.
func (w *world) crowd(n int, steps ...string) {
	w.t.Helper()
	if w.fleet == declared {
		w.generate(n, steps)
		return
	}
	for i := range n {
		w.unit(unitName(i), member(i, steps)...)
	}
	if w.fleet == cached {
		w.fill()
	}
}

// member is what the i-th of a crowd says.
func member(i int, steps []string) []string {
	if i%8 == 0 {
		return append(slices.Clone(steps), bad)
	}
	return steps
}

var sharing sync.Mutex

// share is crowd in a repository that the tests have in common, for files are slow
// to make. It must not be written to.
func (w *world) share(n int, steps ...string) {
	w.t.Helper()
	sharing.Lock()
	defer sharing.Unlock()
	w.repo = filepath.Join(programs, fmt.Sprintf("shared-%d", n))
	if _, err := os.Stat(w.repo); err != nil {
		w.crowd(n, steps...)
		w.write(trouble.Marker, "")
		return
	}
	for i := range n {
		w.units[unitName(i)] = strings.Join(member(i, steps), "\n")
	}
}

func unitName(i int) string { return fmt.Sprintf("unit-%06d", i) }

// open lets the units go on that wait for a gate.
func (w *world) open(gate string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.gates, gate), nil, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// via puts a proxy between Redis and the processes that are started from now on.
func (w *world) via() *proxy.Proxy {
	w.t.Helper()
	p := proxy.Start(w.t, "unix", strings.TrimPrefix(w.redis.URL(), "unix://"))
	w.url = "redis://" + p.Addr()
	return p
}

// worker starts a worker and waits until it fetches.
func (w *world) worker(args ...string) *process { return w.workerWith(nil, args...) }

func (w *world) workerWith(env []string, args ...string) *process {
	w.t.Helper()
	p := w.workerUnheard(env, args...)
	p.says("worker up", long)
	return p
}

// workerUnheard does not wait.
func (w *world) workerUnheard(env []string, args ...string) *process {
	w.t.Helper()
	env = append([]string{trouble.GatesEnv + "=" + w.gates}, env...)
	args = w.keeping(w.offering(append([]string{"--redis", w.url, "-v"}, args...)))
	return start(w.t, env, "worker", args...)
}

// enqueue starts `enqueue run` over the whole repository.
func (w *world) enqueue(args ...string) *enqueuer {
	w.t.Helper()
	return w.command("run", append([]string{"--repo", w.repo}, args...)...)
}

// collect starts `enqueue collect`.
func (w *world) collect(args ...string) *enqueuer {
	w.t.Helper()
	return w.command("collect", append(args, runID)...)
}

func (w *world) command(name string, args ...string) *enqueuer {
	w.t.Helper()
	report := filepath.Join(w.t.TempDir(), "report.json")
	args = append([]string{name, "--redis", w.url, "--format", "json=" + report, "--format", "text"}, args...)
	if w.cache != "" {
		args = append(args, "--cache-redis", w.cache)
	}
	if name == "run" && !slices.Contains(args, "--resume") && !slices.Contains(args, "--run-id") {
		args = append(args, "--run-id", runID)
	}
	env := []string{trouble.GatesEnv + "=" + w.gates}
	return &enqueuer{start(w.t, env, "enqueue", args...), report}
}

func (w *world) plain() redis.UniversalClient { return w.conn.Plain() }

// header reads the run, or the zero header where Redis does not have it or does
// not answer.
func (w *world) header() ledger.Header {
	h, err := w.books.Header(w.t.Context(), runID)
	if err != nil {
		return ledger.Header{}
	}
	return h
}

// decided waits until n services have a verdict.
func (w *world) decided(n int) {
	w.t.Helper()
	await(w.t, long, fmt.Sprintf("%d verdicts", n), func() bool { return w.header().Decided >= n })
}

// pending waits until n tasks wait in the queue.
func (w *world) pending(n int64) {
	w.t.Helper()
	await(w.t, long, fmt.Sprintf("%d pending tasks", n), func() bool {
		return w.plain().LLen(w.t.Context(), "asynq:{"+tasks.QueueCI+"}:pending").Val() >= n
	})
}

// active is how many tasks the workers have fetched and not finished.
func (w *world) active() int64 {
	return w.plain().LLen(w.t.Context(), "asynq:{"+tasks.QueueCI+"}:active").Val()
}

// begun waits until p, or any worker if p is nil, works on n services.
func (w *world) begun(p *process, n int) {
	w.t.Helper()
	await(w.t, long, fmt.Sprintf("work on %d services", n), func() bool { return len(w.begunBy(p)) >= n })
}

// begunBy lists the services that p works on, by what the ledger was told.
func (w *world) begunBy(p *process) []string {
	var names []string
	for name, who := range w.plain().HGetAll(w.t.Context(), "muster:{"+runID+"}:begun").Val() {
		if p == nil || strings.Contains(who, fmt.Sprintf("-%d-", p.PID())) {
			names = append(names, name)
		}
	}
	return names
}

// keep starts a worker again whenever it ends, as an orchestrator does, until stop
// is called or the test ends. stop tells how often that was.
func (w *world) keep(args ...string) (stop func() (deaths int)) {
	w.t.Helper()
	return w.keepAs(filepath.Join(programs, "worker"), args...)
}

// keepAs is keep with a program that becomes the worker.
func (w *world) keepAs(program string, args ...string) (stop func() (deaths int)) {
	w.t.Helper()
	args = w.offering(append([]string{"--redis", w.url, "-v"}, args...))
	end, ended := make(chan struct{}), make(chan struct{})
	deaths := 0
	go func() {
		defer close(ended)
		for ; ; deaths++ {
			p, err := processes.Start([]string{trouble.GatesEnv + "=" + w.gates}, program, args...)
			if err != nil {
				w.t.Errorf("start a worker again: %v", err)
				return
			}
			select {
			case <-p.Exited():
			case <-end:
				stopAndShow(w.t, p)
				return
			}
		}
	}()
	stop = sync.OnceValue(func() int { close(end); <-ended; return deaths })
	w.t.Cleanup(func() { stop() })
	return stop
}
