package cache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/seed306eabeb/muster/verdict"
)

// Lookup asks a store for what is known of units. It is safe for concurrent use.
type Lookup struct {
	store   Store
	domains []Domain // in the order in which they are asked
	// Bad is told of entries that are not what was written; nil for nobody.
	Bad func(error)
}

// NewLookup asks a store, in domains whose salts it reads now.
func NewLookup(ctx context.Context, store Store, domains ...string) (*Lookup, error) {
	l := &Lookup{store: store}
	for _, name := range domains {
		salt, err := store.Salt(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("read the salt of cache domain %s: %w", name, err)
		}
		l.domains = append(l.domains, Domain{name, salt})
	}
	return l, nil
}

// Domains are those that are asked, with their salts.
func (l *Lookup) Domains() []Domain { return l.domains }

// Question asks about one unit of a recipe.
type Question struct {
	*Recipe
	Unit
}

// Hit is what is known of a unit.
type Hit struct {
	// Entries are by check, nil for what is not known. Keys are their keys.
	Entries []*Entry
	Keys    []Key
}

// Parts are what is known, by the checks' names.
func (h Hit) Parts() map[string]verdict.Part {
	parts := map[string]verdict.Part{}
	for _, e := range h.Entries {
		if e != nil {
			parts[e.Check] = e.Part()
		}
	}
	return parts
}

// Whole says whether what each check has decided is known.
func (h Hit) Whole() bool {
	for _, e := range h.Entries {
		if e == nil {
			return false
		}
	}
	return len(h.Entries) > 0
}

// Micros is how long what is known took when it was decided, µs.
func (h Hit) Micros() (n int64) {
	for _, e := range h.Entries {
		if e != nil {
			n += e.Micros
		}
	}
	return n
}

// Oldest is when the earliest of the decisions was made.
func (h Hit) Oldest() (made time.Time) {
	for _, e := range h.Entries {
		if e != nil && (made.IsZero() || e.Made.Before(made)) {
			made = e.Made
		}
	}
	return made
}

// Verdict is the one of a Whole hit, with the parts as the checks have made them.
func (h Hit) Verdict(q Question) verdict.Verdict {
	parts := make([]verdict.Part, len(h.Entries))
	for i, e := range h.Entries {
		parts[i] = e.Part()
	}
	return q.Subject(q.Unit).Of(parts...)
}

// Fingerprint is that of the hit's Verdict, of which what was read is not encoded again.
func (h Hit) Fingerprint(v verdict.Verdict) verdict.Fingerprint {
	var few [4]string
	decisions := few[:0]
	for _, e := range h.Entries {
		if e.wire == "" {
			return v.Fingerprint()
		}
		decisions = append(decisions, e.wire)
	}
	return verdict.FingerprintOf(v, decisions)
}

// Verdicts looks up all checks of many units, each domain in one call of the store: in the second those
// that the first does not know.
func (l *Lookup) Verdicts(ctx context.Context, questions []Question) ([]Hit, error) {
	checks := 0
	for _, q := range questions {
		checks += len(q.Checks)
	}
	hits, entries, keys := make([]Hit, len(questions)), make([]*Entry, checks), make([]Key, checks)
	for i, q := range questions {
		n := len(q.Checks)
		hits[i] = Hit{entries[:n:n], keys[:n:n]}
		entries, keys = entries[n:], keys[n:]
	}
	for _, d := range l.domains {
		if err := l.fill(ctx, questions, hits, d); err != nil {
			return nil, err
		}
	}
	return hits, nil
}

// place is where a hit has a decision.
type place struct{ unit, check int }

// fill looks up in a domain what hits lack.
func (l *Lookup) fill(ctx context.Context, questions []Question, hits []Hit, d Domain) error {
	lacking := 0
	for i := range questions {
		lacking += questions[i].lacking(&hits[i])
	}
	if lacking == 0 {
		return nil
	}
	keys, places := make([]Key, 0, lacking), make([]place, 0, lacking)
	entries := make([]Entry, lacking) // by place; each with its components, until it is read
	for i := range questions {
		q := &questions[i]
		forms := q.in(d)
		for n := range q.Checks {
			if !q.asks(n, &hits[i]) {
				continue
			}
			c := &entries[len(keys)].Components
			*c = q.componentOf(n, &q.Unit, d)
			keys, places = append(keys, forms[n].key(c)), append(places, place{i, n})
		}
	}
	values, err := l.store.Get(ctx, Verdicts, d.Name, keys)
	if err != nil {
		return fmt.Errorf("look up %d verdicts in the cache: %w", len(keys), err)
	}
	begin := []byte(nil)
	for i, value := range values {
		if value == nil {
			continue
		}
		at, e := places[i], &entries[i]
		c := &e.Components
		begin = questions[at.unit].in(d)[at.check].append(binary.AppendUvarint(begin[:0], uint64(len(c.Regions))), c)
		if err := e.read(keys[i], value, begin); err != nil {
			l.bad(err)
			continue
		}
		hits[at.unit].Entries[at.check], hits[at.unit].Keys[at.check] = e, keys[i]
	}
	return nil
}

// asks says whether the store is asked for the decision of a check.
func (q *Question) asks(check int, known *Hit) bool {
	return known.Entries[check] == nil && q.Keeps(check)
}

// lacking is for how many decisions the store is asked.
func (q *Question) lacking(known *Hit) (n int) {
	for i := range q.Checks {
		if q.asks(i, known) {
			n++
		}
	}
	return n
}

// Contents looks up the digests of files that git names; "" for what no domain knows.
func (l *Lookup) Contents(ctx context.Context, names []Key) ([]string, error) {
	digests := make([]string, len(names))
	left := make([]int, len(names))
	for i := range left {
		left[i] = i
	}
	for _, d := range l.domains {
		if len(left) == 0 {
			break
		}
		keys := make([]Key, len(left))
		for i, n := range left {
			keys[i] = d.salted(names[n])
		}
		values, err := l.store.Get(ctx, Contents, d.Name, keys)
		if err != nil {
			return nil, fmt.Errorf("look up %d contents in the cache: %w", len(keys), err)
		}
		var still []int
		for i, n := range left {
			if values[i] == nil {
				still = append(still, n)
				continue
			}
			digest, err := DecodeContent(keys[i], values[i])
			if err != nil {
				l.bad(err)
				still = append(still, n)
				continue
			}
			digests[n] = string(digest)
		}
		left = still
	}
	return digests, nil
}

func (l *Lookup) bad(err error) {
	if l.Bad != nil && !errors.Is(err, ErrFormat) {
		l.Bad(err)
	}
}
