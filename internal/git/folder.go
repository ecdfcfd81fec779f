package git

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Mode is what an entry of a tree is.
type Mode uint8

// The modes.
const (
	File Mode = iota
	Executable
	Link
	Folder
	Submodule // a commit of another repository, of which a tree has the name alone
)

// modeOf reads a mode as a tree has it. As git does, it takes what is nothing else for a submodule.
func modeOf(text string) (Mode, error) {
	const kind, regular, link, folder, mayRun = 0o170000, 0o100000, 0o120000, 0o040000, 0o100
	bits, err := strconv.ParseUint(text, 8, 32)
	switch {
	case err != nil:
		return File, fmt.Errorf("it has the mode %q", text)
	case bits&kind == regular && bits&mayRun != 0:
		return Executable, nil
	case bits&kind == regular:
		return File, nil
	case bits&kind == link:
		return Link, nil
	case bits&kind == folder:
		return Folder, nil
	}
	return Submodule, nil
}

// Type is the type of a file that a checkout has in the entry's place: a submodule is a folder.
func (m Mode) Type() fs.FileMode {
	switch m {
	case Link:
		return fs.ModeSymlink
	case Folder, Submodule:
		return fs.ModeDir
	}
	return 0
}

// perm is the mode that a checkout gives it.
func (m Mode) perm() fs.FileMode {
	switch m {
	case Link:
		return fs.ModeSymlink | 0o777
	case Executable, Folder, Submodule:
		return m.Type() | 0o755
	}
	return 0o644
}

// Entry is a file, a link, a folder or a submodule of a tree.
type Entry struct {
	Name string
	Mode Mode
	at   int32   // its place in the folder
	id   string  // of its object, as bytes
	in   *folder // nil for a root
}

// Object is the name of the entry's object: of a submodule the commit.
func (e Entry) Object() string {
	var text [64]byte // of SHA-256, the longest
	return string(text[:hex.Encode(text[:], []byte(e.id))])
}

// Entries are those of one folder.
type Entries struct{ *folder }

// folder is a tree object. It is read-only but for what it notes of its readers.
type folder struct {
	raw     string // as git has it
	entries []located
	size    int          // of the name of an object
	asked   atomic.Int32 // how often folders in it were read
}

// located is where the name of an entry begins.
type located struct {
	at   int32
	mode Mode
}

// emptyTrees are the objects of folders with nothing in them, which no checkout has.
var emptyTrees = []string{
	unhex("4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
	unhex("6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"),
}

func unhex(text string) string {
	raw, err := hex.DecodeString(text)
	if err != nil {
		panic(err) // it is a constant
	}
	return string(raw)
}

// parseFolder reads a tree object, whose entries are names of objects of so many bytes. It refuses what no checkout
// can have.
func parseFolder(raw string, size int) (*folder, error) {
	f := &folder{raw: raw, size: size, entries: make([]located, 0, 1+len(raw)/(size+len("100644 name.yml\x00")))}
	var last Entry
	for at := 0; at < len(raw); {
		e, end, err := cutEntry(raw, at, size)
		switch {
		case err != nil:
			return nil, err
		case at > 0 && compare(last.Name, last.Mode, e.Name, e.Mode) >= 0:
			return nil, fmt.Errorf("it is not sorted at %q: see `git fsck`", e.Name)
		case e.Name == "" || e.Name == "." || e.Name == ".." || strings.Contains(e.Name, "/"):
			return nil, fmt.Errorf("it has the name %q, which no checkout can have", e.Name)
		}
		if e.Mode != Folder || !slices.Contains(emptyTrees, e.id) {
			f.entries = append(f.entries, located{int32(end - size - len(e.Name) - 1), e.Mode})
		}
		last, at = e, end
	}
	return f, nil
}

var errCutShort = errors.New("it ends in the middle of an entry")

// cutEntry reads the entry at a place, a mode, a space, a name, a NUL and an object, and says where it ends.
func cutEntry(raw string, at, size int) (e Entry, end int, err error) {
	mode, rest, _ := strings.Cut(raw[at:], " ")
	name, rest, ended := strings.Cut(rest, "\x00")
	if !ended || len(rest) < size {
		return e, 0, errCutShort
	}
	m, err := modeOf(mode)
	return Entry{Name: name, Mode: m, id: rest[:size]}, len(raw) - len(rest) + size, err
}

// Len is how many entries there are.
func (f *folder) Len() int { return len(f.entries) }

// At is the entry at a place. They are sorted as git sorts them: as the paths of all files below them are sorted by
// their bytes.
func (f *folder) At(i int) Entry {
	name, rest, _ := strings.Cut(f.raw[f.entries[i].at:], "\x00")
	return Entry{Name: name, Mode: f.entries[i].mode, at: int32(i), id: rest[:f.size], in: f}
}

// All are the entries.
func (f *folder) All() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range f.entries {
			if !yield(f.At(i)) {
				return
			}
		}
	}
}

// Find is the entry of a name.
func (f *folder) Find(name string) (Entry, bool) {
	for _, mode := range []Mode{Folder, File} {
		i, found := slices.BinarySearchFunc(f.entries, name, func(l located, name string) int {
			own, _, _ := strings.Cut(f.raw[l.at:], "\x00")
			return compare(own, l.mode, name, mode)
		})
		if found {
			return f.At(i), true
		}
	}
	return Entry{}, false
}

// compare compares entries of two names as git does: it takes those of folders to end with a slash.
func compare(a string, aMode Mode, b string, bMode Mode) int {
	n := min(len(a), len(b))
	return cmp.Or(strings.Compare(a[:n], b[:n]), cmp.Compare(behind(a, n, aMode), behind(b, n, bMode)))
}

// behind is the byte at an index of a name, -1 behind its end.
func behind(name string, at int, mode Mode) int {
	switch {
	case at < len(name):
		return int(name[at])
	case mode == Folder:
		return '/'
	}
	return -1
}
