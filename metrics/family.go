package metrics

import "sync"

// family has a metric for each key, made when it is first asked for. Keys come from others, so that
// there are at most so many: those beyond are told by rest. It is safe for concurrent use, and asking
// for what is there takes some ten nanoseconds.
type family[K comparable, M any] struct {
	most   int
	create func(K) M
	rest   func(K) K

	mu    sync.RWMutex
	known map[K]M
}

func newFamily[K comparable, M any](most int, create func(K) M, rest func(K) K) *family[K, M] {
	return &family[K, M]{most: most, create: create, rest: rest, known: map[K]M{}}
}

// of is the metric of a key.
func (f *family[K, M]) of(key K) M {
	f.mu.RLock()
	m, ok := f.known[key]
	f.mu.RUnlock()
	if ok {
		return m
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= f.most {
		key = f.rest(key)
	}
	if m, ok = f.known[key]; !ok {
		m = f.create(key)
		f.known[key] = m
	}
	return m
}
