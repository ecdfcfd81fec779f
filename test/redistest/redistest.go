// Package redistest gives tests a Redis of their own: fresh, reached by nobody
// else, and gone when the test ends.
package redistest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/seed306eabeb/muster/internal/embedded"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

// RequireEnv names the environment variable that, when not empty, makes a
// missing redis-server a failure: what is skipped proves nothing.
const RequireEnv = "MUSTER_REQUIRE_REDIS"

// Server starts a redis-server and returns its URL. Without one on PATH the test
// is skipped, see RequireEnv.
func Server(t testing.TB) string {
	t.Helper()
	need(t)
	return start(t, embedded.Options{})
}

// Mini starts an in-process miniredis, whose clock runs, and returns its URL.
func Mini(t testing.TB) string {
	t.Helper()
	return start(t, embedded.Options{ForceMiniredis: true})
}

// Each runs f as a parallel subtest on both kinds of Redis that the program
// works with.
func Each(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	for _, kind := range []struct {
		name  string
		start func(testing.TB) string
	}{{"redis-server", Server}, {"miniredis", Mini}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			f(t, kind.start(t))
		})
	}
}

func start(t testing.TB, o embedded.Options) string {
	t.Helper()
	s, err := embedded.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the test's Redis: %v", err)
		}
	})
	return s.URL()
}

func need(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err == nil {
		return
	}
	if os.Getenv(RequireEnv) != "" {
		t.Fatalf("no redis-server on PATH, and %s is set: install Redis", RequireEnv)
	}
	t.Skip("no redis-server on PATH: install Redis to run this test")
}

// Dial is a connection that ends with the test.
func Dial(t testing.TB, url string) *redisconn.Conn {
	t.Helper()
	target, err := redisconn.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	conn := target.Dial(redisconn.Options{})
	t.Cleanup(func() { conn.Close() })
	return conn
}
