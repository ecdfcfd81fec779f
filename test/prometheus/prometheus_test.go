//go:build linux

package prometheus

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/processes"
	"github.com/seed306eabeb/muster/test/redistest"
)

// requireEnv names the environment variable that, when not empty, makes a missing Prometheus a
// failure: what is skipped proves nothing.
const requireEnv = "MUSTER_REQUIRE_PROMETHEUS"

const deployed = "../../deploy/prometheus"

// need is that the programs of Prometheus are there.
func need(t *testing.T) {
	t.Helper()
	for _, program := range []string{"prometheus", "promtool"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv(requireEnv) != "" {
			t.Fatalf("there is no %s on PATH", program)
		}
		t.Skipf("there is no %s on PATH", program)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestShippedRules: promtool reads what is shipped, and the alerts' own tests pass.
func TestShippedRules(t *testing.T) {
	t.Parallel()
	need(t)
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		cmd := exec.CommandContext(t.Context(), "promtool", args...)
		cmd.Dir = deployed
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// alertName finds the names of alerts.
var alertName = regexp.MustCompile(`(?m)alert(?:name)?: (\w+)`)

// TestEachAlertHasATest: one that expects it to fire.
func TestEachAlertHasATest(t *testing.T) {
	t.Parallel()
	rules, tests := text(t, "alerts.yml"), text(t, "alerts_test.yml")
	var fires []string
	for _, one := range strings.Split(tests, "- alertname: ")[1:] { // those in one line expect nothing
		name, _, _ := strings.Cut(one, "\n")
		fires = append(fires, name)
	}
	for _, m := range alertName.FindAllStringSubmatch(rules, -1) {
		if !slices.Contains(fires, m[1]) {
			t.Errorf("no test in alerts_test.yml expects %s to fire", m[1])
		}
	}
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(deployed, name))
	must(t, err)
	return string(b)
}

// waits makes the waits of the shipped alerts those of a test.
var waits = strings.NewReplacer("for: 1m", "for: 1s", "for: 2m", "for: 1s", "for: 5m", "for: 1s", "> 300", "> 2")

const scrape = `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [alerts.yml]
scrape_configs:
  - job_name: muster
    file_sd_configs: [{files: [exporters.json], refresh_interval: 1s}]
  - job_name: muster-worker
    file_sd_configs: [{files: [workers.json], refresh_interval: 1s}]
`

// rig is a Prometheus that scrapes an exporter and workers of one Redis.
type rig struct {
	t     *testing.T
	dir   string
	redis *redistest.Instance
	api   string
	all   []*processes.Process
}

// start starts a program that lives as long as the test.
func (r *rig) start(path string, args ...string) *processes.Process {
	r.t.Helper()
	p, err := processes.Start([]string{"MUSTER_REDIS=" + r.redis.URL(), "HOME=" + r.dir}, path, args...)
	must(r.t, err)
	r.t.Cleanup(p.Kill)
	r.all = append(r.all, p)
	return p
}

// addrOf is where a program listens, as its log says.
var addrOf = regexp.MustCompile(`(?:addr|address)=(127\.0\.0\.1:[1-9]\d*)`)

// listening waits until a program has said where it listens, in a line with a text.
func (r *rig) listening(p *processes.Process, line string) string {
	r.t.Helper()
	must(r.t, p.Says(r.t.Context(), line))
	for _, said := range p.Said() {
		if m := addrOf.FindStringSubmatch(said); m != nil && strings.Contains(said, line) {
			return m[1]
		}
	}
	r.t.Fatalf("%s has not said where it listens: %q", p, p.Said())
	return ""
}

// scrapes makes Prometheus scrape what a file names.
func (r *rig) scrapes(file string, targets ...string) {
	r.t.Helper()
	b, err := json.Marshal([]map[string][]string{{"targets": targets}})
	must(r.t, err)
	must(r.t, os.WriteFile(filepath.Join(r.dir, file+".new"), b, 0o600))
	must(r.t, os.Rename(filepath.Join(r.dir, file+".new"), filepath.Join(r.dir, file)))
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), redis: redistest.Process(t)}
	must(t, processes.Build(t.Context(), r.dir, processes.Product))
	rules := waits.Replace(text(t, "alerts.yml"))
	must(t, os.WriteFile(filepath.Join(r.dir, "alerts.yml"), []byte(rules), 0o600))
	config := filepath.Join(r.dir, "prometheus.yml")
	must(t, os.WriteFile(config, []byte(scrape), 0o600))
	p := r.start("prometheus", "--config.file", config, "--storage.tsdb.path", filepath.Join(r.dir, "data"), "--web.listen-address", "127.0.0.1:0")
	r.api = "http://" + r.listening(p, "Listening on") + "/api/v1/"
	return r
}

// sample is one result of a query, or an alert.
type sample struct {
	Metric map[string]string
	Value  any // of a result, when and what
	Labels map[string]string
	State  string
}

// ask asks the API; nothing while that is not ready.
func (r *rig) ask(path string) []sample {
	r.t.Helper()
	answer, err := http.Get(r.api + path)
	must(r.t, err)
	defer answer.Body.Close()
	var body struct {
		Data struct{ Result, Alerts []sample }
	}
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&body) != nil {
		return nil
	}
	return append(body.Data.Result, body.Data.Alerts...)
}

// value is the only result of a query, "" if there is none.
func (r *rig) value(query string) string {
	r.t.Helper()
	if all := r.ask("query?query=" + url.QueryEscape(query)); len(all) == 1 {
		if pair, ok := all[0].Value.([]any); ok && len(pair) == 2 {
			return fmt.Sprint(pair[1])
		}
	}
	return ""
}

// firing are the alerts that fire, sorted, with their lanes.
func (r *rig) firing() (all []string) {
	r.t.Helper()
	for _, a := range r.ask("alerts") {
		if a.State == "firing" {
			all = append(all, strings.TrimSpace(a.Labels["alertname"]+" "+a.Labels["lane"]))
		}
	}
	slices.Sort(all)
	return all
}

// until waits for a condition that Prometheus is to see.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			for _, p := range r.all {
				r.t.Logf("%s has said:\n%s", p, strings.Join(p.Said(), "\n"))
			}
			r.t.Fatalf("Prometheus has not seen that %s; alerts fire: %q", what, r.firing())
		case <-r.t.Context().Done():
			r.t.Fatal(r.t.Context().Err())
		}
	}
}

// fleet is a repository with quick units and slow ones, which a command is asked about.
func (r *rig) fleet(quick, slow int) string {
	r.t.Helper()
	repo := filepath.Join(r.dir, "repo")
	files := map[string]string{"muster.yaml": "muster: 1\nunits:\n  quick: {at: 'quick/*.yaml', checks: [{syntax: auto}]}\n  slow: {at: 'slow/*.yaml', checks: [{run: look}]}\n"}
	for i := range quick {
		files[fmt.Sprintf("quick/%d.yaml", i)] = fmt.Sprintf("n: %d\n", i)
	}
	for i := range slow {
		files[fmt.Sprintf("slow/%d.yaml", i)] = fmt.Sprintf("n: %d\n", i)
	}
	for name, content := range files {
		file := filepath.Join(repo, name)
		must(r.t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(r.t, os.WriteFile(file, []byte(content), 0o600))
	}
	return repo
}

// offer is a file in which a command is defined that looks at nothing.
func (r *rig) offer() string {
	r.t.Helper()
	file := filepath.Join(r.dir, "commands.yaml")
	must(r.t, os.WriteFile(file, []byte("muster: 1\ncommands:\n  look: {run: ['true'], exit: {clean: [0]}, output: {format: exit}}\n"), 0o600))
	return file
}

// TestPrometheusSeesABacklogThatNobodyServes: how much it is and that no slot is there, until a
// worker comes that offers the command; and that Redis is gone.
func TestPrometheusSeesABacklogThatNobodyServes(t *testing.T) {
	t.Parallel()
	need(t)
	r := newRig(t)
	enqueue, worker := filepath.Join(r.dir, "enqueue"), filepath.Join(r.dir, "worker")
	const addr, up = "127.0.0.1:0", "endpoint up"
	exporter := r.listening(r.start(enqueue, "workers", "--metrics", addr), "metrics of a Redis")
	plain := r.listening(r.start(worker, "--metrics-addr", addr), up)
	r.scrapes("exporters.json", exporter)
	r.scrapes("workers.json", plain)
	run := r.start(enqueue, "run", "--repo", r.fleet(20, 7), "--on-undecided", "wait", "--timeout", "5m")

	const lane = `{queue="muster-ci",lane="muster-ci+look"}`
	r.until("the lane has a backlog", func() bool { return r.value("muster_units_undecided"+lane) == "7" })
	r.until("the quick units are decided", func() bool { return r.value(`muster_units_decided{lane="muster-ci"}`) == "20" })
	for query, want := range map[string]string{
		"muster_lane_slots" + lane: "0", "muster_lane_workers" + lane: "0", `muster_units_undecided{lane="muster-ci"}`: "0", "muster_workers": "1", `muster_runs{state="sealed"}`: "1",
	} {
		if got := r.value(query); got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
	want := []string{"MusterBacklogUnserved muster-ci+look", "MusterCommandNotOffered muster-ci+look"}
	r.until("the alerts of the lane fire", func() bool { return slices.Equal(r.firing(), want) })
	r.until("the worker has counted the quick units", func() bool { return r.value(`sum(muster_tasks_total{kind="quick",result="ok"})`) == "20" })

	able := r.listening(r.start(worker, "--metrics-addr", addr, "--commands", r.offer(), "--allow-unsandboxed", "files,network,processes,privileges,resources"), up)
	r.scrapes("workers.json", plain, able)
	<-run.Exited()
	if code := run.State().ExitCode(); code != 0 {
		t.Fatalf("the run has ended with %d: %q", code, run.Said())
	}
	r.until("no alert fires", func() bool { return len(r.firing()) == 0 && r.value("muster_workers") == "2" })
	r.until("the command was run", func() bool { return r.value(`sum(muster_commands_total{command="look",outcome="ok"})`) == "7" })
	r.until("its time was measured", func() bool { return r.value(`sum(muster_check_seconds_count{check="command/look"})`) == "7" })
	r.until("the command is offered", func() bool { return r.value(`muster_command_workers{command="look"}`) == "1" })

	r.redis.Kill()
	r.until("Redis is gone", func() bool {
		return slices.Contains(r.firing(), "MusterRedisUnread") && r.value("muster_workers") == ""
	})
}
