package metrics_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/metrics"
	"github.com/seed306eabeb/muster/test/redistest"
	"github.com/seed306eabeb/muster/verdict"
)

const silence = 5 * time.Second

// world is a Redis, and what is told of it.
type world struct {
	*ledger.Ledger
	conn *redisconn.Conn
}

func newWorld(t *testing.T, url string) world {
	t.Helper()
	conn := redistest.Dial(t, url)
	return world{ledger.New(conn.Bulk(), conn.Plain()), conn}
}

// page is what a fresh exporter of the world says.
func (w world) page(t *testing.T) map[string]string {
	t.Helper()
	r := metrics.NewRegistry("v1")
	r.MustRegister(metrics.NewFleet(w.Ledger, silence, slog.New(slog.DiscardHandler)))
	return read(t, r)
}

// read is what a registry serves of this program's own metrics: series → value.
func read(t *testing.T, r metrics.Registry) map[string]string {
	t.Helper()
	answer := httptest.NewRecorder()
	r.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("the page is %d: %s", answer.Code, answer.Body)
	}
	all := map[string]string{}
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "muster_") {
			line = strings.TrimSpace(line)
			i := strings.LastIndex(line, " ")
			all[line[:i]] = line[i+1:]
		}
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var lanesPlan = ledger.Plan{Queue: "muster-ci", Whole: true, Units: ".", Kinds: []ledger.KindPlan{
	{Kind: "port", Checks: []string{"declared"}, Shared: "s1"},
	{Kind: "chart", Checks: []string{"command/helm-lint"}, Shared: "s2"},
}}

// begun is a run with two ports, of which one is decided, and three charts, of which none is.
func (w world) begun(t *testing.T, run id.Run) {
	t.Helper()
	o, err := w.Open(t.Context(), run, ledger.Opening{Plan: lanesPlan, Owner: "e"})
	must(t, err)
	must(t, o.AddExpectedOf(t.Context(), "port", []id.Unit{"p1", "p2"}))
	must(t, o.AddExpectedOf(t.Context(), "chart", []id.Unit{"c1", "c2", "c3"}))
	must(t, o.Seal(t.Context(), 5))
	answer, err := w.Record(t.Context(), run, ledger.Entry{Unit: "p1", Digest: ledger.AnyDigest, Kind: verdict.OK, Delivery: "w#1"})
	if must(t, err); answer != ledger.Recorded {
		t.Fatalf("the verdict is %s", answer)
	}
}

// TestFleet: the backlog of each lane, and what there is for it.
func TestFleet(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.begun(t, "one")
		w.begun(t, "two")
		w.begun(t, "left")
		must(t, w.conn.Plain().HSet(t.Context(), "muster:{left}:run", "owned", 1).Err())
		must(t, w.Announce(t.Context(), "muster-ci+yamllint"))
		helm := ledger.Offer{Name: "helm-lint", Engine: "e1", Slots: 2}
		other := helm
		other.Engine = "e2"
		for name, c := range map[string]ledger.Capacity{
			"a":     {Slots: 8, Queues: []string{"muster-audit", "muster-ci"}, Version: "v1"},
			"b":     {Slots: 4, Queues: []string{"muster-ci"}, Version: "v2", CommandSlots: 3, Offers: []ledger.Offer{helm}},
			"c":     {Slots: 4, Queues: []string{"muster-ci"}, Version: "v2", CommandSlots: 1, Offers: []ledger.Offer{other}},
			"stops": {Queues: []string{"muster-ci"}, Version: "v2", Offers: []ledger.Offer{helm}},
		} {
			must(t, w.Heartbeat(t.Context(), name, c))
		}
		got := w.page(t)
		for _, moving := range []string{"muster_look_seconds", `muster_oldest_undecided_seconds{lane="muster-ci",queue="muster-ci"}`, `muster_oldest_undecided_seconds{lane="muster-ci+helm-lint",queue="muster-ci"}`} {
			if v, ok := got[moving]; !ok || v == "0" {
				t.Errorf("%s is %q", moving, v)
			}
			delete(got, moving)
		}
		want := map[string]string{
			`muster_up`: "1", `muster_workers`: "4", `muster_worker_versions{version="v1"}`: "1", `muster_worker_versions{version="v2"}`: "3",
			`muster_runs{queue="muster-ci",state="sealed"}`: "2", `muster_runs{queue="muster-ci",state="abandoned"}`: "1",
			`muster_command_workers{command="helm-lint"}`: "2", `muster_command_slots{command="helm-lint"}`: "3", `muster_command_engines{command="helm-lint"}`: "2",
		}
		lane := func(queue, needs string, expected, decided, undecided, stranded, workers, slots int) {
			for name, n := range map[string]int{"units_expected": expected, "units_decided": decided, "units_undecided": undecided, "units_stranded": stranded, "lane_workers": workers, "lane_slots": slots} {
				want[fmt.Sprintf(`muster_%s{lane="%s%s",queue="%s"}`, name, queue, needs, queue)] = fmt.Sprint(n)
			}
		}
		lane("muster-ci", "", 4, 2, 2, 1, 3, 16)
		lane("muster-ci", "+helm-lint", 6, 0, 6, 3, 2, 3)
		lane("muster-ci", "+yamllint", 0, 0, 0, 0, 0, 0)
		lane("muster-audit", "", 0, 0, 0, 0, 1, 8)
		want[`muster_oldest_undecided_seconds{lane="muster-audit",queue="muster-audit"}`] = "0"
		want[`muster_oldest_undecided_seconds{lane="muster-ci+yamllint",queue="muster-ci"}`] = "0"
		maps.DeleteFunc(got, func(series, _ string) bool { return strings.HasPrefix(series, "muster_build_info") })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the page (-want +got):\n%s", diff)
		}
	})
}

// TestFleetWithoutRedis: it says that it cannot look, within its time, and nothing of what it saw
// before.
func TestFleetWithoutRedis(t *testing.T) {
	t.Parallel()
	p := redistest.Process(t)
	w := newWorld(t, p.URL())
	w.begun(t, "one")
	if got := w.page(t); got["muster_up"] != "1" {
		t.Errorf("before: %v", got)
	}
	p.Kill()
	got := w.page(t)
	if got["muster_up"] != "0" || len(got) != 3 { // with the look's time and the build
		t.Errorf("without Redis: %v", got)
	}
}

// TestManyAskOneLooks: whoever asks while a look is fresh, or under way, gets it.
func TestManyAskOneLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Server(t))
	r := metrics.NewRegistry("v1")
	fleet := metrics.NewFleet(w.Ledger, silence, slog.New(slog.DiscardHandler))
	r.MustRegister(fleet)
	calls := func() string {
		text, err := w.conn.Plain().Info(context.Background(), "commandstats").Result()
		must(t, err)
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(line, "cmdstat_zrevrange:calls="); ok {
				n, _, _ := strings.Cut(rest, ",")
				return n
			}
		}
		return "0"
	}
	must(t, fleet.Look())
	before := calls()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { read(t, r) })
	}
	wg.Wait()
	if after := calls(); before != "1" || after != before {
		t.Errorf("Redis was looked at %s times, and then %s; want once", before, after)
	}
}

// TestHostileNames: what others write into Redis neither breaks the page nor fills a Prometheus.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Mini(t))
	var queues []string
	for i := range 500 {
		queues = append(queues, fmt.Sprintf("q%03d", i))
	}
	queues = append(queues, "broken \xff\n\"", "long"+strings.Repeat("x", 10_000))
	for i, q := range queues {
		must(t, w.Heartbeat(t.Context(), fmt.Sprint("w", i), ledger.Capacity{Slots: 1, Queues: []string{q}, Version: fmt.Sprint("v\xfe", i), CommandSlots: 1,
			Offers: []ledger.Offer{{Name: fmt.Sprint("c", i), Slots: 1}}}))
	}
	got := w.page(t)
	if n := len(got); n > 8*200+4*200+100 {
		t.Errorf("%d series", n)
	}
	for _, series := range []string{`muster_worker_versions{version="other"}`, `muster_lane_slots{lane="other",queue="other"}`, `muster_command_slots{command="other"}`} {
		if got[series] == "" {
			t.Errorf("there is no %s", series)
		}
	}
	for series := range got {
		if len(series) > 500 {
			t.Errorf("a series has a name of %d bytes", len(series))
		}
	}
}
