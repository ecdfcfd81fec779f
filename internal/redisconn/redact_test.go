package redisconn

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestRedactHidesTheWholePasswordAndNothingElse.
func TestRedactHidesTheWholePasswordAndNothingElse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	for _, tt := range []struct{ name, secret, message, want string }{
		{"a word", "s3same", "bad login s3same.", "bad login ***."},
		{"twice", "s3same", `"s3same" and s3same`, `"***" and ***`},
		{"a part of words", "a", "a cat sat, and a 'a'", "*** cat sat, and *** '***'"},
		{"a part of a longer password", "s3", "s3same s3 s3_ xs3", "s3same *** s3_ xs3"},
		{"signs at its ends", "@p:s/s%", "login of x@p:s/s%y", "login of x***y"},
		{"escaped for an address", "p@s s", "address redis://:p%40s%20s@h", "address redis://:***@h"},
		{"escaped for a query", "p@s s", "query p%40s+s", "query ***"},
		{"quoted", "p\"\n", `login "p\"\n"`, `login "***"`},
		{"of several lines", "p\nq", "login p\nq\nfailed", "login ***; failed"},
		{"cut off by the server", long, "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'ada' '" + long[:100] + "'", "ERR unknown command 'HELLO', with args beginning with: ***"},
		{"no password", "", "nothing to hide", "nothing to hide"},
		{"letters of others", "é", "café é", "café ***"},
	} {
		if got := redact(tt.message, []string{tt.secret}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestWhatTheSystemSaysIsNotRedacted: a password may be a word of it.
func TestWhatTheSystemSaysIsNotRedacted(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"connection", "refused", "dial", "1", "127.0.0.1:1", "redis"} {
		address := url.URL{Scheme: "redis", User: url.UserPassword("", secret), Host: "127.0.0.1:1"}
		err := dial(t, address.String(), Options{PingWait: 300 * time.Millisecond}).Ping(t.Context())
		const want = "redis at redis://127.0.0.1:1/0 does not answer: dial tcp 127.0.0.1:1: connect: connection refused: start it, or check the address"
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", secret, err, want)
		}
	}
}

// TestAServerThatRepeatsThePassword, as a Redis before 6 does, or a proxy.
func TestAServerThatRepeatsThePassword(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"s3same", "p@s:s/w%rd", "two words", strings.Repeat("long", 50)} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go repeat(l, secret)
		address := url.URL{Scheme: "redis", User: url.UserPassword("", secret), Host: l.Addr().String()}
		err = dial(t, address.String(), Options{PingWait: 100 * time.Millisecond}).Ping(t.Context())
		if err == nil || strings.Contains(err.Error(), secret[:6]) || !strings.Contains(err.Error(), "***") {
			t.Errorf("%q: %v", secret, err)
		}
		c := dial(t, address.String(), Options{})
		for _, client := range []redis.UniversalClient{c.Plain(), c.Bulk()} {
			_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error { return p.Get(t.Context(), "k").Err() })
			for _, err := range []error{err, client.Get(t.Context(), "k").Err()} {
				if err == nil || strings.Contains(err.Error(), secret[:6]) || !strings.Contains(err.Error(), "***") {
					t.Errorf("%q: a command: %v", secret, err)
				}
			}
		}
	}
}

// repeat answers each line with what Redis would say of a command that it does not know.
func repeat(l net.Listener, secret string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), "*") {
					fmt.Fprintf(conn, "-ERR unknown command `AUTH`, with args beginning with: `%.128s`, \r\n", secret)
				}
			}
		}()
	}
}
