package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/seed306eabeb/muster/id"
)

// epoch begins what a key is the digest of. A change of what an entry means changes it.
const epoch = "muster verdict 1"

// Components are all that a check's decision about a unit depends on. What is not here must not
// make a difference: neither the run nor the commit, the branch, the worker, the time or the attempt.
type Components struct {
	Salt    string // of the domain
	Domain  string // whose workers have decided
	Check   string
	Engine  string // code, rules and options of the check, and what its command is
	Unit    id.Unit
	Path    string    // of the unit in the repository: findings name it
	File    bool      // the unit is one file, and no folder
	Content id.Digest // of the files that the check reads
	Shared  id.Digest // of what the check reads beside them
	Regions []string  // that it was asked about, in its order
	LimitMS int64     // how long it might take, in milliseconds
	// MaxBytes is how large the unit might be.
	MaxBytes int
}

// fields are the components, in a fixed order.
func (c *Components) fields() []string {
	return append([]string{epoch, c.Salt, c.Domain, c.Check, c.Engine, string(c.Unit), c.Path, c.what(), string(c.Content), string(c.Shared),
		strconv.FormatInt(c.LimitMS, 10), strconv.Itoa(c.MaxBytes)}, c.Regions...)
}

// what is what the unit is.
func (c *Components) what() string {
	if c.File {
		return "file"
	}
	return "folder"
}

// Key is the digest of the components, each with its length in front.
func (c *Components) Key() Key { return formOf(c).key(c) }

// The components by their place among the fields, between those that all units of a kind have in common.
const (
	firstOwn = 5 // the unit
	lastOwn  = 8 // the content
)

// form is what components that differ only in what is a unit's own have in common, as a key and as an entry
// have it: of a fleet, each is made once. It does not change.
type form struct {
	keyHead, keyTail []byte // for the digest
	head, tail       []byte // for an entry
}

func formOf(c *Components) *form {
	var room [4][128]byte
	f := form{room[0][:0], room[1][:0], room[2][:0], room[3][:0]}
	for i, text := range c.fields() {
		switch {
		case i < firstOwn:
			f.keyHead = appendCounted(f.keyHead, text)
			if i > 0 {
				f.head = appendText(f.head, text)
			}
		case i > lastOwn:
			f.keyTail, f.tail = appendCounted(f.keyTail, text), appendText(f.tail, text)
		}
	}
	return &f
}

// own are the components that are a unit's.
func (c *Components) own() [lastOwn - firstOwn + 1]string {
	return [...]string{string(c.Unit), c.Path, c.what(), string(c.Content)}
}

// key is that of components of the form.
func (f *form) key(c *Components) Key {
	var room [1024]byte
	text := append(room[:0], f.keyHead...)
	for _, own := range c.own() {
		text = appendCounted(text, own)
	}
	return sha256.Sum256(append(text, f.keyTail...))
}

// append writes components of the form as an entry has them.
func (f *form) append(to []byte, c *Components) []byte {
	to = append(to, f.head...)
	for _, own := range c.own() {
		to = appendText(to, own)
	}
	return append(to, f.tail...)
}

// appendCounted writes a text with its length in front.
func appendCounted(to []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint32(to, uint32(len(text))), text...)
}

// appendText writes a text and its length. What stands for a digest takes half of the room, and
// has an odd mark.
func appendText(to []byte, f string) []byte {
	if !isHex(f) {
		return append(binary.AppendUvarint(to, uint64(len(f))<<1), f...)
	}
	to = binary.AppendUvarint(to, uint64(len(f)/2)<<1|1)
	for i := 0; i < len(f); i += 2 {
		to = append(to, nibble(f[i])<<4|nibble(f[i+1]))
	}
	return to
}

// isHex says whether a text is one that hex digits in lower case make of 16 bytes or more.
func isHex(f string) bool {
	if len(f) < 32 || len(f)%2 != 0 {
		return false
	}
	for i := range len(f) {
		if c := f[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

var errShort = errors.New("it ends too early")

// cutText reads what appendText wrote.
func cutText(from []byte) (text string, rest []byte, err error) { return cutTextOf("", from) }

// cutTextOf is cutText of bytes that a text has in its end: what is read is a part of that where it can be.
func cutTextOf(whole string, from []byte) (text string, rest []byte, err error) {
	n, used := binary.Uvarint(from)
	if used <= 0 || n>>1 > uint64(len(from)-used) {
		return "", nil, errShort
	}
	from = from[used:]
	raw, rest := from[:n>>1], from[n>>1:]
	if n&1 == 1 {
		return hex.EncodeToString(raw), rest, nil
	}
	if end := len(whole) - len(rest); end >= 0 && whole != "" {
		return whole[end-len(raw) : end], rest, nil
	}
	return string(raw), rest, nil
}

// cutComponents reads components, of which so many are regions.
func cutComponents(from []byte, regions int) (c Components, rest []byte, err error) {
	var limit, most, file, unit, content, shared string
	for _, to := range []*string{&c.Salt, &c.Domain, &c.Check, &c.Engine, &unit, &c.Path, &file, &content, &shared, &limit, &most} {
		if *to, from, err = cutText(from); err != nil {
			return c, nil, err
		}
	}
	c.Unit, c.Content, c.Shared, c.File = id.Unit(unit), id.Digest(content), id.Digest(shared), file == "file"
	if c.LimitMS, err = strconv.ParseInt(limit, 10, 64); err != nil {
		return c, nil, fmt.Errorf("its limit: %w", err)
	}
	if c.MaxBytes, err = strconv.Atoi(most); err != nil {
		return c, nil, fmt.Errorf("its most bytes: %w", err)
	}
	for range regions {
		var region string
		if region, from, err = cutText(from); err != nil {
			return c, nil, err
		}
		c.Regions = append(c.Regions, region)
	}
	return c, from, nil
}
