package redisconn

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// FullError says that Redis has taken as many connections as it may, and refuses others. It
// goes by itself when another client leaves.
type FullError struct{}

func (*FullError) Error() string {
	return "redis has as many clients as its maxclients allows: raise that, or stop some of them (CLIENT LIST names them)"
}

// tooMany is what Redis says to a connection too many, before it closes it.
const tooMany = "-ERR max number of clients reached"

// heeding makes a dialer whose connections say so if the server refuses them: it replies to
// nothing, and closes. The client would take its words for the reply to a question, and fail
// with the next one.
func heeding(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		plain, ok := c.(plainConn)
		if err != nil || !ok { // a Redis that is full closes a connection over TLS without a word
			return c, err
		}
		return &heeded{plainConn: plain}, nil
	}
}

// plainConn is a connection that go-redis can look through, to see whether it is still open.
type plainConn interface {
	net.Conn
	syscall.Conn
}

type heeded struct {
	plainConn
	heard   atomic.Bool // the server has said its first words
	refused atomic.Bool
}

func (c *heeded) Read(b []byte) (int, error) {
	if c.refused.Load() {
		return 0, &FullError{}
	}
	n, err := c.plainConn.Read(b)
	if n > 0 && !c.heard.Swap(true) && strings.HasPrefix(string(b[:min(n, len(tooMany))]), tooMany) {
		c.refused.Store(true)
		return 0, &FullError{}
	}
	return n, err
}

// Write reads what the server has said when it takes nothing any more.
func (c *heeded) Write(b []byte) (int, error) {
	n, err := c.plainConn.Write(b)
	if err != nil && !c.heard.Load() {
		_ = c.SetReadDeadline(time.Now().Add(time.Millisecond)) // it has come, or will not
		_, _ = c.Read(make([]byte, 2*len(tooMany)))
	}
	if c.refused.Load() {
		return n, &FullError{}
	}
	return n, err
}
