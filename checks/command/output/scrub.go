package output

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// Scrub takes the paths of a job's folder out of a text that a program printed, in all spellings
// that programs have for it: with slashes behind it, as a file: URI, with percent escapes, with
// slashes that JSON escapes, from /private and /proc/self/root, and from below ("../../tmp/job").
// A path below the folder becomes the one in the repository, and the folder itself becomes ".".
// Where a folder has several paths (its real one, and that of a link), folders are all of them.
func Scrub(text []byte, folders ...string) []byte {
	var known []string
	for _, f := range folders {
		if f = path.Clean("/" + f); f != "/" {
			known = append(known, f)
		}
	}
	if !mentions(text, known) {
		return text
	}
	re, err := foreign.Regexp(spellings(known))
	if err != nil {
		return text // a folder whose path has kilobytes
	}
	unique := !slices.ContainsFunc(known, func(f string) bool { return !isUnique(f) })
	var b bytes.Buffer
	end := 0
	for _, m := range re.FindAllSubmatchIndex(text, -1) {
		start, slash := m[0], m[3] > m[2]
		if !unique && !begins(text, start) || !slash && !ends(text, m[1]) {
			continue
		}
		b.Write(text[end:start])
		if end = m[1]; !slash || closes(text, end) {
			b.WriteByte('.')
			if end < len(text) && text[end] == '.' { // that of a sentence
				end++
			}
		}
	}
	b.Write(text[end:])
	return b.Bytes()
}

// isUnique says of a folder whether it was made for one job: no other path has its digits.
func isUnique(folder string) bool {
	digits := 0
	for _, c := range []byte(path.Base(folder)) {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits >= 4
}

// mentions says whether a folder's last element stands in a text: most texts have none.
func mentions(text []byte, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		name := path.Base(f)
		return bytes.Contains(text, []byte(name)) || url.PathEscape(name) != name && bytes.Contains(text, []byte(url.PathEscape(name)))
	})
}

// slash is how a slash is written.
const slashes = `(?:/|\\/|%2[Ff])`

// spellings is an expression of all that programs write for folders. Its group is the slashes behind one.
func spellings(folders []string) string {
	slices.SortFunc(folders, func(a, b string) int { return len(b) - len(a) })
	var b strings.Builder
	b.WriteString(`(?:(?:\.\.` + slashes + `)*\.\.|[Ff][Ii][Ll][Ee]:(?:` + slashes + slashes + `(?:localhost)?)?)?`)
	b.WriteString(`(?:` + slashes + `+private|` + slashes + `+proc` + slashes + `+(?:self|[0-9]+)` + slashes + `+root)?(?:`)
	for i, f := range folders {
		if i > 0 {
			b.WriteByte('|')
		}
		f = strings.TrimPrefix(f, "/private/")
		for element := range strings.SplitSeq(strings.TrimPrefix(f, "/"), "/") {
			b.WriteString(slashes + `+`)
			escaped := url.PathEscape(element)
			if plain := regexp.QuoteMeta(element); escaped == element {
				b.WriteString(plain)
			} else {
				b.WriteString(`(?:` + plain + `|` + regexp.QuoteMeta(escaped) + `|` + regexp.QuoteMeta(strings.ToLower(escaped)) + `)`)
			}
		}
	}
	b.WriteString(`)(` + slashes + `*)`)
	return b.String()
}

// begins says whether a path may begin at an offset: none goes on there, though the letter of an
// escape in a JSON text may stand before it.
func begins(text []byte, at int) bool {
	return at == 0 || !inPath(text[at-1]) || jsonEscape.Match(text[max(0, at-6):at])
}

var jsonEscape = regexp.MustCompile(`\\(?:[ntrbf]|u[0-9A-Fa-f]{4})$`)

// ends says whether a path may end at an offset. A dot ends a sentence where nothing goes on behind it.
func ends(text []byte, at int) bool {
	if at < len(text) && text[at] == '.' {
		at++
	}
	return at >= len(text) || !inPath(text[at])
}

// closes says whether nothing goes on behind the slash of a folder.
func closes(text []byte, at int) bool {
	return at >= len(text) || bytes.IndexByte([]byte(" \t\r\n\"'`:,;)]}<>|\\"), text[at]) >= 0
}

func inPath(b byte) bool {
	return bytes.IndexByte([]byte("_-.%~+@"), b) >= 0 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
