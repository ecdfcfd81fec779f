package redisconn

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

func target(t *testing.T, raw string) Target {
	t.Helper()
	target, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func dial(t *testing.T, raw string, o Options) *Conn {
	t.Helper()
	c := target(t, raw).Dial(o)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

func TestBulkServesManyGoroutines(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := dial(t, "redis://"+server.Addr(), Options{Name: "test"})
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			if err := c.Bulk().Incr(t.Context(), "n").Err(); err != nil {
				t.Errorf("incr %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got, err := c.Plain().Get(t.Context(), "n").Int(); got != 64 || err != nil {
		t.Errorf("n = %d, %v; want 64", got, err)
	}
}

func TestCloseTwice(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := target(t, "redis://"+server.Addr()).Dial(Options{})
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if err := c.Plain().Ping(t.Context()).Err(); err == nil {
		t.Error("the plain client still answers after Close")
	}
	if err := c.Bulk().Ping(t.Context()).Err(); err == nil {
		t.Error("the bulk client still answers after Close")
	}
}

func TestTimeoutsGiveWayToTheAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		raw     string
		read    time.Duration
		retries int
	}{
		{"redis://cache", 2 * time.Second, 2},
		{"redis://cache?read_timeout=9s&max_retries=5", 9 * time.Second, 5},
		{"redis-sentinel://w?master=m", 2 * time.Second, 2},
		{"redis-sentinel://w?master=m&read_timeout=9s&max_retries=5", 9 * time.Second, 5},
	} {
		client := target(t, tt.raw).client(Options{}, true)
		if o := client.Options(); o.ReadTimeout != tt.read || o.MaxRetries != tt.retries || !o.ContextTimeoutEnabled {
			t.Errorf("%s: read timeout %v, retries %d, contexts %t", tt.raw, o.ReadTimeout, o.MaxRetries, o.ContextTimeoutEnabled)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.RequireUserAuth("ada", "s3same")
	c := dial(t, "redis://ada:s3same@"+server.Addr(), Options{Name: "test"})
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPingWithWrongPasswordFailsAtOnce(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.RequireUserAuth("ada", "s3same")
	for _, credentials := range []string{"ada:0pen@", ""} {
		start := time.Now()
		err := dial(t, "redis://"+credentials+server.Addr(), Options{}).Ping(t.Context())
		var unreachable *UnreachableError
		if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "check the user name and the password") {
			t.Errorf("%q: error = %v", credentials, err)
		}
		if err != nil && (strings.Contains(err.Error(), "0pen") || strings.Contains(err.Error(), "ada")) {
			t.Errorf("error %q shows the credentials", err)
		}
		if waited := time.Since(start); waited > 2*time.Second {
			t.Errorf("%q: gave up after %v, want at once", credentials, waited)
		}
	}
}

func TestPingNamesAnAbsentServer(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "none.sock")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := dial(t, "unix://ada:s3same@"+socket, Options{}).Ping(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), socket) {
		t.Errorf("error = %v, want the deadline and %s", err, socket)
	}
}

// A server that accepts and says nothing: only the deadline can end the wait.
func TestPingLeavesAFrozenServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	err = dial(t, "redis://"+l.Addr().String(), Options{}).Ping(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the cancellation", err)
	}
	if waited := time.Since(start); waited > 2*time.Second {
		t.Errorf("returned %v after the cancellation", waited)
	}
}

type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestUnreachableErrorTellsAnAnswerFromSilence(t *testing.T) {
	t.Parallel()
	err := &UnreachableError{target(t, "redis://cache"), reply("LOADING Redis is loading the dataset in memory")}
	const want = "redis at redis://cache:6379/0 is not ready: LOADING Redis is loading the dataset in memory: " +
		"wait until it is, or check the address"
	if err.Error() != want {
		t.Errorf("error = %q\nwant    %q", err, want)
	}
}

func TestUnreachableErrorHidesCredentials(t *testing.T) {
	t.Parallel()
	cause := errors.New("WRONGPASS invalid username-password pair of ada with s3same")
	err := &UnreachableError{target(t, "redis://ada:s3same@cache"), cause}
	const want = "redis at redis://cache:6379/0 refuses the login: WRONGPASS invalid username-password pair " +
		"of *** with ***: check the user name and the password in the address"
	if err.Error() != want {
		t.Errorf("error = %q\nwant    %q", err, want)
	}
}
