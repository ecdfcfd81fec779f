package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/cache"
)

// cleanWait is how long Remove waits for another process that tidies up.
const cleanWait = 10 * time.Second

var errBusy = errors.New("another process tidies it up")

// madeAt is when all that a segment has was put down, by its name; ok is false for another name.
func madeAt(name string) (then time.Time, ok bool) {
	stamp, _, _ := strings.Cut(name, "-")
	n, err := strconv.ParseInt(stamp, 16, 64)
	return time.Unix(0, n), err == nil
}

// tidy bounds the directory. Of several processes one does it; nobody waits for it, and nothing depends on
// it.
func (s *Store) tidy() {
	unlock, err := lock(s.dir)
	if err != nil {
		return
	}
	defer unlock()
	s.removeLeftovers()
	segments := openAll(s.dir)
	defer func() { closeAll(segments) }()
	segments = s.withinBounds(segments)
	if len(segments) <= mostSegments {
		return
	}
	var small []*segment
	bytes := int64(0)
	slices.SortStableFunc(segments, func(a, b *segment) int { return cmp.Compare(a.bytes, b.bytes) })
	for _, g := range segments {
		if bytes += g.bytes; g.bytes > smallSegment || bytes > mostSegment {
			break
		}
		small = append(small, g)
	}
	if len(small) > 1 {
		_, _ = s.rewrite(small, func(record) bool { return true }) // if it fails, there are many
	}
}

// removeLeftovers removes what processes have left that did not end well, and files of another format
// that are as old as nothing is kept.
func (s *Store) removeLeftovers() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	const abandoned = time.Hour
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || filepath.Ext(e.Name()) != extension {
			continue
		}
		age := time.Since(info.ModTime())
		if then, ok := madeAt(e.Name()); strings.HasPrefix(e.Name(), unfinished) && age > abandoned || ok && s.Now().Sub(then) > s.Life {
			_ = os.Remove(filepath.Join(s.dir, e.Name()))
		}
	}
}

// withinBounds removes the oldest of the segments, which are newest first, until the others have no more
// bytes than they may.
func (s *Store) withinBounds(segments []*segment) []*segment {
	bytes := int64(0)
	for i, g := range segments {
		if bytes += g.bytes; bytes > s.Bytes && i > 0 {
			for _, old := range segments[i:] {
				_ = os.Remove(filepath.Join(s.dir, old.name))
			}
			closeAll(segments[i:])
			return segments[:i]
		}
	}
	return segments
}

// rewrite puts those records of segments that are to stay, and have not outlived their time, into new
// segments, and removes the old ones. It returns how many are gone.
func (s *Store) rewrite(segments []*segment, stays func(record) bool) (gone int, err error) {
	slices.SortFunc(segments, func(a, b *segment) int { return cmp.Compare(b.name, a.name) })
	oldest := before(minuteOf(s.Now()), s.Life)
	seen := map[at]bool{}
	var records []record
	bytes := 0
	flush := func() error {
		if len(records) == 0 {
			return nil
		}
		then, ok := madeAt(segments[0].name)
		if !ok {
			then = s.Now()
		}
		_, err := write(s.dir, then, records)
		records, bytes = nil, 0
		return err
	}
	for _, g := range segments {
		g.each(func(r record) bool {
			switch {
			case seen[r.at] || r.minute < oldest:
			case !stays(r):
				gone++
			default:
				r.value = slices.Clone(r.value)
				records = append(records, r)
				bytes += r.size()
			}
			seen[r.at] = true
			if bytes > mostSegment {
				err = flush()
			}
			return err == nil
		})
		if err != nil {
			return 0, err
		}
	}
	if err := flush(); err != nil {
		return 0, err
	}
	for _, g := range segments {
		if err := os.Remove(filepath.Join(s.dir, g.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return gone, err
		}
	}
	return gone, nil
}

// found is a record for those who look at all.
func (r *record) found() cache.Found {
	space, domain, _ := strings.Cut(r.where, "/")
	return cache.Found{Space: cache.Space(space), Domain: domain, Item: cache.Item{Key: r.key, Value: r.value}, Bytes: r.size(),
		Written: time.Unix(int64(r.minute)*60, 0).UTC()}
}

// Each tells of all items that are in segments, each once, until it returns an error.
func (s *Store) Each(ctx context.Context, tell func(cache.Found) error) error {
	segments := openAll(s.dir)
	defer closeAll(segments)
	oldest := before(minuteOf(s.Now()), s.Life)
	seen := map[at]bool{}
	for _, g := range segments {
		var err error
		g.each(func(r record) bool {
			if !seen[r.at] && r.minute >= oldest {
				seen[r.at] = true
				err = errors.Join(ctx.Err(), tell(r.found()))
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Remove removes the items that are in segments and of which drop says so, and returns how many there were.
func (s *Store) Remove(ctx context.Context, drop func(cache.Found) bool) (int, error) {
	if _, err := os.Stat(s.dir); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, cleanWait, errBusy)
	defer cancel()
	for {
		unlock, err := lock(s.dir)
		if err == nil {
			defer unlock()
			break
		}
		if !errors.Is(err, errBusy) {
			return 0, fmt.Errorf("lock the cache in %s: %w", s.dir, err)
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("clean the cache in %s: %w", s.dir, context.Cause(ctx))
		case <-time.After(10 * time.Millisecond):
		}
	}
	segments := openAll(s.dir)
	defer closeAll(segments)
	if len(segments) == 0 {
		return 0, nil
	}
	n, err := s.rewrite(segments, func(r record) bool { return !drop(r.found()) })
	if err != nil {
		return n, fmt.Errorf("clean the cache in %s: %w", s.dir, err)
	}
	return n, nil
}
