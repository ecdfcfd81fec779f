package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// kept is what was kept, and how often it was of use.
type kept struct {
	store  *cachetest.Memory
	writer cache.Writer
	// judged are the verdicts that were put together: of what all was known by the names of the
	// files, or by their bytes, of what some was known, and of what nothing was.
	judged, byNames, byBytes, partly, anew int
}

func newKept() *kept {
	store := &cachetest.Memory{}
	return &kept{store: store, writer: cache.Writer{Store: store, Domain: func() cache.Domain { return cache.Domain{Name: "main"} }, By: "test"}}
}

func (k *kept) String() string {
	return fmt.Sprintf("%d verdicts: %d known by names, %d by bytes, %d in part, %d made", k.judged, k.byNames, k.byBytes, k.partly, k.anew)
}

// lookup asks what is kept. What is kept and cannot be read fails the test.
func (k *kept) lookup(t *testing.T) (*cache.Lookup, error) {
	l, err := cache.NewLookup(t.Context(), k.store, "main")
	if err == nil {
		l.Bad = func(err error) { t.Error(err) }
	}
	return l, err
}

// judge compares the verdict about a unit that is put together from what is kept with the one that
// is made anew, and keeps that. digests are those to which the names of the unit's files lead, nil
// if they are not known.
func (k *kept) judge(t *testing.T, f *fleetOf, lookup *cache.Lookup, u unit, digests []id.Digest) (verdict.Verdict, error) {
	t.Helper()
	cold := f.decide(t.Context(), u, nil)
	warm, how, err := k.warm(t.Context(), f, lookup, u, digests)
	if err != nil {
		return cold, err
	}
	*how++
	k.judged++
	if want, got := said(t, cold), said(t, warm); got != want {
		return cold, fmt.Errorf("the verdict about %s (-made anew +kept):\n%s", u.name, cmp.Diff(want, got))
	}
	if u.err != nil {
		return cold, nil
	}
	return cold, k.keep(t.Context(), f, lookup, u, cold)
}

// digests are those of a unit as its names lead to them; nil if they lead nowhere.
func (k *kept) digests(ctx context.Context, lookup *cache.Lookup, u unit) ([]id.Digest, error) {
	if u.names == nil {
		return nil, nil
	}
	found, err := lookup.Contents(ctx, u.names)
	if err != nil || slices.Contains(found, "") {
		return nil, err
	}
	digests := make([]id.Digest, len(found))
	for i, d := range found {
		digests[i] = id.Digest(d)
	}
	return digests, nil
}

// warm puts a verdict together as a run does: by the names of a unit's files if all of it is known
// by them, or else by its bytes; what is not known is decided. how is what counts the like.
func (k *kept) warm(ctx context.Context, f *fleetOf, lookup *cache.Lookup, u unit, digests []id.Digest) (v verdict.Verdict, how *int, err error) {
	if digests != nil {
		q := f.ask(u, digests)
		hits, err := lookup.Verdicts(ctx, []cache.Question{q})
		if err != nil {
			return v, nil, err
		}
		if hits[0].Whole() {
			return hits[0].Verdict(q), &k.byNames, nil
		}
	}
	if u.err != nil {
		return f.decide(ctx, u, nil), &k.anew, nil
	}
	q := f.ask(u, f.recipes[u.kind].Digests(u.files))
	hits, err := lookup.Verdicts(ctx, []cache.Question{q})
	if err != nil {
		return v, nil, err
	}
	switch parts := hits[0].Parts(); {
	case hits[0].Whole():
		return hits[0].Verdict(q), &k.byBytes, nil
	case len(parts) > 0:
		return f.decide(ctx, u, parts), &k.partly, nil
	}
	return f.decide(ctx, u, nil), &k.anew, nil
}

// keep keeps what a worker would that has decided: the decisions, and where the names lead.
func (k *kept) keep(ctx context.Context, f *fleetOf, lookup *cache.Lookup, u unit, v verdict.Verdict) error {
	q := f.ask(u, f.recipes[u.kind].Digests(u.files))
	hits, err := lookup.Verdicts(ctx, []cache.Question{q})
	if err != nil {
		return err
	}
	items, err := k.writer.Made(q, v, hits[0].Parts(), nil, time.Unix(1_700_000_000, 0))
	if err != nil {
		return err
	}
	contents, err := k.writer.ContentsOf(q.Recipe, u.files, blob.SHA1)
	if err != nil {
		return err
	}
	return errors.Join(k.writer.Keep(ctx, cache.Verdicts, items), k.writer.Keep(ctx, cache.Contents, contents))
}
