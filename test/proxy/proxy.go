// Package proxy stands between a client and a server as a bad network does: it
// delays, freezes, cuts, loses replies and changes them. Tests and measurements
// use it.
package proxy

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy listens on a TCP port of its own and forwards each connection to one
// upstream address. Its methods may be called from several goroutines at once and
// act on the connections that exist as well as on later ones.
type Proxy struct {
	network, address string
	listener         net.Listener
	workers          sync.WaitGroup
	clock            clock
	delay            atomic.Int64 // nanoseconds, in each direction
	dials            atomic.Int64

	mu      sync.Mutex
	frozen  chan struct{} // closed when the traffic may go on
	down    bool
	closed  bool
	links   map[*link]bool
	lose    func(request []byte) bool
	rewrite func(reply []byte) []byte
}

// New forwards to an upstream of net.Dial. The caller must Close it.
func New(network, address string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for a proxy: %w", err)
	}
	p := &Proxy{network: network, address: address, listener: l, frozen: make(chan struct{}), links: map[*link]bool{}}
	close(p.frozen)
	p.workers.Go(p.accept)
	return p, nil
}

// Start is New until the test ends.
func Start(t testing.TB, network, address string) *Proxy {
	t.Helper()
	p, err := New(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// Addr is where the proxy listens, as host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Delay adds d to every round trip, half of it on each way. What is under way
// keeps the delay with which it came.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d / 2)) }

// Freeze holds back all traffic and keeps the connections, until Thaw.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.frozen:
		p.frozen = make(chan struct{})
	default:
	}
}

// Thaw lets the traffic go on, in order and without a loss.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.frozen:
	default:
		close(p.frozen)
	}
}

// Cut closes all connections, and from now on each new one at once, until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
	for l := range p.links {
		l.cut()
	}
}

// Mend ends a Cut.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// Dials counts the connections that were tried so far, refused ones too.
func (p *Proxy) Dials() int64 { return p.dials.Load() }

// LoseReply cuts a connection when a request passes for which match says so: the
// upstream gets the request and acts on it, and the client never hears of it.
// match sees what one read brought, which may be a part of a request or several
// of them; it is called by one goroutine at a time. Nil ends it.
func (p *Proxy) LoseReply(match func(request []byte) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = match
}

// Rewrite passes what the upstream sends through change, which sees it as it was
// read and is called by one goroutine at a time. Nil ends it.
func (p *Proxy) Rewrite(change func(reply []byte) []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rewrite = change
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		p.dials.Add(1)
		p.workers.Go(func() { p.forward(client) })
	}
}

// forward owns one connection.
func (p *Proxy) forward(client net.Conn) {
	defer client.Close()
	upstream, err := net.Dial(p.network, p.address)
	if err != nil {
		return
	}
	defer upstream.Close()
	l := &link{proxy: p, client: client, upstream: upstream, ended: make(chan struct{})}
	if !p.add(l) {
		return
	}
	defer p.remove(l)
	l.run()
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down || p.closed {
		return false
	}
	p.links[l] = true
	return true
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// gate is closed while the traffic may pass.
func (p *Proxy) gate() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.frozen
}

func (p *Proxy) loses(request []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lose != nil && p.lose(request)
}

func (p *Proxy) rewritten(reply []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rewrite == nil {
		return reply
	}
	return p.rewrite(reply)
}

// Close cuts all connections, takes no more, and waits until nothing is under way.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for l := range p.links {
		l.cut()
	}
	p.mu.Unlock()
	p.workers.Wait()
	p.clock.sleeper.Wait()
}
