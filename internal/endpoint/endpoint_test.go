package endpoint_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed306eabeb/muster/internal/endpoint"
)

// TestMain leaves out that net/http gives who sends too long a header half a second to read the answer.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

func serve(t *testing.T) *endpoint.Endpoint {
	t.Helper()
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello\n") })
	e, err := endpoint.Serve("127.0.0.1:0", map[string]http.Handler{"GET /page": page}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return e
}

// TestWhatIsServed: the pages alone, to who reads them.
func TestWhatIsServed(t *testing.T) {
	t.Parallel()
	e := serve(t)
	for _, tt := range []struct {
		request string
		want    string // the first line of the answer
	}{
		{"GET /page HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"},
		{"HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"},
		{"POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found"},
		{"GET /debug/pprof/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found"},
		{"GET /page HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 40<<10) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
	} {
		c, err := net.Dial("tcp", e.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, tt.request)
		answer := make([]byte, len(tt.want))
		if _, err := io.ReadFull(c, answer); string(answer) != tt.want {
			t.Errorf("%.40q: %q (%v), want %q", tt.request, answer, err, tt.want)
		}
		c.Close()
	}
}

// TestStop: it ends with a client that says nothing, and the address is free.
func TestStop(t *testing.T) {
	t.Parallel()
	e := serve(t)
	c, err := net.Dial("tcp", e.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	e.Stop()
	e.Stop()
	l, err := net.Listen("tcp", e.Addr())
	if err != nil {
		t.Fatalf("the address is not free: %v", err)
	}
	l.Close()
	if _, err := endpoint.Serve("nowhere:x", nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an address that cannot be listened on is accepted")
	}
}
