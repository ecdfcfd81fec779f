package fleet

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
)

// NameOf is the name of the unit that an entry of the units' folder stands for: the
// entry's own name, in which each backslash, and each byte that is not part of a UTF-8
// sequence, is written \xNN. It can be shown and sent whatever the entry is called, and
// no two entries share one: a name with a backslash has it from here alone.
func NameOf(entry string) id.Unit {
	if isPlain(entry) {
		return id.Unit(entry)
	}
	var b strings.Builder
	for len(entry) > 0 {
		r, size := utf8.DecodeRuneInString(entry)
		if r == '\\' || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, entry[0])
		} else {
			b.WriteString(entry[:size])
		}
		entry = entry[size:]
	}
	return id.Unit(b.String())
}

// isPlain says whether an entry's name is its unit's name as it is.
func isPlain(entry string) bool { return utf8.ValidString(entry) && !strings.Contains(entry, `\`) }

var escaped = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// entryOf is the inverse of NameOf. It says false for what NameOf never gives.
func entryOf(name id.Unit) (entry string, ok bool) {
	entry = escaped.ReplaceAllStringFunc(string(name), func(e string) string {
		b, _ := strconv.ParseUint(e[len(`\x`):], 16, 8) // the expression admits nothing else
		return string([]byte{byte(b)})
	})
	return entry, NameOf(entry) == name
}

// EntryError says why an entry of the units' folder cannot be a unit although it stands
// for one.
type EntryError struct {
	Path    string      // in the repository, with the entry's name as NameOf writes it
	Type    fs.FileMode // of what is there in place of a folder; 0 for a folder
	BadName bool        // the name is one that NameOf has to write in another way
}

func (e *EntryError) Error() string {
	if e.Type != 0 {
		return fmt.Sprintf("%s is %s: a unit is a folder", e.Path, check.FileKind(e.Type))
	}
	return fmt.Sprintf("folder %s: its name is not valid UTF-8 or holds a backslash: rename it", e.Path)
}

// checkEntry is an *EntryError where an entry stands for a unit and cannot be one, and
// nil for folders, for plain files, and for what is not there.
func (f *Fleet) checkEntry(entry string) error {
	e := &EntryError{Path: path.Join(f.layout.Units, string(NameOf(entry))), BadName: !isPlain(entry)}
	info, err := f.root.Lstat(path.Join(f.layout.Units, entry))
	switch {
	case err != nil || info.Mode().IsRegular():
		return nil
	case !info.IsDir():
		e.Type = info.Mode().Type()
	}
	if e.Type == 0 && !e.BadName {
		return nil
	}
	return e
}
