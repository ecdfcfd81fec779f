package commands

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/internal/cli"
)

// condition is what a worker knows of itself; nil is well.
type condition interface {
	Alive(now time.Time) error
	Ready(now time.Time) error
}

// health answers /healthz and /readyz by what the worker says of itself. It asks neither
// Redis nor anything else that may take time.
type health struct {
	mu   sync.Mutex
	of   condition // nil until the worker has started
	stop func()
}

// startHealth listens on addr, or not at all if it is empty. The caller calls
// stop.
func startHealth(addr string, log *slog.Logger) (*health, error) {
	h := &health{stop: func() {}}
	if addr == "" {
		return h, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, cli.Usagef("--health-addr: %v: want HOST:PORT of this machine with a port that is free, such as :8080", err)
	}
	server := &http.Server{Handler: h.mux(), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("health endpoint ended", "err", err)
		}
	}()
	h.stop = func() {
		server.Close()
		<-done
	}
	log.Info("health endpoint up", "addr", l.Addr().String())
	return h, nil
}

// watch makes the endpoint speak of a worker that has started.
func (h *health) watch(c condition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of = c
}

func (h *health) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.alive()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.ready()) })
	return mux
}

// answer says in one line what is wrong, or ok.
func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

func (h *health) alive() error {
	if c := h.condition(); c != nil {
		return c.Alive(time.Now())
	}
	return nil
}

func (h *health) ready() error {
	if c := h.condition(); c != nil {
		return c.Ready(time.Now())
	}
	return errors.New("the worker is starting")
}

func (h *health) condition() condition {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.of
}
