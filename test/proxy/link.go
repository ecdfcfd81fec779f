package proxy

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is one connection through the proxy.
type link struct {
	proxy            *Proxy
	client, upstream net.Conn
	once             sync.Once
	ended            chan struct{}
	deaf             atomic.Bool // the client hears nothing more
}

// chunk is what one read brought, and when it is to arrive.
type chunk struct {
	bytes []byte
	due   time.Time
}

// backlog is how many chunks one direction holds while they are delayed.
const backlog = 4096

// run forwards both ways until either side hangs up or the link is cut.
func (l *link) run() {
	var wg sync.WaitGroup
	wg.Go(func() { l.pipe(l.client, l.request) })
	wg.Go(func() { l.pipe(l.upstream, l.reply) })
	wg.Wait()
}

// cut ends the link. What was not delivered is lost.
func (l *link) cut() {
	l.once.Do(func() {
		close(l.ended)
		l.client.Close()
		l.upstream.Close()
	})
}

// pipe reads from one side and hands over what it read when it is due.
func (l *link) pipe(from io.Reader, deliver func([]byte) bool) {
	defer l.cut()
	line := make(chan chunk, backlog)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer l.cut()
		for c := range line {
			if !l.await(c.due) || !deliver(c.bytes) {
				break
			}
		}
		for range line { // the reader must not wait for a dead link
		}
	})
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			line <- chunk{append([]byte(nil), buffer[:n]...), time.Now().Add(time.Duration(l.proxy.delay.Load()))}
		}
		if err != nil {
			break
		}
	}
	close(line)
	wg.Wait()
}

// await waits until a chunk is due and the proxy is not frozen. It is false when
// the link has ended.
func (l *link) await(due time.Time) bool {
	if wait := time.Until(due) - coarse; wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-l.ended:
			return false
		}
	}
	if time.Until(due) > 0 {
		l.proxy.clock.wait(due)
	}
	for {
		gate := l.proxy.gate()
		select {
		case <-gate:
		case <-l.ended:
			return false
		}
		if gate == l.proxy.gate() {
			return true
		}
	}
}

// request passes bytes to the upstream. It is false when the link is done.
func (l *link) request(b []byte) bool {
	lost := l.proxy.loses(b)
	if lost {
		l.deaf.Store(true) // before the upstream can answer
		l.client.Close()
	}
	if _, err := l.upstream.Write(b); err != nil {
		return false
	}
	if lost {
		l.finish()
	}
	return !lost
}

// patience is how long an upstream may take to act on its last requests.
const patience = time.Second

// finish lets the upstream act on everything it was sent, and waits until it hangs
// up: a server that is cut off may drop what it has not read.
func (l *link) finish() {
	half, ok := l.upstream.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	select {
	case <-l.ended:
	case <-time.After(patience):
	}
}

// reply passes bytes to the client. It is false when the link is done.
func (l *link) reply(b []byte) bool {
	if l.deaf.Load() {
		return true
	}
	_, err := l.client.Write(l.proxy.rewritten(b))
	return err == nil || l.deaf.Load()
}
