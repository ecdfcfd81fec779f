package manifest

import (
	"strings"
	"sync"
)

// memo remembers what is known of a text, for a function of the text alone. It holds
// texts of at most bound bytes together and then begins anew, so that what recurs comes
// back soon and what does not is gone. A text longer than a sixteenth of the bound is not
// held. It is safe for concurrent use.
type memo[V any] struct {
	bound int
	mu    sync.RWMutex
	known map[string]V
	size  int
}

// entryCost stands for what an entry takes beside its text.
const entryCost = 64

// of is what is known of a text, or what find says of it. Two callers at once may both
// find it.
func (m *memo[V]) of(text string, find func() V) V {
	m.mu.RLock()
	v, ok := m.known[text]
	m.mu.RUnlock()
	if ok {
		return v
	}
	v = find()
	if len(text) <= m.bound/16 {
		m.keep(strings.Clone(text), v)
	}
	return v
}

func (m *memo[V]) keep(text string, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cost := len(text) + entryCost
	if m.known == nil || m.size+cost > m.bound {
		m.known, m.size = map[string]V{}, 0
	}
	m.known[text] = v
	m.size += cost
}
