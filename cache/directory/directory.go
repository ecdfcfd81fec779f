// Package directory keeps the cache of verdicts in a directory of one user, which several processes may
// use at once.
//
// The directory has segments: files that never change. A process gathers what it keeps, and writes a
// segment when it ends, or when it has gathered much; it comes into being by a rename, so that there is
// no half of one. Many small segments are merged into a large one, the oldest go when there are too
// many bytes, and what is used is written anew before its time is over. Whoever finds a segment that is
// gone, that was cut off, or that he cannot read, has found nothing, and goes on.
package directory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/cache"
)

const (
	// Bytes is how large a cache may become where nothing else is said.
	Bytes = 512 << 20
	// Life is how long an item is kept that nobody asks for.
	Life = 30 * 24 * time.Hour
)

const (
	// mostGathered is how many bytes a process gathers before it writes them.
	mostGathered = 4 << 20
	// mostSegment bounds a merged segment, in bytes.
	mostSegment = 64 << 20
	// smallSegment is one that is worth to be merged, in bytes.
	smallSegment = 16 << 20
	// mostSegments is how many there may be before small ones are merged.
	mostSegments = 16
)

// Options bound a cache; zero values are the constants above.
type Options struct {
	Bytes int64
	Life  time.Duration
	// ReadOnly: nothing is written, and the directory need not be there.
	ReadOnly bool
	// Now tells the time; nil for the clock.
	Now func() time.Time
}

// Store is a cache.Store in a directory. Its methods may be called from several goroutines at once.
type Store struct {
	dir string
	Options

	mu       sync.Mutex
	loaded   bool
	segments []*segment // newest first
	gathered map[at]record
	bytes    int   // of what is gathered
	written  bool  // a segment, by this process
	failed   error // why nothing more is kept
}

// at is where an item is.
type at struct {
	where string // space and domain
	key   cache.Key
}

// record is an item in a segment.
type record struct {
	at
	minute uint32 // since 1970, in which it was put down
	value  []byte
}

// UnsafeError says that others than the user could have written into a directory. What is there is not
// to be believed.
type UnsafeError struct{ Dir, Why string }

func (e *UnsafeError) Error() string {
	return fmt.Sprintf("cache directory %s %s, so that others may have written what it says: name another one, or `chmod -R go-w` and own it", e.Dir, e.Why)
}

// Open uses a directory, and makes it if it is not there. Nothing is read yet. The caller must Close the
// store.
func Open(dir string, o Options) (*Store, error) {
	if o.Bytes == 0 {
		o.Bytes = Bytes
	}
	if o.Life == 0 {
		o.Life = Life
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{dir: dir, Options: o, gathered: map[at]record{}}
	if !o.ReadOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the cache directory: %w", err)
		}
	}
	info, err := os.Stat(dir)
	switch {
	case o.ReadOnly && errors.Is(err, os.ErrNotExist):
		return s, nil
	case err != nil:
		return nil, fmt.Errorf("look at the cache directory: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("cache directory %s is none, but a file: name another one", dir)
	}
	if err := owned(dir, info); err != nil {
		return nil, err
	}
	return s, nil
}

// whereOf is the place of a space and a domain.
func whereOf(s cache.Space, domain string) string { return string(s) + "/" + domain }

// prefixOf is what segments find items by. Keys are digests, so that it is even.
func prefixOf(a at, seed uint64) uint64 { return binary.BigEndian.Uint64(a.key[:]) ^ seed }

func seedOf(where string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(where))
	return h.Sum64()
}

// Get returns what is kept. It returns no error: what cannot be read is not there.
func (s *Store) Get(ctx context.Context, space cache.Space, domain string, keys []cache.Key) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	where := whereOf(space, domain)
	values := make([][]byte, len(keys))
	left := make([]int, 0, len(keys))
	segments := func() []*segment {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.load()
		for i, k := range keys {
			if r, ok := s.gathered[at{where, k}]; ok {
				values[i] = r.value
			} else {
				left = append(left, i)
			}
		}
		return slices.Clone(s.segments)
	}()
	now := minuteOf(s.Now())
	oldest, renewed := before(now, s.Life), before(now, s.Life/2)
	var again []record
	for _, g := range segments {
		if len(left) == 0 {
			break
		}
		g.find(where, keys, left, func(i int, r record) {
			if r.minute < oldest {
				return
			}
			if values[i] = r.value; r.minute < renewed {
				again = append(again, record{r.at, now, r.value})
			}
		})
		left = slices.DeleteFunc(left, func(i int) bool { return values[i] != nil })
	}
	s.gather(again)
	return values, nil
}

// Put gathers items, which must not be changed any more. Others see them once the store is closed, or has
// gathered much. It returns no error: that nothing can be written, Close says.
func (s *Store) Put(_ context.Context, space cache.Space, domain string, items []cache.Item) error {
	now, where := minuteOf(s.Now()), whereOf(space, domain)
	records := make([]record, len(items))
	for i, item := range items {
		records[i] = record{at{where, item.Key}, now, item.Value}
	}
	s.gather(records)
	return nil
}

// Salt is that of a domain: a directory has none, for it is cleaned where its entries are not to be
// believed.
func (s *Store) Salt(context.Context, string) (string, error) { return "", nil }

// gather keeps records until they are written.
func (s *Store) gather(records []record) {
	if s.ReadOnly || len(records) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		if s.failed != nil {
			return
		}
		if _, was := s.gathered[r.at]; !was {
			s.bytes += r.size()
		}
		s.gathered[r.at] = r
		if s.bytes > mostGathered {
			s.flush()
		}
	}
}

// flush writes what is gathered.
func (s *Store) flush() {
	if len(s.gathered) == 0 {
		return
	}
	records := make([]record, 0, len(s.gathered))
	for _, r := range s.gathered {
		records = append(records, r)
	}
	clear(s.gathered)
	s.bytes = 0
	name, err := write(s.dir, s.Now(), records)
	if err != nil {
		s.failed = fmt.Errorf("keep verdicts in %s: %w", s.dir, err)
		return
	}
	s.written = true
	if s.loaded {
		if g, err := open(s.dir, name); err == nil {
			s.segments = slices.Insert(s.segments, 0, g)
		}
	}
}

// load opens the segments that there are, once.
func (s *Store) load() {
	if s.loaded {
		return
	}
	s.loaded = true
	s.segments = openAll(s.dir)
}

// openAll opens what segments a directory has, newest first. One that another process has merged while
// this one looked is looked for again.
func openAll(dir string) (all []*segment) {
	for tries := 0; ; tries++ {
		gone := false
		for _, name := range list(dir) {
			g, err := open(dir, name)
			switch {
			case err == nil:
				all = append(all, g)
			case errors.Is(err, os.ErrNotExist):
				gone = true
			}
		}
		if !gone || tries == 3 {
			return all
		}
		closeAll(all)
		all = nil
	}
}

func closeAll(segments []*segment) {
	for _, g := range segments {
		g.file.Close()
	}
}

// list are the names of the segments, newest first.
func list(dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range slices.Backward(entries) {
		if filepath.Ext(e.Name()) == extension && !strings.HasPrefix(e.Name(), unfinished) {
			names = append(names, e.Name())
		}
	}
	return names
}

// Close writes what was gathered, and tidies up if this process has written. An error says that the cache
// did not take what it was given: everything else went on.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
	closeAll(s.segments)
	s.segments, s.loaded = nil, true
	if s.written && s.failed == nil {
		s.tidy()
	}
	return s.failed
}

func minuteOf(t time.Time) uint32 { return uint32(t.Unix() / 60) }

// before is the minute so long before another one, and no earlier than 1970.
func before(minute uint32, d time.Duration) uint32 {
	return uint32(max(int64(minute)-int64(d/time.Minute), 0))
}
