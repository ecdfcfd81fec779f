package embedded

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/seed306eabeb/muster/internal/redisconn"
)

// tick is how often miniredis is told that time passes: on its own it never
// expires a key.
const tick = 100 * time.Millisecond

// startMini runs a miniredis on a loopback port. Any user of the machine can
// connect to that, so it has a password that only this process knows.
func startMini() (*Server, error) {
	m := miniredis.NewMiniRedis()
	password := rand.Text()
	m.RequireAuth(password)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for miniredis: %w", err)
	}
	address := url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: m.Addr(), Path: "/0"}
	stop := make(chan struct{})
	var clock sync.WaitGroup
	clock.Go(func() { passTime(m, stop) })
	end := func() error {
		close(stop)
		clock.Wait()
		m.Close()
		return nil
	}
	target, err := redisconn.Parse(address.String())
	if err != nil {
		end()
		return nil, err
	}
	return &Server{url: address.String(), target: target, kind: "miniredis", close: end, ended: make(chan struct{})}, nil
}

// passTime ages the keys of m by the time that really passes, until stop closes.
func passTime(m *miniredis.Miniredis, stop <-chan struct{}) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-stop:
			return
		case <-ticker.C:
			now := time.Now()
			m.FastForward(now.Sub(last))
			last = now
		}
	}
}
