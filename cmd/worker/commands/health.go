package commands

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

// pingTimeout is how long /readyz waits for Redis.
const pingTimeout = 2 * time.Second

// health answers /healthz as long as the process lives, and /readyz while it
// fetches and Redis answers.
type health struct {
	ready atomic.Bool
	stop  func()
}

// startHealth listens on addr, or not at all if it is empty. The caller calls
// stop.
func startHealth(addr string, conn *redisconn.Conn, log *slog.Logger) (*health, error) {
	h := &health{stop: func() {}}
	if addr == "" {
		return h, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, cli.Usagef("--health-addr: %v", err)
	}
	server := &http.Server{Handler: h.mux(conn), ReadHeaderTimeout: 5 * time.Second}
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

func (h *health) mux(conn *redisconn.Conn) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
		defer cancel()
		switch {
		case !h.ready.Load():
			http.Error(w, "not fetching", http.StatusServiceUnavailable)
		case conn.Plain().Ping(ctx).Err() != nil:
			http.Error(w, "Redis does not answer", http.StatusServiceUnavailable)
		default:
			w.Write([]byte("ok\n"))
		}
	})
	return mux
}
