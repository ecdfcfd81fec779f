package syntax

import (
	"fmt"
	"strings"
)

// properties moves past an anchor and a tag, in either order.
func (s *scan) properties() *Fault {
	seen := ""
	for s.c < len(s.text()) {
		sign := s.text()[s.c]
		if sign != '&' && sign != '!' {
			return nil
		}
		if strings.IndexByte(seen, sign) >= 0 {
			return s.here(fmt.Sprintf("a value has one %s, and this is a second", propertyName[sign]), "keep one of the two, or quote the value")
		}
		seen += string(sign)
		read := s.anchor
		if sign == '!' {
			read = s.tag
		}
		if f := read(); f != nil {
			return f
		}
		s.c = skipBlanks(s.text(), s.c)
	}
	return nil
}

var propertyName = map[byte]string{'&': "anchor", '!': "tag"}

// anchor reads the name of an anchor and remembers it.
func (s *scan) anchor() *Fault {
	name, ok := s.name()
	if !ok {
		return s.here("a value that starts with & is an anchor, and this is no name for one", "quote the value; an anchor's name has letters, digits, dashes and underscores")
	}
	s.anchors[name] = true
	s.c += 1 + len(name)
	return nil
}

// name is the name behind an anchor's or alias's sign at the place.
func (s *scan) name() (string, bool) {
	l := s.text()[s.c+1:]
	end := strings.IndexFunc(l, func(r rune) bool { return !isNameRune(r) })
	if end < 0 {
		end = len(l)
	}
	return l[:end], end > 0 && (blankAt(l, end) || strings.IndexByte("?:,]}%@`", l[end]) >= 0)
}

func isNameRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-'
}

// alias reads an alias, of an anchor that stands before it.
func (s *scan) alias() *Fault {
	name, ok := s.name()
	switch {
	case !ok:
		return s.here("a value that starts with * is an alias, and this is no name of an anchor", "quote the value")
	case !s.anchors[name]:
		return s.here("the alias *"+name+" has no anchor &"+name+" before it", "write &"+name+" at the value meant, or quote the value if it is no alias")
	}
	s.c += 1 + len(name)
	return nil
}

// tag reads a tag, which only a blank ends, inside brackets too.
func (s *scan) tag() *Fault {
	l := s.text()
	end := s.c + 1
	if strings.HasPrefix(l[s.c:], "!<") {
		if end = strings.IndexByte(l[s.c:], '>') + s.c + 1; end == s.c {
			return s.here("the tag opened here is never closed", "close it with >")
		}
	}
	for !blankAt(l, end) {
		end++
	}
	if s.profile.AnyTag {
		s.anyTag(l[s.c:end])
	}
	s.c = end
	return nil
}

// anyTag has yaml.v3 read a tag of its own kind in place of one that it would
// drop, or whose handle it does not know. All such tags say no more than that
// the value is text.
func (s *scan) anyTag(tag string) {
	if tag == "!" {
		s.edits.insert(s.i, s.c+1, "_")
		return
	}
	handle := strings.IndexByte(tag[1:], '!')
	if handle > 0 && handle+2 < len(tag) && !strings.HasPrefix(tag, "!<") {
		s.edits.replace(s.i, s.c+1+handle, s.c+2+handle, "_")
	}
}
