package fleet

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
)

// NameOf is the name of the unit that an entry of the units' folder stands for, or that a
// path does: the entry's own name, in which each backslash, and each byte that is not part
// of a UTF-8 sequence, is written \xNN. It can be shown and sent whatever the entry is
// called, and no two entries share one: a name with a backslash has it from here alone.
func NameOf(entry string) id.Unit {
	if IsPlain(entry) {
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

// IsPlain says whether an entry's name, or a path, is its unit's name as it is.
func IsPlain(entry string) bool { return utf8.ValidString(entry) && !strings.Contains(entry, `\`) }

var escaped = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// EntryOf is the inverse of NameOf. It says false for what NameOf never gives.
func EntryOf[T ~string](name T) (entry string, ok bool) {
	if !strings.Contains(string(name), `\`) {
		return string(name), utf8.ValidString(string(name))
	}
	entry = escaped.ReplaceAllStringFunc(string(name), func(e string) string {
		b, _ := strconv.ParseUint(e[len(`\x`):], 16, 8) // the expression admits nothing else
		return string([]byte{byte(b)})
	})
	return entry, NameOf(entry) == id.Unit(name)
}

// EntryError says why what lies where a unit is looked for cannot be one although it stands
// for it.
type EntryError struct {
	Path    string      // in the repository, with names as NameOf writes them
	Type    fs.FileMode // of what is there in place of the unit; 0 for a unit
	File    bool        // the unit would be a plain file, not a folder
	BadName bool        // the name is one that NameOf has to write in another way
}

// unit is what the unit would be.
func (e *EntryError) unit() string {
	if e.File {
		return "plain file"
	}
	return "folder"
}

func (e *EntryError) Error() string {
	if e.Type != 0 {
		return fmt.Sprintf("%s is %s: a unit is a %s", e.Path, check.FileKind(e.Type), e.unit())
	}
	return fmt.Sprintf("%s %s: its name is not valid UTF-8 or holds a backslash: rename it", e.unit(), e.Path)
}
