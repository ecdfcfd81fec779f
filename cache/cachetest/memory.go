// Package cachetest has what tests of the cache's users need.
package cachetest

import (
	"context"
	"sync"

	"github.com/seed306eabeb/muster/cache"
)

// Memory is a store in memory. The zero value is empty.
type Memory struct {
	mu    sync.Mutex
	items map[at][]byte
	salts map[string]string
	gets  int
}

type at struct {
	space  cache.Space
	domain string
	key    cache.Key
}

// Get returns what was put.
func (m *Memory) Get(_ context.Context, s cache.Space, domain string, keys []cache.Key) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gets++
	values := make([][]byte, len(keys))
	for i, k := range keys {
		values[i] = m.items[at{s, domain, k}]
	}
	return values, nil
}

// Put keeps items for ever.
func (m *Memory) Put(_ context.Context, s cache.Space, domain string, items []cache.Item) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.items == nil {
		m.items = map[at][]byte{}
	}
	for _, i := range items {
		m.items[at{s, domain, i.Key}] = i.Value
	}
	return nil
}

// Salt is what Disown has set.
func (m *Memory) Salt(_ context.Context, domain string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.salts[domain], nil
}

// Disown gives a domain another salt.
func (m *Memory) Disown(domain, salt string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.salts == nil {
		m.salts = map[string]string{}
	}
	m.salts[domain] = salt
}

// Len is how many items a space has, in all domains.
func (m *Memory) Len(s cache.Space) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for a := range m.items {
		if a.space == s {
			n++
		}
	}
	return n
}

// Calls is how often Get was called.
func (m *Memory) Calls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gets
}
