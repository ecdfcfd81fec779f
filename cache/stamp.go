package cache

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/seed306eabeb/muster/id"
)

// Stamp is what a unit contained on this machine when it lay as a source has noted.
type Stamp struct {
	File   bool      // it was one file, and no folder
	Digest id.Digest // of all its files
	Lies   []byte    // for the source
}

// StampsOf are those of a repository in a folder, in a store that is Beside it and has a name.
type StampsOf struct{ Store, Folder string }

// StampKey is under which key the domain keeps the Stamp of a unit.
func (d Domain) StampKey(of StampsOf, unit id.Unit) Key {
	text := make([]byte, 0, 256)
	for _, f := range []string{"muster stamp 1", d.Salt, of.Store, of.Folder, string(unit)} {
		text = appendCounted(text, f)
	}
	return sha256.Sum256(text)
}

// A Stamp is kept as a byte that is 1 for a file, the digest in 32 bytes, how it lies, and eight bytes of a checksum
// over these and the key.
const stampSum = 8

// EncodeStamp makes the item of a unit.
func EncodeStamp(k Key, s Stamp) (Item, error) {
	raw, err := hex.DecodeString(string(s.Digest))
	if err != nil || len(raw) != sha256.Size {
		return Item{}, fmt.Errorf("keep how a unit lies: %q is no digest", s.Digest)
	}
	value := make([]byte, 1, 1+len(raw)+len(s.Lies)+stampSum)
	if s.File {
		value[0] = 1
	}
	value = append(append(value, raw...), s.Lies...)
	sum := sumOfStamp(k, value)
	return Item{k, append(value, sum[:stampSum]...)}, nil
}

func sumOfStamp(k Key, value []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append(make([]byte, 0, 512), k[:]...), value...))
}

var errNoStamp = errors.New("it is not what was written")

// DecodeStamp reads what EncodeStamp has made. How the unit lies is a part of the value.
func DecodeStamp(k Key, value []byte) (s Stamp, err error) {
	at := len(value) - stampSum
	if at < 1+sha256.Size || value[0] > 1 {
		return s, fmt.Errorf("read how a unit lies %x: %w", k[:6], errNoStamp)
	}
	if sum := sumOfStamp(k, value[:at]); subtle.ConstantTimeCompare(sum[:stampSum], value[at:]) == 0 {
		return s, fmt.Errorf("read how a unit lies %x: %w", k[:6], errNoStamp)
	}
	digest := id.Digest(hex.EncodeToString(value[1 : 1+sha256.Size]))
	return Stamp{value[0] == 1, digest, value[1+sha256.Size : at]}, nil
}

// Stamps looks up stamps in the first domain; nil for a unit that has none.
func (l *Lookup) Stamps(ctx context.Context, of StampsOf, units []id.Unit) ([]*Stamp, error) {
	d, keys := l.domains[0], make([]Key, len(units))
	for i, u := range units {
		keys[i] = d.StampKey(of, u)
	}
	values, err := l.store.Get(ctx, Stamps, d.Name, keys)
	if err != nil {
		return nil, fmt.Errorf("look up how %d units lie: %w", len(keys), err)
	}
	all, read := make([]*Stamp, len(units)), make([]Stamp, len(units))
	for i, value := range values {
		if value == nil {
			continue
		}
		if read[i], err = DecodeStamp(keys[i], value); err != nil {
			l.bad(err)
			continue
		}
		all[i] = &read[i]
	}
	return all, nil
}
