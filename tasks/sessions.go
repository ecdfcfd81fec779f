package tasks

import (
	"errors"
	"fmt"
	"sync"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/verdict"
)

// sharedLimit bounds the raw size of a shared bundle that a worker accepts.
const sharedLimit = 64 << 20

// keptSessions is how many shared trees a worker keeps parsed: a few pull
// requests at once, each with its own.
const keptSessions = 8

// errMissing says that a bundle is not in Redis any more.
type errMissing struct{ digest string }

func (e errMissing) Error() string { return fmt.Sprintf("bundle %.12s is not in Redis", e.digest) }

// sessions keeps what checkers made of shared trees, by checker and digest.
type sessions struct {
	checkers map[string]verdict.Checker

	mu   sync.Mutex
	kept []*openSession // most recently used last
}

type openSession struct {
	checker, shared string
	once            sync.Once
	session         verdict.Session
	err             error
}

// has says whether the shared tree needs no fetching.
func (s *sessions) has(checker, shared string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.kept {
		if o.checker == checker && o.shared == shared {
			return true
		}
	}
	return false
}

// open returns the session for a shared tree, made of packed if it is not kept.
func (s *sessions) open(checker, shared string, packed []byte) (verdict.Session, error) {
	c := s.checkers[checker]
	if c == nil {
		return nil, fmt.Errorf("this worker has no checker %q", checker)
	}
	o, err := s.use(checker, shared, packed != nil)
	if err != nil {
		return nil, err
	}
	o.once.Do(func() { o.session, o.err = openShared(c, shared, packed) })
	if o.err != nil {
		s.drop(o)
	}
	return o.session, o.err
}

// use finds or makes the entry of a shared tree and makes it the most recent.
func (s *sessions) use(checker, shared string, canMake bool) (*openSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.kept {
		if o.checker == checker && o.shared == shared {
			s.kept = append(append(s.kept[:i:i], s.kept[i+1:]...), o)
			return o, nil
		}
	}
	if !canMake {
		return nil, errMissing{shared}
	}
	o := &openSession{checker: checker, shared: shared}
	s.kept = append(s.kept, o)
	if len(s.kept) > keptSessions {
		s.kept = append(s.kept[:0:0], s.kept[1:]...)
	}
	return o, nil
}

// drop forgets an entry that could not be opened, so that the next task tries
// again with bytes of its own.
func (s *sessions) drop(o *openSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, kept := range s.kept {
		if kept == o {
			s.kept = append(s.kept[:i:i], s.kept[i+1:]...)
			return
		}
	}
}

func openShared(c verdict.Checker, shared string, packed []byte) (verdict.Session, error) {
	b, err := bundle.Unpack(packed, bundle.Digest(shared), sharedLimit)
	if err != nil {
		return nil, fmt.Errorf("unpack the shared files: %w", err)
	}
	session, err := c.Open(b.FS())
	if err != nil {
		return nil, fmt.Errorf("open the shared files: %w", err)
	}
	if verdict.HasError(session.Findings()) {
		return nil, errors.New("the shared files have errors: nothing can be checked with them")
	}
	return session, nil
}
