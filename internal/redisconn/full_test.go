package redisconn

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAServerThatIsFullSaysSo, before it hears a word, or in reply to the first one.
func TestAServerThatIsFullSaysSo(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]bool{"unasked": false, "in reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				refuse(l, hears)
			}()
			defer func() { l.Close(); <-done }()
			c := dial(t, "redis://"+l.Addr().String(), Options{PingWait: 2 * time.Second})
			err = c.Ping(t.Context())
			if err == nil || !strings.Contains(err.Error(), "refuses more connections: redis has as many clients as its maxclients allows") {
				t.Errorf("Ping() = %v, want the reason", err)
			}
		})
	}
}

// refuse does what a Redis does at its limit of clients.
func refuse(l net.Listener, hears bool) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if hears {
			_, _ = c.Read(make([]byte, 512))
		}
		_, _ = io.WriteString(c, tooMany+"\r\n")
		c.Close()
	}
}
