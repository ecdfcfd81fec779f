package commands

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// condition is what a worker knows of itself; nil is well.
type condition interface {
	Alive(now time.Time) error
	Ready(now time.Time) error
}

// health answers /healthz and /readyz by what the worker says of itself. It asks neither
// Redis nor anything else that may take time.
type health struct {
	mu sync.Mutex
	of condition // nil until the worker has started
}

// watch makes the pages speak of a worker that has started.
func (h *health) watch(c condition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of = c
}

// pages are what it serves.
func (h *health) pages() map[string]http.Handler {
	page := func(what func() error) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, what()) })
	}
	return map[string]http.Handler{"GET /healthz": page(h.alive), "GET /readyz": page(h.ready)}
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
