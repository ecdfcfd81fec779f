package redisconn_test

import (
	"testing"
	"time"

	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
)

// A frozen Redis holds up a command of the bulk client, whose context may not
// help, and its Close: but for a small multiple of the read timeout only.
func TestFrozenRedisIsGivenUp(t *testing.T) {
	t.Parallel()
	server := redistest.Process(t)
	target, err := redisconn.Parse(server.URL() + "?read_timeout=50ms")
	if err != nil {
		t.Fatal(err)
	}
	c := target.Dial(redisconn.Options{})
	if err := c.Bulk().Incr(t.Context(), "n").Err(); err != nil {
		t.Fatal(err)
	}
	server.Freeze()
	start := time.Now()
	if err := c.Bulk().Incr(t.Context(), "n").Err(); err == nil {
		t.Error("a frozen server answered")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if waited := time.Since(start); waited > 3*time.Second {
		t.Errorf("gave up after %v, with a read timeout of 50 ms", waited)
	}
}
