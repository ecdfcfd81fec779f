package check

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/id"
)

// keptSessions is how many shared trees stay open: enough for a few pull requests at
// once, each with its own tree.
const keptSessions = 8

// MissingError says that a bundle is missing.
type MissingError struct{ Digest id.Digest }

func (e MissingError) Error() string {
	return fmt.Sprintf("bundle %s is not in Redis", e.Digest.Short())
}

// Sessions keeps the sessions that checkers have opened on shared trees, by checker and
// digest. It is safe for concurrent use.
type Sessions struct {
	checkers Checkers

	mu   sync.Mutex
	kept []*session // most recently used last
}

// session is a session that is kept, or being opened.
type session struct {
	checker string
	shared  id.Digest
	open    func() (Opened, error) // opens it the first time, and waits for whoever does
}

// NewSessions keeps sessions of the checkers given.
func NewSessions(checkers Checkers) *Sessions { return &Sessions{checkers: checkers} }

// Kept returns the session of a shared tree if it is kept: the tree need not be fetched
// then. It waits while the session is being opened.
func (s *Sessions) Kept(checker string, shared id.Digest) (o Opened, kept bool) {
	e := s.use(checker, shared, nil)
	if e == nil {
		return Opened{}, false
	}
	o, err := e.open()
	return o, err == nil
}

// find returns the index of an entry in kept, -1 if there is none. mu must be held.
func (s *Sessions) find(checker string, shared id.Digest) int {
	return slices.IndexFunc(s.kept, func(e *session) bool { return e.checker == checker && e.shared == shared })
}

// Open returns the session of a shared tree, and opens it from the packed bundle if it is
// not kept. The error is a MissingError if packed is nil then. A tree with mistakes is an
// error, because nothing can be checked with it.
func (s *Sessions) Open(checker string, shared id.Digest, packed []byte) (Opened, error) {
	c := s.checkers.Named(checker)
	if c == nil {
		return Opened{}, fmt.Errorf("this worker has no checker %q", checker)
	}
	var open func() (Opened, error)
	if packed != nil {
		open = sync.OnceValues(func() (Opened, error) { return openPacked(c, shared, packed) })
	}
	e := s.use(checker, shared, open)
	if e == nil {
		return Opened{}, MissingError{shared}
	}
	o, err := e.open()
	if err != nil {
		s.drop(e)
	}
	return o, err
}

// use finds the entry of a shared tree, or makes one that open opens, and makes it the
// most recent one. It returns nil if there is neither an entry nor open.
func (s *Sessions) use(checker string, shared id.Digest, open func() (Opened, error)) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(checker, shared); i >= 0 {
		e := s.kept[i]
		s.kept = append(slices.Delete(s.kept, i, i+1), e)
		return e
	}
	if open == nil {
		return nil
	}
	e := &session{checker: checker, shared: shared, open: open}
	s.kept = append(s.kept, e)
	if len(s.kept) > keptSessions {
		s.kept = slices.Delete(s.kept, 0, 1)
	}
	return e
}

// drop forgets an entry that could not be opened, so that the next task tries again with
// bytes of its own.
func (s *Sessions) drop(e *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(kept *session) bool { return kept == e })
}

// Unpack opens a checker on a packed shared tree, which may have mistakes.
func Unpack(c Checker, shared id.Digest, packed []byte) (Opened, error) {
	b, err := bundle.Unpack(packed, shared, SharedLimit)
	if err != nil {
		return Opened{}, fmt.Errorf("unpack the shared files: %w", err)
	}
	o, err := Open(c, b)
	if err != nil {
		return Opened{}, fmt.Errorf("open the shared files: %w", err)
	}
	return o, nil
}

func openPacked(c Checker, shared id.Digest, packed []byte) (Opened, error) {
	o, err := Unpack(c, shared, packed)
	if err == nil && o.Invalid() {
		err = errors.New("the shared files have errors: nothing can be checked with them")
	}
	return o, err
}
