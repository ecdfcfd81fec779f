// Package embedded runs a private Redis for the life of one process: a
// redis-server of the machine where there is one, else an in-process miniredis,
// which speaks the same protocol at about a tenth of the speed. Nobody else is
// meant to reach it and nothing of it is kept.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"

	"github.com/seed306eabeb/muster/internal/redisconn"
)

// Options say how to start. The zero value is usable.
type Options struct {
	// Dir is where the server's own folder is made; by default the system's
	// folder for temporary files.
	Dir string
	// Log hears of leftovers that cannot be removed; by default nobody does.
	Log *slog.Logger
	// ForceMiniredis does not look for a redis-server.
	ForceMiniredis bool
}

// Server is a running private Redis. It is safe for concurrent use.
type Server struct {
	url    string
	target redisconn.Target
	kind   string
	close  func() error
	ended  chan struct{} // closed when it has ended unasked
	cause  error         // how, once ended is closed
}

// Start runs a server and waits until it answers; ctx bounds that wait alone, as
// do ten seconds. The caller must Close the server; should the process die
// first, its redis-server is killed too (on Linux by the kernel, whatever
// happens), and the folder is removed by a later Start.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start a private Redis: %w", err)
	}
	s.close = sync.OnceValue(s.close)
	return s, nil
}

func start(ctx context.Context, o Options) (*Server, error) {
	if o.ForceMiniredis {
		return startMini()
	}
	s, err := startProcess(ctx, o)
	if errors.Is(err, exec.ErrNotFound) {
		return startMini()
	}
	return s, err
}

// Target is the server's address for redisconn.
func (s *Server) Target() redisconn.Target { return s.target }

// URL is the server's address with its password, where it has one: for another
// part of the program, not for messages, in which Target belongs.
func (s *Server) URL() string { return s.url }

// Kind says what runs, such as "redis-server 7.0.15" or "miniredis".
func (s *Server) Kind() string { return s.kind }

// Ended is closed when the server has ended before Close; Cause then says how. Nothing of
// what it held is left, and nobody starts it anew.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Cause is how a server ended that nobody had closed; nil while it has not.
func (s *Server) Cause() error {
	select {
	case <-s.ended:
		return s.cause
	default:
		return nil
	}
}

// Close ends the server at once, with all it holds, and removes its folder. It
// may be called more than once.
func (s *Server) Close() error { return s.close() }
