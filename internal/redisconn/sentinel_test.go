package redisconn

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// watcher is a Sentinel that knows one master and asks for a password.
type watcher struct {
	*server.Server
	name, master string
	mu           sync.Mutex
	logins       []string
}

func watch(t *testing.T, name, master string) *watcher {
	t.Helper()
	s, err := server.NewServer("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &watcher{Server: s, name: name, master: master}
	for command, f := range map[string]server.Cmd{"HELLO": w.hello, "SENTINEL": w.sentinel} {
		if err := s.Register(command, f); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// hello answers HELLO 3 AUTH user password.
func (w *watcher) hello(c *server.Peer, _ string, args []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(args, "auth"); i >= 0 && len(args) >= i+3 {
		w.logins = append(w.logins, strings.Join(args[i+1:i+3], ":"))
	}
	c.Resp3 = true
	c.Block(func(out *server.Writer) {
		out.WriteMapLen(1)
		out.WriteBulk("proto")
		out.WriteInt(3)
	})
}

func (w *watcher) sentinel(c *server.Peer, _ string, args []string) {
	host, port, _ := strings.Cut(w.master, ":")
	switch strings.ToLower(args[0]) {
	case "get-master-addr-by-name":
		if args[1] != w.name {
			c.WriteNull()
			return
		}
		c.WriteStrings([]string{host, port})
	default: // the other sentinels: none
		c.WriteStrings(nil)
	}
}

func TestSentinelLeadsToTheMaster(t *testing.T) {
	t.Parallel()
	master := miniredis.RunT(t)
	master.RequireUserAuth("ada", "s3same")
	w := watch(t, "main", master.Addr())
	c := dial(t, "redis-sentinel://ada:s3same@"+w.Addr().String()+"/0?master=main"+
		"&sentinel_username=eve&sentinel_password=0pen", Options{})
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Bulk().Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := master.Get("k"); got != "v" || err != nil {
		t.Errorf("the master has k = %q, %v", got, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, login := range w.logins {
		if login != "eve:0pen" {
			t.Errorf("the Sentinel was given the credentials %s", login)
		}
	}
	if len(w.logins) == 0 {
		t.Error("the Sentinel was given no credentials")
	}
}

func TestSentinelWithoutTheMaster(t *testing.T) {
	t.Parallel()
	w := watch(t, "main", "127.0.0.1:1")
	address := "redis-sentinel://ada:s3same@" + w.Addr().String() + "/0?master=other&sentinel_password=0pen"
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := dial(t, address, Options{}).Ping(ctx)
	if err == nil {
		t.Fatal("no master, and Ping is content")
	}
	for _, secret := range []string{"ada", "s3same", "0pen", "\n"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q holds %q", err, secret)
		}
	}
	if !strings.Contains(err.Error(), "master=other") || !strings.Contains(err.Error(), "sentinel") {
		t.Errorf("error %q names neither the master nor the cause", err)
	}
}
