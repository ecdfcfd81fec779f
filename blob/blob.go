// Package blob names the bytes of files as git does, by the objects that hold them. A source
// that asks git knows these names without reading a file, and whoever has the bytes can make
// them again: so both can speak of the same content.
package blob

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"slices"
	"strconv"

	"github.com/pjbgf/sha1cd"

	"github.com/seed306eabeb/muster/bundle"
)

// File is a file of a unit, as a source names it.
type File struct {
	// Path is the file's path as it is in the unit's bundle.
	Path string
	// Type is 0 for a plain file, else its type bits, as bundle.Entry has them.
	Type fs.FileMode
	// ID is the object name of a plain file's bytes in lower-case hexadecimal digits: 40 of SHA-1, or 64
	// of SHA-256. Other files have none: a bundle says of them that they are there, and no more.
	ID string
}

// Format is how a repository names objects.
type Format string

// The formats.
const (
	SHA1   Format = "sha1"
	SHA256 Format = "sha256"
)

// FormatOf is the format of an object name.
func FormatOf(object string) (Format, bool) {
	switch len(object) {
	case 2 * sha1cd.Size:
		return SHA1, true
	case 2 * sha256.Size:
		return SHA256, true
	}
	return "", false
}

// new is a hash of the format.
func (f Format) new() (hash.Hash, error) {
	switch f {
	case SHA1:
		return sha1cd.New(), nil
	case SHA256:
		return sha256.New(), nil
	}
	return nil, fmt.Errorf("object format %q: want %s or %s", string(f), SHA1, SHA256)
}

// Of names the files of a bundle. An error says that the bytes of a file were made to collide with
// others under SHA-1: such a file has no name.
func Of(b bundle.Bundle, f Format) ([]File, error) {
	h, err := f.new()
	if err != nil {
		return nil, err
	}
	files, room := make([]File, 0, b.Len()), make([]byte, 0, 2*sha256.Size)
	for e := range b.Entries() {
		file := File{Path: e.Path, Type: e.Type}
		if e.Type == 0 {
			h.Reset()
			h.Write(append(strconv.AppendInt(append(room, "blob "...), int64(len(e.Data)), 10), 0))
			h.Write(e.Data)
			sum, collides := sumOf(h, room)
			if collides {
				return nil, fmt.Errorf("file %q was made to have the SHA-1 of other bytes", e.Path)
			}
			file.ID = hex.EncodeToString(sum)
		}
		files = append(files, file)
	}
	return files, nil
}

// sumOf appends the hash of what was written, and says whether that was made to collide with other bytes.
func sumOf(h hash.Hash, to []byte) (sum []byte, collides bool) {
	if c, detects := h.(sha1cd.CollisionResistantHash); detects {
		return c.CollisionResistantSum(to)
	}
	return h.Sum(to), false
}

// Name names a set of files by their paths, types and object names.
type Name [sha256.Size]byte

// epoch begins what is hashed: a change of the form changes each name.
const epoch = "muster files 1\n"

// NameOf is the name of files, which are sorted by path.
func NameOf(files []File) Name {
	text := append(make([]byte, 0, len(epoch)+96*len(files)), epoch...)
	for _, f := range files {
		text = binary.BigEndian.AppendUint32(text, uint32(len(f.Path)))
		text = append(text, f.Path...)
		text = binary.BigEndian.AppendUint32(text, uint32(f.Type))
		text = append(text, byte(len(f.ID)))
		text = append(text, f.ID...)
	}
	return sha256.Sum256(text)
}

// Select are the files that a check reads, in their order; all of them where reads is nil.
func Select(files []File, reads func(path string) bool) []File {
	if reads == nil {
		return files
	}
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return !reads(f.Path) })
}
