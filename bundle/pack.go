package bundle

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"

	"github.com/seed306eabeb/muster/id"
)

// What Unpack may find wrong.
var (
	ErrMalformed = errors.New("malformed bundle")
	ErrDigest    = errors.New("bundle does not have the digest it is stored under")
	ErrTooLarge  = errors.New("bundle is too large")
)

// Pack is the canonical encoding as one S2 block. Every unit is compressed once and
// decompressed once, and S2 takes a fraction of the time that formats of smaller size
// take. The bytes may differ between versions of this program: only the digest names a
// bundle.
func (b Bundle) Pack() []byte { return s2.Encode(nil, b.raw) }

// Unpack is the inverse of Pack, for bytes of unknown origin. It trusts the bundle only
// if the digest of what it decompressed is want. It allocates at most limit bytes for the
// contents (see Bundle.Size), however much the block promises or holds. Errors wrap
// ErrMalformed, ErrDigest or ErrTooLarge.
func Unpack(packed []byte, want id.Digest, limit int) (Bundle, error) {
	raw, err := decompress(packed, limit)
	if err != nil {
		return Bundle{}, err
	}
	got := digestOf(raw)
	if got != want {
		return Bundle{}, fmt.Errorf("%w: want %s, got %s", ErrDigest, want, got)
	}
	entries, err := decode(raw)
	if err != nil {
		return Bundle{}, fmt.Errorf("%w %s: %w", ErrMalformed, want, err)
	}
	return Bundle{raw: raw, entries: entries, digest: got}, nil
}

func decompress(packed []byte, limit int) ([]byte, error) {
	size, err := s2.DecodedLen(packed)
	if err != nil {
		return nil, fmt.Errorf("%w: the block does not state its size: %w", ErrMalformed, err)
	}
	if size > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, size, limit)
	}
	raw, err := s2.Decode(nil, packed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return raw, nil
}
