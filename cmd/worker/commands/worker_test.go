package commands

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestParseQueues(t *testing.T) {
	t.Parallel()
	got, err := parseQueues("muster-ci=6, muster-audit=1")
	if want := map[string]int{"muster-ci": 6, "muster-audit": 1}; err != nil || !maps.Equal(got, want) {
		t.Errorf("parseQueues = %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"", "muster-ci", "=1", "muster-ci=0", "muster-ci=x", "a=1,,b=2"} {
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
				h.mux().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				if w.Body.String() != want+"\n" || (w.Code == http.StatusOK) != (want == "ok") {
					t.Errorf("%s: %d %q, want %q", path, w.Code, w.Body, want)
				}
			}
		})
	}
}

func TestHealthEndpointStops(t *testing.T) {
	t.Parallel()
	h, err := startHealth("127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h.stop()
	h.stop()
	if _, err := startHealth("nowhere:x", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an address that cannot be listened on is accepted")
	}
}
