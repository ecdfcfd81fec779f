package cache

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Entry is a decision with all that it depends on, in clear.
type Entry struct {
	Components
	Decision verdict.Decision
	By       string    // the process that decided
	Made     time.Time // when, in seconds
	Micros   int64     // how long that took, µs
	// Written is when the entry was put down last, in minutes: at first when it was made, and later
	// when it was renewed.
	Written time.Time
	wire    string // the decision as it is kept; "" for an entry that was not read
}

// errUncacheable: the decision is none that may be kept.
var errUncacheable = errors.New("the decision cannot be kept")

// ErrFormat says that what is kept is in the form of another version of this program: for this one nothing is
// there, and nothing is wrong. It is for errors.Is.
var ErrFormat = errors.New("it has another format")

// The form of an entry: a byte of format, four of the minute in which it was written, eight of a
// checksum over these, the key and what follows, and then the rest, which is compressed or not.
const (
	plain    = 2 // not compressed
	packed   = 3 // compressed with the dictionary
	sumAt    = 1 + 4
	bodyAt   = sumAt + 8
	mostBody = 64 << 20
)

// shorthand makes entries small: most of an entry stands in each of its neighbours, too, and so in
// the dictionary.
var shorthand = sync.OnceValue(func() *s2.Dict { return s2.MakeDict(dictionary, nil) })

// compress appends a body to a value.
func compress(value, body []byte) []byte {
	at := len(value)
	value = slices.Grow(value, s2.MaxEncodedLen(len(body)))
	return value[:at+len(shorthand().Encode(value[at:cap(value)], body))]
}

// expand reads what compress has appended, into room if there is enough.
func expand(room, from []byte) ([]byte, error) {
	n, err := s2.DecodedLen(from)
	if err == nil && n > mostBody {
		err = fmt.Errorf("it has %d bytes, more than %d", n, mostBody)
	}
	if err != nil {
		return nil, err
	}
	return shorthand().Decode(room[:0], from)
}

// Encode makes the form in which an entry is kept, under its key.
func (e *Entry) Encode() (Item, error) { return e.encode(packed, formOf(&e.Components)) }

// EncodePlain is Encode without compression: for a store that has room for entries of some two kilobytes, and
// none that keeps others waiting.
func (e *Entry) EncodePlain() (Item, error) { return e.encode(plain, formOf(&e.Components)) }

func (e *Entry) encode(as byte, f *form) (Item, error) {
	if e.Decision.Impure {
		return Item{}, fmt.Errorf("%w: it depends on more than its components", errUncacheable)
	}
	decision, arrives, err := verdict.EncodeDecision(e.Decision)
	if err != nil {
		return Item{}, err
	}
	if !arrives {
		return Item{}, fmt.Errorf("%w: a text in it is not UTF-8", errUncacheable)
	}
	item := Item{Key: f.key(&e.Components), Value: e.value(as, f, decision)}
	copy(item.Value[sumAt:], sum(item.Key, item.Value))
	return item, nil
}

// value is an entry with the form of its decision, but for the checksum.
func (e *Entry) value(as byte, f *form, decision []byte) []byte {
	buffer, packing := buffers.Get().(*[]byte), buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	defer buffers.Put(packing)
	body := binary.AppendUvarint((*buffer)[:0], uint64(len(e.Regions)))
	body = f.append(body, &e.Components)
	body = appendText(body, e.By)
	body = binary.AppendVarint(body, e.Made.Unix())
	body = binary.AppendVarint(body, e.Micros)
	body = append(body, decision...)
	value := append((*packing)[:0], make([]byte, bodyAt)...)
	value[0] = as
	binary.BigEndian.PutUint32(value[1:], uint32(e.Written.Unix()/60))
	if as == plain {
		value = append(value, body...)
	} else {
		value = compress(value, body)
	}
	retain(buffer, body)
	retain(packing, value)
	return bytes.Clone(value)
}

// retain keeps the room of some bytes in a buffer for the next entry, unless it is large.
func retain(buffer *[]byte, room []byte) {
	if *buffer = room; cap(room) > mostBuffer {
		*buffer = nil
	}
}

// sum is the checksum of a value under a key.
func sum(k Key, value []byte) []byte {
	h := checksum(k, value)
	return h[:]
}

func checksum(k Key, value []byte) (h [bodyAt - sumAt]byte) {
	var room [1024]byte
	text := append(append(append(room[:0], k[:]...), value[:sumAt]...), value[bodyAt:]...)
	all := sha256.Sum256(text)
	copy(h[:], all[:])
	return h
}

// Renew is a value that is written now.
func Renew(item Item, now time.Time) Item {
	value := append([]byte(nil), item.Value...)
	binary.BigEndian.PutUint32(value[1:], uint32(now.Unix()/60))
	copy(value[sumAt:], sum(item.Key, value))
	return Item{item.Key, value}
}

// Decode reads what is kept under a key. An error means that it is not what Encode wrote for this key:
// whoever asks goes on as if nothing were there, and says so.
func Decode(k Key, value []byte) (e Entry, err error) {
	err = e.read(k, value, nil)
	if err != nil {
		return Entry{}, err
	}
	return e, nil
}

// buffers have the bodies of entries that are being read or written.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// read reads what is kept under a key. It is to be about the components that e has, with which an entry
// begins as given; nil for whatever has that key.
func (e *Entry) read(k Key, value, begin []byte) error {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	err := e.decode(k, value, begin, buffer)
	if err != nil {
		return fmt.Errorf("read the cached verdict %s: %w", k.short(), err)
	}
	return nil
}

// mostBuffer bounds what a buffer keeps of its room for the next entry.
const mostBuffer = 64 << 10

func (e *Entry) decode(k Key, value, begin []byte, buffer *[]byte) (err error) {
	if len(value) < bodyAt {
		return errShort
	}
	if value[0] != packed && value[0] != plain {
		return ErrFormat
	}
	if have := checksum(k, value); subtle.ConstantTimeCompare(value[sumAt:bodyAt], have[:]) == 0 {
		return errors.New("its checksum is not that of its bytes")
	}
	e.Written = time.Unix(int64(binary.BigEndian.Uint32(value[1:]))*60, 0).UTC()
	body := value[bodyAt:]
	if value[0] == packed {
		if body, err = expand(*buffer, body); err != nil {
			return err
		}
		retain(buffer, body)
	}
	if body, err = e.cut(k, body, begin); err != nil {
		return err
	}
	rest := string(body)
	if e.By, body, err = cutTextOf(rest, body); err != nil {
		return err
	}
	made, body, err := cutNumber(body)
	if err != nil {
		return err
	}
	if e.Micros, body, err = cutNumber(body); err != nil {
		return err
	}
	e.Made = time.Unix(made, 0).UTC()
	e.wire = rest[len(rest)-len(body):]
	e.Decision, err = verdict.DecodeDecision(e.wire)
	if err == nil && e.Decision.Impure {
		err = errUncacheable
	}
	return err
}

// cutNumber takes a number from the front.
func cutNumber(from []byte) (n int64, rest []byte, err error) {
	n, used := binary.Varint(from)
	if used <= 0 {
		return 0, nil, errShort
	}
	return n, from[used:], nil
}

// cut takes the components from the front of a body: those that e has, byte for byte, or else
// any that have the key.
func (e *Entry) cut(k Key, body, begin []byte) (rest []byte, err error) {
	if begin != nil {
		rest, same := bytes.CutPrefix(body, begin)
		if !same {
			return nil, fmt.Errorf("it is not about unit %q as it was asked", e.Unit)
		}
		return rest, nil
	}
	regions, used := binary.Uvarint(body)
	if used <= 0 || regions > uint64(len(body)) {
		return nil, errShort
	}
	if e.Components, rest, err = cutComponents(body[used:], int(regions)); err != nil {
		return nil, err
	}
	if e.Components.Key() != k {
		return nil, fmt.Errorf("it is about unit %q, and that has another key", e.Unit)
	}
	return rest, nil
}

// Part is what the check says, as a part of a verdict.
func (e *Entry) Part() verdict.Part {
	return verdict.Part{Check: e.Check, Engine: e.Engine, Decision: e.Decision}
}

// A content is kept as the digest in 32 bytes, and eight of a checksum over it and the name.

// EncodeContent makes the item of a set of files.
func EncodeContent(name Key, digest id.Digest) (Item, error) {
	raw := appendText(nil, string(digest))
	if len(raw) != 1+len(name) {
		return Item{}, fmt.Errorf("content %q is no digest", digest)
	}
	h := sha256.Sum256(append(name[:], raw[1:]...))
	return Item{name, append(raw[1:], h[:8]...)}, nil
}

// DecodeContent reads the digest of a set of files.
func DecodeContent(name Key, value []byte) (id.Digest, error) {
	if len(value) != len(name)+8 {
		return "", fmt.Errorf("read the cached content %s: it has another format", name.short())
	}
	var both [2 * len(name)]byte
	copy(both[copy(both[:], name[:]):], value)
	h := sha256.Sum256(both[:])
	if subtle.ConstantTimeCompare(h[:8], value[len(name):]) == 0 {
		return "", fmt.Errorf("read the cached content %s: its checksum is not that of its bytes", name.short())
	}
	var text [2 * len(name)]byte
	hex.Encode(text[:], value[:len(name)])
	return id.Digest(text[:]), nil
}
