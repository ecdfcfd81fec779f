// Package bundle holds the files of a folder as one value: read once, encoded
// canonically, named by the digest of that encoding, packed for the wire, and a file
// system again on the other side. It knows nothing of what the files mean.
package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/id"
)

func digestOf(raw []byte) id.Digest {
	sum := sha256.Sum256(raw)
	return id.Digest(hex.EncodeToString(sum[:]))
}

// Entry is one file. Folders have no entries: they are implied by the paths below them,
// so that an empty one does not exist.
type Entry struct {
	// Path is slash-separated and relative to the folder; NameError says which
	// paths are refused.
	Path string
	// Type is 0 for a regular file, else its type bits (fs.ModeSymlink,
	// fs.ModeNamedPipe, …). Such a file has no data.
	Type fs.FileMode
	Data []byte
}

// Bundle is an immutable set of files. Copies share their memory and may be used
// by several goroutines at once. The zero value has no digest; New makes the
// empty bundle.
type Bundle struct {
	raw     []byte // the canonical encoding
	entries []Entry
	digest  id.Digest
}

// ErrIrregular is wrapped when a file that is not regular is opened.
var ErrIrregular = errors.New("not a regular file")

// NameError says that a bundle cannot hold the path of a file.
type NameError struct {
	Dir    string // the folder that was read; empty when none was
	Path   string // inside Dir; may hold any bytes
	Reason string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("file %s: %s: rename it", quote(path.Join(e.Dir, e.Path)), e.Reason)
}

// quote is a path for an error message, whatever its bytes and its length.
func quote[T string | []byte](p T) string {
	const enough = 300
	if len(p) > enough {
		return fmt.Sprintf("%q…", p[:enough])
	}
	return fmt.Sprintf("%q", p)
}

// New makes a bundle of entries in any order, and copies their data. It returns a
// *NameError for a path that is absolute, empty, not UTF-8, holds a backslash or a NUL,
// has an empty, "." or ".." element, lies more than 64 folders deep, comes twice or is
// also a folder. More than 10,000 entries are a *TooLargeError.
func New(entries []Entry) (Bundle, error) {
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	e := newEncoder()
	for _, entry := range sorted {
		if code, ok := codeOf(entry.Type); !ok || code != regular && len(entry.Data) > 0 {
			return Bundle{}, fmt.Errorf("file %s: type %v with %d bytes of data cannot be encoded: leave it out",
				quote(entry.Path), entry.Type, len(entry.Data))
		}
		e.add(entry)
	}
	return e.bundle()
}

// Only says whether the bundle holds one file and no other, at path.
func (b Bundle) Only(path string) bool { return len(b.entries) == 1 && b.entries[0].Path == path }

// Digest is the bundle's name, the SHA-256 of its canonical encoding: two bundles have
// the same one exactly when they have the same paths, types and contents.
func (b Bundle) Digest() id.Digest { return b.digest }

// Size is the length of the canonical encoding in bytes: the contents, and for
// each file its path and nine bytes. All limits of this package are in this unit.
func (b Bundle) Size() int { return len(b.raw) }

// Len is the number of files.
func (b Bundle) Len() int { return len(b.entries) }

// checkPaths looks for paths that a bundle cannot hold. The entries must be sorted.
func checkPaths(entries []Entry) error {
	for i, e := range entries {
		if reason := badPath(e.Path); reason != "" {
			return &NameError{Path: e.Path, Reason: reason}
		}
		if i > 0 && entries[i-1].Path == e.Path {
			return &NameError{Path: e.Path, Reason: "comes twice"}
		}
		for dir := path.Dir(e.Path); dir != "."; dir = path.Dir(dir) {
			if _, ok := find(entries, dir); ok {
				return &NameError{Path: dir, Reason: "is both a file and a folder"}
			}
		}
	}
	return nil
}

func badPath(p string) string {
	switch {
	case p == "" || p == ".":
		return "names no file"
	case strings.ContainsAny(p, "\\\x00"):
		return "holds a backslash or a NUL, which not every system can store"
	case !utf8.ValidString(p):
		return "is not valid UTF-8"
	case strings.Count(p, "/") > MaxLevels:
		return fmt.Sprintf("lies more than %d folders deep", MaxLevels)
	case !fs.ValidPath(p):
		return "is not a relative path without empty, . and .. elements"
	}
	return ""
}

func find(sorted []Entry, p string) (int, bool) {
	return slices.BinarySearchFunc(sorted, p, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
}

// Files are the regular files and their contents, which must not be changed.
func (b Bundle) Files() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, e := range b.entries {
			if e.Type == 0 && !yield(e.Path, e.Data) {
				return
			}
		}
	}
}

// Entries are all files, in the order of their paths. Their data must not be changed.
func (b Bundle) Entries() iter.Seq[Entry] { return slices.Values(b.entries) }

// Select is the bundle of the files that keep accepts, given their paths.
func (b Bundle) Select(keep func(path string) bool) Bundle {
	e := newEncoder()
	for _, entry := range b.entries {
		if keep(entry.Path) {
			e.add(entry)
		}
	}
	selected, err := e.bundle()
	if err != nil {
		panic("bundle: files of a bundle make none: " + err.Error())
	}
	return selected
}
