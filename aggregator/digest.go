package aggregator

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/seed306eabeb/muster/id"
)

// digest is an id.Digest in half of its room and without a pointer. Where it is not 64 digits, as that
// of every bundle is, it begins with its number in Fold.words. The zero value is the empty one.
type digest struct {
	raw [32]byte
	as  digestForm
}

type digestForm uint8

const (
	numberedText digestForm = iota
	rawBytes
)

func (f *Fold) digest(text id.Digest) (d digest) {
	if d.decode(text) {
		d.as = rawBytes
		return d
	}
	d = digest{}
	binary.NativeEndian.PutUint32(d.raw[:], f.words.id(string(text)))
	return d
}

// decode reads a digest in its usual form, and says whether it is in that.
func (d *digest) decode(text id.Digest) bool {
	if len(text) != 2*len(d.raw) {
		return false
	}
	for i := range d.raw {
		high, low := digits[text[2*i]], digits[text[2*i+1]]
		if high|low >= noDigit {
			return false
		}
		d.raw[i] = high<<4 | low
	}
	return true
}

const noDigit = 16

// digits have the value of each hexadecimal digit.
var digits = func() (of [256]byte) {
	for c := range of {
		of[c] = noDigit
	}
	for i, c := range []byte("0123456789abcdef") {
		of[c] = byte(i)
	}
	return of
}()

// isNone says whether it is the empty one.
func (d *digest) isNone() bool { return *d == digest{} }

// appendDigest appends the text of a digest.
func (f *Fold) appendDigest(to []byte, d *digest) []byte {
	if d.as == rawBytes {
		return hex.AppendEncode(to, d.raw[:])
	}
	return append(to, f.words.at(binary.NativeEndian.Uint32(d.raw[:]))...)
}

// digestText is the digest that a unit's verdict is about.
func (f *Fold) digestText(s *unitState) id.Digest { return id.Digest(f.appendDigest(nil, &s.digest)) }
