package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// keptReader makes verdicts of the pointers that a run has told to its followers. It is for one
// goroutine.
type keptReader struct {
	run     ledger.Header
	cache   Cache
	shared  map[string]keptKind // by the kinds of units
	timeout time.Duration       // of one question
	failing bool                // the last question, after some attempts
}

// keptKind is what verdicts about the units of a kind have in common.
type keptKind struct {
	shared id.Digest
	checks []string
}

func newKeptReader(h ledger.Header, c Cache, kinds []scope.Kind, timeout time.Duration) *keptReader {
	k := &keptReader{run: h, cache: c, shared: map[string]keptKind{}, timeout: timeout}
	for _, kind := range kinds {
		k.shared[kind.Name] = keptKind{kind.Shared.Digest(), kind.Session.Names()}
	}
	return k
}

// keptAttempts is how often a follower asks a cache that does not answer, and keptPause how long it waits
// before it asks again: a unit of which nothing can be read has no verdict for this follower.
const (
	keptAttempts = 3
	keptPause    = 250 * time.Millisecond
)

// read makes the verdicts, and says of which units there are none.
func (k *keptReader) read(ctx context.Context, hits []ledger.Pointer) (told knew, none []unreadable) {
	values, err := k.values(ctx, hits)
	if err != nil {
		return told, []unreadable{{unitsOf(hits), fmt.Sprintf("its verdict is kept in a cache that cannot be read: %v", err)}}
	}
	told = knewOf(len(hits))
	for i := range hits {
		p := &hits[i]
		v, made, err := k.verdict(p, values)
		if err != nil {
			none = append(none, unreadable{[]id.Unit{p.Unit}, fmt.Sprintf("%v: continue the run from the checkout with `enqueue run --resume %s`", err, k.run.ID)})
			continue
		}
		told.verdicts, told.prints, told.made = append(told.verdicts, v), append(told.prints, p.Fingerprint), append(told.made, made)
	}
	return told, none
}

func unitsOf(hits []ledger.Pointer) []id.Unit {
	units := make([]id.Unit, len(hits))
	for i := range hits {
		units[i] = hits[i].Unit
	}
	return units
}

// at is where something is kept.
type at struct {
	domain string
	key    cache.Key
}

// values reads what pointers lead to, in as many calls as they name domains.
func (k *keptReader) values(ctx context.Context, hits []ledger.Pointer) (map[at][]byte, error) {
	if k.cache.Store == nil {
		return nil, errors.New("none is given to this process")
	}
	keys := map[string][]cache.Key{}
	for i := range hits {
		for _, p := range hits[i].Parts {
			keys[p.Domain] = append(keys[p.Domain], p.Key)
		}
	}
	all := map[at][]byte{}
	for domain, some := range keys {
		if trusted := k.cache.Domains; len(trusted) > 0 && !slices.Contains(trusted, domain) {
			return nil, fmt.Errorf("it is of the domain %s, and --cache-domain has not: name it there", domain)
		}
		values, err := k.get(ctx, domain, some)
		if err != nil {
			return nil, err
		}
		for i, key := range some {
			all[at{domain, key}] = values[i]
		}
	}
	return all, nil
}

func (k *keptReader) get(ctx context.Context, domain string, keys []cache.Key) (values [][]byte, err error) {
	attempts := keptAttempts
	if k.failing {
		attempts = 1
	}
	for n := range attempts {
		if n > 0 && ledger.Sleep(ctx, keptPause) != nil {
			break
		}
		bounded, cancel := context.WithTimeoutCause(ctx, k.timeout, fmt.Errorf("it has not answered within %s", k.timeout))
		values, err = k.cache.Store.Get(bounded, cache.Verdicts, domain, keys)
		cancel()
		if err == nil {
			break
		}
	}
	k.failing = err != nil
	return values, err
}

// The reasons why what a pointer leads to is no verdict.
var (
	errForgotten = errors.New("its verdict is gone from the cache")
	errOther     = errors.New("what the cache has in the place of its verdict is not what the run was told of")
)

// verdict is the one that a pointer leads to: about these bytes of the unit and no others, and the same that the
// run's owner has seen.
func (k *keptReader) verdict(p *ledger.Pointer, values map[at][]byte) (v verdict.Verdict, made [2]time.Time, err error) {
	kind, ok := k.shared[p.Of]
	if !ok || len(p.Parts) != len(kind.checks) {
		return v, made, errOther
	}
	subject := verdict.Subject{Unit: p.Unit, Path: k.run.Plan.Path(p.Unit), Digest: p.Digest, Shared: kind.shared}
	entries, parts := make([]*cache.Entry, len(p.Parts)), make([]verdict.Part, len(p.Parts))
	for i, kept := range p.Parts {
		value := values[at{kept.Domain, kept.Key}]
		if value == nil {
			return v, made, errForgotten
		}
		e, err := cache.Decode(kept.Key, value)
		content := p.Digest
		if kept.Content != "" {
			content = kept.Content
		}
		if err != nil || e.Domain != kept.Domain || e.Check != kind.checks[i] || e.Unit != p.Unit || e.Path != subject.Path || e.Content != content {
			return v, made, errOther
		}
		entries[i], parts[i] = &e, e.Part()
	}
	v = subject.Of(parts...)
	if hit := (cache.Hit{Entries: entries}); v.Kind != p.Kind || hit.Fingerprint(v) != p.Fingerprint {
		return v, made, errOther
	}
	return v, madeOf(entries), nil
}
