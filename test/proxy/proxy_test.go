package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/test/proxy"
)

// upstream counts lines and answers each with its number.
type upstream struct {
	listener net.Listener
	mu       sync.Mutex
	lines    []string
}

func serve(t *testing.T) *upstream {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{listener: l}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { u.answer(c) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return u
}

func (u *upstream) answer(c net.Conn) {
	defer c.Close()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		u.mu.Lock()
		u.lines = append(u.lines, lines.Text())
		n := len(u.lines)
		u.mu.Unlock()
		fmt.Fprintf(c, "answer %d\n", n)
	}
}

func (u *upstream) heard() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return strings.Join(u.lines, " ")
}

// await waits until the upstream has heard some lines.
func (u *upstream) await(t *testing.T, lines string) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for late := time.After(10 * time.Second); u.heard() != lines; {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("the upstream has %q, want %q", u.heard(), lines)
		}
	}
}

func start(t *testing.T) (*upstream, *proxy.Proxy) {
	t.Helper()
	u := serve(t)
	return u, proxy.Start(t, "tcp", u.listener.Addr().String())
}

// client is a connection with a deadline on everything.
type client struct {
	net.Conn
	lines *bufio.Reader
}

func dial(t *testing.T, p *proxy.Proxy) client {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return client{c, bufio.NewReader(c)}
}

func (c client) ask(t *testing.T, line string) string {
	t.Helper()
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := c.lines.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return strings.TrimSpace(answer)
}

func TestForwards(t *testing.T) {
	t.Parallel()
	_, p := start(t)
	c := dial(t, p)
	for i := 1; i <= 3; i++ {
		if got, want := c.ask(t, "hello"), fmt.Sprint("answer ", i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if p.Dials() != 1 {
		t.Errorf("%d dials, want 1", p.Dials())
	}
}

func TestDelayAddsToTheRoundTripAndNotToEachOfMany(t *testing.T) {
	t.Parallel()
	const delay = 60 * time.Millisecond
	_, p := start(t)
	c := dial(t, p)
	p.Delay(delay)
	begin := time.Now()
	for range 10 { // one after the other, without waiting for answers
		fmt.Fprintln(c, "hello")
	}
	for range 10 {
		if _, err := c.lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begin); took < delay || took > 9*delay {
		t.Errorf("ten requests in flight took %s, want one delay of %s and not ten", took, delay)
	}
}

// Without load the shortest of many round trips shows what the proxy itself adds.
func TestShortDelayIsNotRoundedUp(t *testing.T) {
	t.Parallel()
	const delay = 2500 * time.Microsecond
	_, p := start(t)
	c := dial(t, p)
	p.Delay(delay)
	shortest := time.Hour
	for range 50 {
		begin := time.Now()
		c.ask(t, "hello")
		shortest = min(shortest, time.Since(begin))
	}
	if shortest < delay || shortest > delay+delay/2 {
		t.Errorf("the shortest of 50 round trips took %s, want about %s", shortest, delay)
	}
}

func TestFreezeKeepsEverythingForLater(t *testing.T) {
	t.Parallel()
	u, p := start(t)
	c := dial(t, p)
	c.ask(t, "one")
	p.Freeze()
	fmt.Fprintln(c, "two")
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := c.lines.ReadString('\n'); err == nil {
		t.Error("a frozen proxy answers")
	}
	if got := u.heard(); got != "one" {
		t.Errorf("a frozen proxy has passed %q", got)
	}
	p.Thaw()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if got, err := c.lines.ReadString('\n'); err != nil || got != "answer 2\n" {
		t.Errorf("after Thaw: %q, %v", got, err)
	}
}

func TestCutAndMend(t *testing.T) {
	t.Parallel()
	_, p := start(t)
	c := dial(t, p)
	c.ask(t, "one")
	p.Cut()
	if _, err := c.lines.ReadByte(); err == nil {
		t.Error("a cut connection answers")
	}
	if _, err := dial(t, p).lines.ReadByte(); err == nil {
		t.Error("a new connection through a cut proxy answers")
	}
	p.Mend()
	if got := dial(t, p).ask(t, "two"); got != "answer 2" {
		t.Errorf("after Mend: %q", got)
	}
}

func TestLostReplyOfARequestThatWorked(t *testing.T) {
	t.Parallel()
	u, p := start(t)
	c := dial(t, p)
	c.ask(t, "one")
	p.LoseReply(func(request []byte) bool { return bytes.Contains(request, []byte("two")) })
	fmt.Fprintln(c, "two")
	if got, err := c.lines.ReadString('\n'); err == nil {
		t.Errorf("the lost reply arrived: %q", got)
	}
	u.await(t, "one two") // the client may hear of the loss first
	if got := dial(t, p).ask(t, "three"); got != "answer 3" {
		t.Errorf("after the loss: %q, want the third answer", got)
	}
	u.await(t, "one two three")
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	_, p := start(t)
	p.Rewrite(func(reply []byte) []byte { return bytes.ReplaceAll(reply, []byte("answer"), []byte("reply")) })
	if got := dial(t, p).ask(t, "one"); got != "reply 1" {
		t.Errorf("got %q", got)
	}
}
