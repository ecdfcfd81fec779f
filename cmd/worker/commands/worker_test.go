package commands

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/scope"
)

func TestParseQueues(t *testing.T) {
	t.Parallel()
	got, err := parseQueues("muster-ci=6, muster-audit=1")
	if want := map[string]int{"muster-ci": 6, "muster-audit": 1}; err != nil || !maps.Equal(got, want) {
		t.Errorf("parseQueues = %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"", "muster-ci", "=1", "muster-ci=0", "muster-ci=x", "a=1,,b=2", "muster-ci+helm-lint=1"} {
		if got, err := parseQueues(bad); err == nil {
			t.Errorf("parseQueues(%q) = %v, want an error", bad, got)
		}
	}
}

// said is a worker's condition in two words.
type said struct{ alive, ready error }

func (s said) Alive(time.Time) error { return s.alive }
func (s said) Ready(time.Time) error { return s.ready }

func TestHealthIsWhatTheWorkerSays(t *testing.T) {
	t.Parallel()
	stuck, silent := errors.New("the loop is stuck"), errors.New("no heartbeat")
	for _, tt := range []struct {
		name         string
		of           condition
		alive, ready string // bodies; anything but ok comes with a 503
	}{
		{"starting", nil, "ok", "the worker is starting"},
		{"well", said{}, "ok", "ok"},
		{"without Redis", said{ready: silent}, "ok", "no heartbeat"},
		{"stuck", said{stuck, silent}, "the loop is stuck", "no heartbeat"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &health{}
			if tt.of != nil {
				h.watch(tt.of)
			}
			for path, want := range map[string]string{"/healthz": tt.alive, "/readyz": tt.ready} {
				w := httptest.NewRecorder()
				h.pages()["GET "+path].ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				if w.Body.String() != want+"\n" || (w.Code == http.StatusOK) != (want == "ok") {
					t.Errorf("%s: %d %q, want %q", path, w.Code, w.Body, want)
				}
			}
		})
	}
}

// TestEndpoints: each address is listened on once, and serves what its flag asks for.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	const any = "127.0.0.1:0"
	for _, tt := range []struct {
		name            string
		health, metrics string
		want            []map[string]int // of each endpoint, the status of each page
	}{
		{"none", "", "", nil},
		{"health alone", any, "", []map[string]int{{"/healthz": 200, "/readyz": 503, "/metrics": 404}}},
		{"metrics alone", "", any, []map[string]int{{"/healthz": 404, "/readyz": 404, "/metrics": 200}}},
		{"both in one place", any, any, []map[string]int{{"/healthz": 200, "/readyz": 503, "/metrics": 200, "/": 404}}},
		{"both apart", any, "localhost:0", []map[string]int{{"/healthz": 200, "/metrics": 404}, {"/healthz": 404, "/metrics": 200}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &workerFlags{healthAddr: tt.health, metricsAddr: tt.metrics}
			e := f.newEndpoints()
			defer e.stop()
			if err := e.start(f, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			if len(e.open) != len(tt.want) {
				t.Fatalf("%d endpoints, want %d", len(e.open), len(tt.want))
			}
			for i, pages := range tt.want {
				for path, want := range pages {
					if got := status(t, http.MethodGet, e.open[i].Addr(), path); got != want {
						t.Errorf("endpoint %d: %s is %d, want %d", i, path, got, want)
					}
					if got := status(t, http.MethodPost, e.open[i].Addr(), path); got < 400 {
						t.Errorf("endpoint %d: POST %s is %d", i, path, got)
					}
				}
			}
		})
	}
}

func status(t *testing.T, method, addr, path string) int {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestEndpointsThatCannotBe(t *testing.T) {
	t.Parallel()
	for flag, f := range map[string]*workerFlags{"--health-addr": {healthAddr: "nowhere:x"}, "--metrics-addr": {metricsAddr: "nowhere:x"}} {
		e := f.newEndpoints()
		err := e.start(f, slog.New(slog.DiscardHandler))
		if usage := (*scope.UsageError)(nil); !errors.As(err, &usage) || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v, want a mistake in the command line", flag, err)
		}
		e.stop()
		e.stop()
	}
}
