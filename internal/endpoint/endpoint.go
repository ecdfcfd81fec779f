// Package endpoint serves a few pages over HTTP to who watches a process: probes and scrapers. It
// reads no body, and nobody who is slow can hold on to it for long.
package endpoint

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	// writeTimeout leaves room for a page that is long in the making, and for a slow reader.
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute // longer than between two scrapes
	// maxHeader is more than any scraper sends.
	maxHeader = 16 << 10
)

// Endpoint is an address that is listened on.
type Endpoint struct {
	server *http.Server
	addr   net.Addr
	done   chan struct{}
}

// Serve listens on HOST:PORT and serves pages by their patterns, such as "GET /metrics", which
// serves HEAD, too. The caller must call Stop.
func Serve(addr string, pages map[string]http.Handler, log *slog.Logger) (*Endpoint, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: want HOST:PORT of this machine with a port that is free, such as :8080", err)
	}
	mux := http.NewServeMux()
	for pattern, page := range pages {
		mux.Handle(pattern, page)
	}
	e := &Endpoint{addr: l.Addr(), done: make(chan struct{}), server: &http.Server{
		Handler: mux, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	go func() {
		defer close(e.done)
		if err := e.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the endpoint has ended", "addr", e.Addr(), "err", err)
		}
	}()
	return e, nil
}

// Addr is where it listens.
func (e *Endpoint) Addr() string { return e.addr.String() }

// Stop ends it at once, with what is being read. It may be called more than once.
func (e *Endpoint) Stop() {
	e.server.Close()
	<-e.done
}
