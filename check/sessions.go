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

// Sessions keeps the checks that were opened on shared trees, by their kinds and the trees'
// digests. It is safe for concurrent use.
type Sessions struct {
	kinds Kinds

	mu   sync.Mutex
	kept []*session // most recently used last
}

// session is what is kept, or being opened.
type session struct {
	kinds  []string
	shared id.Digest
	open   func() (All, error) // opens it the first time, and waits for whoever does
}

// NewSessions keeps sessions of the kinds given.
func NewSessions(kinds Kinds) *Sessions { return &Sessions{kinds: kinds} }

// Kept returns the checks opened on a shared tree if they are kept: the tree need not be
// fetched then. It waits while they are being opened.
func (s *Sessions) Kept(kinds []string, shared id.Digest) (a All, kept bool) {
	e := s.use(kinds, shared, nil)
	if e == nil {
		return All{}, false
	}
	a, err := e.open()
	return a, err == nil
}

// find returns the index of an entry in kept, -1 if there is none. mu must be held.
func (s *Sessions) find(kinds []string, shared id.Digest) int {
	return slices.IndexFunc(s.kept, func(e *session) bool { return e.shared == shared && slices.Equal(e.kinds, kinds) })
}

// Open returns the checks of the kinds named, opened on a shared tree, and opens them from
// the packed bundle if they are not kept. The error is a MissingError if packed is nil then. A
// tree with mistakes is an error, because nothing can be checked with it.
func (s *Sessions) Open(kinds []string, shared id.Digest, packed []byte) (All, error) {
	named, err := s.kinds.orAbsent(kinds)
	if err != nil {
		return All{}, err
	}
	var open func() (All, error)
	if packed != nil {
		open = sync.OnceValues(func() (All, error) { return openPacked(named, shared, packed) })
	}
	e := s.use(kinds, shared, open)
	if e == nil {
		return All{}, MissingError{shared}
	}
	a, err := e.open()
	if err != nil {
		s.drop(e)
	}
	return a, err
}

// use finds the entry of a shared tree, or makes one that open opens, and makes it the
// most recent one. It returns nil if there is neither an entry nor open.
func (s *Sessions) use(kinds []string, shared id.Digest, open func() (All, error)) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(kinds, shared); i >= 0 {
		e := s.kept[i]
		s.kept = append(slices.Delete(s.kept, i, i+1), e)
		return e
	}
	if open == nil {
		return nil
	}
	e := &session{kinds: kinds, shared: shared, open: open}
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

// Unpack opens checks on a packed shared tree, which may have mistakes.
func Unpack(kinds Kinds, shared id.Digest, packed []byte) (All, bundle.Bundle, error) {
	b, err := bundle.Unpack(packed, shared, SharedLimit)
	if err != nil {
		return All{}, b, fmt.Errorf("unpack the shared files: %w", err)
	}
	a, err := OpenAll(kinds, b)
	if err != nil {
		return All{}, b, fmt.Errorf("open the shared files: %w", err)
	}
	return a, b, nil
}

func openPacked(kinds Kinds, shared id.Digest, packed []byte) (All, error) {
	a, _, err := Unpack(kinds, shared, packed)
	if err == nil && a.Invalid() {
		err = errors.New("the shared files have errors: nothing can be checked with them")
	}
	return a, err
}
