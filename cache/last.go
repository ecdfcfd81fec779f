package cache

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Last is what became of a unit the last time that it was decided, whatever it consisted of. It says which
// units to decide first, and nothing of how they are.
type Last struct {
	Kind   verdict.Kind
	Micros int64 // that all its checks took, µs
	of     [lastOf]byte
}

// lastOf is how many bytes are kept of the digest of what a unit consisted of: enough to say that it is
// another one now.
const lastOf = 8

// NewLast is what became of a unit with these bytes.
func NewLast(k verdict.Kind, micros int64, digest id.Digest) Last {
	return Last{k, micros, beginningOf(digest)}
}

func beginningOf(d id.Digest) (b [lastOf]byte) {
	if raw, err := hex.DecodeString(string(d)); err == nil {
		copy(b[:], raw)
	}
	return b
}

// Of says whether it was about these bytes.
func (l Last) Of(digest id.Digest) bool { return l.of == beginningOf(digest) }

// Named is a unit with the checks that it gets, sorted.
type Named struct {
	Unit   id.Unit
	Path   string // in the repository
	Checks []string
}

// LastKey is under which key the domain keeps the Last of a unit.
func (d Domain) LastKey(n Named) Key {
	text := make([]byte, 0, 256)
	for _, f := range append([]string{"muster last 1", d.Salt, string(n.Unit), n.Path}, n.Checks...) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(f)))
		text = append(text, f...)
	}
	return sha256.Sum256(text)
}

// lastKinds are the kinds of which there is a Last, as they are written.
var lastKinds = []verdict.Kind{verdict.OK, verdict.Invalid, verdict.Failed}

// A Last is kept as its kind in a byte, the beginning of the digest, the time, and four bytes of a checksum over
// these and the key.
const lastSum = 4

// EncodeLast makes the item of a unit.
func EncodeLast(k Key, l Last) (Item, error) {
	kind := slices.Index(lastKinds, l.Kind)
	if kind < 0 {
		return Item{}, fmt.Errorf("keep what became of a unit: it was %q", l.Kind)
	}
	value := append([]byte{byte(kind)}, l.of[:]...)
	value = binary.AppendUvarint(value, uint64(max(0, l.Micros)))
	return Item{k, append(value, sumOfLast(k, value)...)}, nil
}

func sumOfLast(k Key, value []byte) []byte {
	sum := sha256.Sum256(append(k[:], value...))
	return sum[:lastSum]
}

var errNoLast = errors.New("it is not what was written")

// DecodeLast reads what EncodeLast has made.
func DecodeLast(k Key, value []byte) (l Last, err error) {
	at := len(value) - lastSum
	if at < 1+lastOf || subtle.ConstantTimeCompare(sumOfLast(k, value[:at]), value[at:]) == 0 || int(value[0]) >= len(lastKinds) {
		return l, fmt.Errorf("read what became of a unit %x: %w", k[:6], errNoLast)
	}
	l.Kind = lastKinds[value[0]]
	copy(l.of[:], value[1:])
	n, used := binary.Uvarint(value[1+lastOf : at])
	if used <= 0 {
		return l, fmt.Errorf("read what became of a unit %x: %w", k[:6], errNoLast)
	}
	l.Micros = int64(n)
	return l, nil
}

// Lasts looks up what became of units, nil for those of which no domain knows.
func (l *Lookup) Lasts(ctx context.Context, units []Named) ([]*Last, error) {
	all := make([]*Last, len(units))
	for _, d := range l.domains {
		var keys []Key
		var places []int
		for i, n := range units {
			if all[i] == nil {
				keys, places = append(keys, d.LastKey(n)), append(places, i)
			}
		}
		if len(keys) == 0 {
			break
		}
		values, err := l.store.Get(ctx, Latest, d.Name, keys)
		if err != nil {
			return nil, fmt.Errorf("look up what became of %d units: %w", len(keys), err)
		}
		for i, value := range values {
			if value == nil {
				continue
			}
			last, err := DecodeLast(keys[i], value)
			if err != nil {
				l.bad(err)
				continue
			}
			all[places[i]] = &last
		}
	}
	return all, nil
}
