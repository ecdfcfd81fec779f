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
	file := "folder"
	if c.File {
		file = "file"
	}
	return append([]string{epoch, c.Salt, c.Domain, c.Check, c.Engine, string(c.Unit), c.Path, file, string(c.Content), string(c.Shared),
		strconv.FormatInt(c.LimitMS, 10), strconv.Itoa(c.MaxBytes)}, c.Regions...)
}

// Key is the digest of the components, each with its length in front.
func (c *Components) Key() Key {
	text := make([]byte, 0, 512)
	for _, f := range c.fields() {
		text = binary.BigEndian.AppendUint32(text, uint32(len(f)))
		text = append(text, f...)
	}
	return sha256.Sum256(text)
}

// append writes the components, digests in 32 bytes.
func (c *Components) append(to []byte) []byte {
	for _, f := range c.fields()[1:] {
		to = appendText(to, f)
	}
	return to
}

// appendText writes a text and its length. What stands for a digest takes half of the room, and
// has an odd mark.
func appendText(to []byte, f string) []byte {
	if raw, err := hex.DecodeString(f); err == nil && len(raw) >= 16 && hex.EncodeToString(raw) == f {
		return append(binary.AppendUvarint(to, uint64(len(raw))<<1|1), raw...)
	}
	return append(binary.AppendUvarint(to, uint64(len(f))<<1), f...)
}

var errShort = errors.New("it ends too early")

// cutText reads what appendText wrote.
func cutText(from []byte) (text string, rest []byte, err error) {
	n, used := binary.Uvarint(from)
	if used <= 0 || n>>1 > uint64(len(from)-used) {
		return "", nil, errShort
	}
	from = from[used:]
	raw, rest := from[:n>>1], from[n>>1:]
	if n&1 == 1 {
		return hex.EncodeToString(raw), rest, nil
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
