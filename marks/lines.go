package marks

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/yamldoc/syntax"
)

// indented is the structure of a text that cannot be read: what is indented below a line belongs
// to it.
type indented struct{ text *text }

func (s indented) from(line int) extent {
	bare := s.text.bare
	own, last := indentOf(bare[line]), line
	for i := line + 1; i < len(bare); i++ {
		l := strings.Trim(bare[i], blanks)
		switch indent := indentOf(bare[i]); {
		case l == "":
			continue
		case indent > own:
		case indent == own && (l[0] == ']' || l[0] == '}') && last > line:
			return extent{first: line, last: i}
		case indent == own && strings.HasPrefix(l, "- ") && !strings.HasPrefix(bare[line][own:], "- "):
		default:
			return extent{first: line, last: last}
		}
		last = i
	}
	return extent{first: line, last: last}
}

// at is about more than the line where that ends with a key or an open bracket.
func (s indented) at(line int) extent {
	if l := strings.TrimRight(s.text.bare[line], blanks); strings.IndexByte(":[{|>", l[len(l)-1]) >= 0 {
		return s.from(line)
	}
	return extent{first: line, last: line}
}

func indentOf(l string) int { return len(l) - len(strings.TrimLeft(l, blanks)) }

// readJSONC finds the comments of a JSON text that has some. Without them it is YAML.
func readJSONC(t *text) ([]comment, structure) {
	t.bare = slices.Clone(t.lines)
	var all []comment
	quoted, open := false, false // in a text, in a comment
	for i, l := range t.lines {
		var bare strings.Builder
		for at := 0; at < len(l); {
			rest := l[at:]
			switch {
			case open:
				end := strings.Index(rest, "*/")
				open = end < 0
				if open {
					end = len(rest)
				}
				all = append(all, comment{i, at, strings.TrimRight(rest[:end], "*")})
				end = min(len(rest), end+2)
				bare.WriteString(strings.Repeat(" ", end))
				at += end
			case quoted:
				end := quoteEnd(rest, '"')
				quoted = false // a text ends in its line
				if end < 0 {
					end = len(rest) - 1
				}
				bare.WriteString(rest[:end+1])
				at += end + 1
			case strings.HasPrefix(rest, "//"):
				all = append(all, comment{i, at + 2, rest[2:]})
				at = len(l)
			case strings.HasPrefix(rest, "/*"):
				open = true
				bare.WriteString("  ")
				at += 2
			default:
				quoted = rest[0] == '"'
				bare.WriteByte(rest[0])
				at++
			}
		}
		quoted = false
		t.bare[i] = bare.String()
	}
	roots, fault := syntax.ParseAll([]byte(strings.Join(t.bare, "\n")), jsonAsYAML)
	if fault != nil {
		return withStars(all), indented{t}
	}
	return withStars(all), newTree(t, roots)
}

// jsonAsYAML is the YAML that a JSON text is.
var jsonAsYAML = syntax.Profile{SlashEscape: true, LineFeeds: true}

// withStars are lines of comments without the stars that may begin them.
func withStars(all []comment) []comment {
	for i, c := range all {
		bare := strings.TrimLeft(c.text, blanks+"*/")
		all[i].at, all[i].text = c.at+len(c.text)-len(bare), bare
	}
	return all
}

// signs begin the comments of texts whose language is not known.
var signs = []string{"#", "//", "--", ";", "<!--", "/*"}

// readText finds lines of a text that are marks. Other comments are content there.
func readText(t *text) ([]comment, structure) {
	t.bare = slices.Clone(t.lines)
	var all []comment
	for i, l := range t.lines {
		if !strings.Contains(l, word) {
			continue
		}
		at := indentOf(l)
		for _, sign := range signs {
			rest, ok := strings.CutPrefix(l[at:], sign)
			if !ok {
				continue
			}
			rest = strings.TrimRight(rest, blanks)
			rest = strings.TrimSuffix(strings.TrimSuffix(rest, "-->"), "*/")
			c := comment{i, at + len(sign), rest}
			if _, ok := parse(c.text); ok {
				all, t.bare[i] = append(all, c), ""
			}
			break
		}
	}
	return all, plain{}
}

// plain is a text in which each line is for itself.
type plain struct{}

func (plain) from(line int) extent { return extent{first: line, last: line} }
func (plain) at(line int) extent   { return extent{first: line, last: line} }
