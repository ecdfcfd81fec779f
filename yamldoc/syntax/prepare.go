package syntax

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// read is how yaml.v3 is to read a text. An ordinary text, for which a quick
// look finds nothing that yaml.v3 would take for something else than the profile
// does, stays as it is.
func read(text []byte, p Profile) *reading {
	r := &reading{profile: p, own: text, text: text}
	if p.LineFeeds && oddBreaks(text) || p.suspects(text) {
		r.prepare()
	}
	return r
}

// prepare rewrites the text for yaml.v3, once. It returns false if there is
// nothing to rewrite. What the scan takes for a fault yaml.v3 refuses as well.
func (r *reading) prepare() bool {
	if r.prepared {
		return false
	}
	r.prepared = true
	own := string(r.own)
	r.masks.text = own
	if r.profile.LineFeeds && oddBreaks(r.own) {
		own, r.starts = ownLines(plainBreaks(own, &r.masks))
	}
	r.lines = splitLines(own)
	e := &edits{lines: r.lines, masks: &r.masks}
	s := newScan(r.lines, r.profile, &r.masks)
	s.edits = e
	s.run()
	if !r.changed() && len(e.list) == 0 {
		return false
	}
	var lines []string
	lines, r.moved = e.apply()
	r.text = []byte(strings.Join(lines, "\n"))
	return true
}

// breaks are the characters that YAML 1.1 counts as line breaks, and the mark
// that it passes over at the beginning of a line.
const breaks = "\u0085\u2028\u2029\ufeff"

// oddBreaks says that a text has one of breaks, or a carriage return alone.
func oddBreaks(text []byte) bool {
	for _, b := range []string{"\u0085", "\u2028", "\u2029", "\ufeff"} {
		if bytes.Contains(text, []byte(b)) {
			return true
		}
	}
	for rest := text; ; {
		i := bytes.IndexByte(rest, '\r')
		if i < 0 {
			return false
		}
		if rest = rest[i+1:]; len(rest) == 0 || rest[0] != '\n' {
			return true
		}
	}
}

// plainBreaks masks what is a line break in YAML 1.1 alone.
func plainBreaks(text string, m *masks) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(breaks, r) {
			return m.of(r)
		}
		return r
	}, text)
}

// maxMargin bounds what the columns behind carriage returns may add to a text.
const maxMargin = 1 << 16

// ownLines ends a line at each carriage return that no line feed follows, and
// has the next begin at the column where the first ends. It returns the line of
// the text, from 1, that each belongs to, nil if there was none to end. A text
// that has so many that the columns add up to more than maxMargin keeps them.
func ownLines(text string) (string, []int) {
	var out strings.Builder
	margin := 0
	var starts []int
	for i, l := range strings.SplitAfter(text, "\n") {
		starts = append(starts, i+1)
		column := 0
		for {
			c := strings.IndexByte(l, '\r')
			if c < 0 || strings.HasPrefix(l[c:], "\r\n") {
				out.WriteString(l)
				break
			}
			column += utf8.RuneCountInString(l[:c]) + 1
			if margin += column; margin > maxMargin {
				return text, nil
			}
			out.WriteString(l[:c] + "\n" + strings.Repeat(" ", column))
			starts = append(starts, i+1)
			l = l[c+1:]
		}
	}
	if len(starts) == strings.Count(text, "\n")+1 {
		return text, nil
	}
	return out.String(), starts
}

// suspects says that a text may have something that yaml.v3 reads and the
// profile reads differently. What yaml.v3 refuses needs no suspicion.
func (p Profile) suspects(text []byte) bool {
	return p.AnyDirective && (bytes.HasPrefix(text, []byte("%")) || bytes.Contains(text, []byte("\n%"))) ||
		p.AnyTag && oddTags(text) ||
		p.FlowPlain && oddQuestions(text) ||
		(p.FlowPlain || p.FlowEmptyValues) && oddColons(text)
}

// oddQuestions says that a text has a question mark that may begin a value inside
// brackets.
func oddQuestions(text []byte) bool {
	for i := 0; ; i++ {
		k := bytes.IndexByte(text[i:], '?')
		if k < 0 {
			return false
		}
		i += k
		before := bytes.TrimRight(text[:i], " \t\r\n")
		if len(before) > 0 && strings.IndexByte("[{,:", before[len(before)-1]) >= 0 {
			return true
		}
	}
}

// oddColons says that a text has a colon before a comma or a closing bracket, or
// one before a value that may belong to the value and not to a key.
func oddColons(text []byte) bool {
	for i := 0; ; i++ {
		k := bytes.IndexByte(text[i:], ':')
		if k < 0 || i+k+1 == len(text) {
			return false
		}
		i += k
		switch next := text[i+1]; {
		case next == ' ' || next == '\n':
		case next == ',' || next == ']' || next == '}':
			return true
		case i > 0 && strings.IndexByte(" \t\n]}", text[i-1]) >= 0:
			return true
		}
	}
}

// oddTags says that a text may have a tag that is a mere ! or has a handle.
func oddTags(text []byte) bool {
	for i := 0; ; i++ {
		k := bytes.IndexByte(text[i:], '!')
		if k < 0 {
			return false
		}
		if i += k; i > 0 && strings.IndexByte(" \t\n[{,", text[i-1]) < 0 {
			continue
		}
		end := bytes.IndexAny(text[i:], " \t\r\n")
		if end < 0 {
			end = len(text) - i
		}
		if end == 1 || bytes.IndexByte(text[i+1:i+end], '!') > 0 {
			return true
		}
	}
}
