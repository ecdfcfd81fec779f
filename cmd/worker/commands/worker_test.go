package commands

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
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

// TestHealth: alive as long as it answers, ready while it fetches and Redis answers.
func TestHealth(t *testing.T) {
	t.Parallel()
	target, err := redisconn.Parse(redistest.Mini(t))
	if err != nil {
		t.Fatal(err)
	}
	conn := target.Dial(redisconn.Options{})
	defer conn.Close()
	h := &health{}
	mux := h.mux(conn)
	status := func(path string) int {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	steps := []struct {
		when         string
		do           func()
		alive, ready int
	}{
		{"starting", func() {}, 200, 503},
		{"fetching", func() { h.ready.Store(true) }, 200, 200},
		{"without Redis", func() { conn.Close() }, 200, 503},
	}
	for _, s := range steps {
		s.do()
		if alive, ready := status("/healthz"), status("/readyz"); alive != s.alive || ready != s.ready {
			t.Errorf("%s: healthz %d, readyz %d; want %d, %d", s.when, alive, ready, s.alive, s.ready)
		}
	}
}

func TestHealthEndpointStops(t *testing.T) {
	t.Parallel()
	h, err := startHealth("127.0.0.1:0", nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h.stop()
	h.stop()
	if _, err := startHealth("nowhere:x", nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an address that cannot be listened on is accepted")
	}
}
