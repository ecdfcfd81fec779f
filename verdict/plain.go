package verdict

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// plainDecision reads the form that most decisions have: nothing was found, and no text needs an escape. It says
// no to all others, which are for a JSON reader: so it need not know what is wrong with them.
func plainDecision(body string) (d Decision, ok bool) {
	if !utf8.ValidString(body) || strings.IndexByte(body, '\\') >= 0 {
		return d, false
	}
	lists := textLists.Get().(*textList)
	defer textLists.Put(lists)
	p := plain{rest: body}
	if !p.skip(`{"regions":[`) {
		return d, false
	}
	d.Regions = append(make([]string, 0, 4), p.list(lists)...)
	if p.skip(`,"standing":`) {
		d.Skipped = Skipped(p.text())
	}
	if p.skip(`,"owner":`) {
		d.Owner = p.text()
	}
	var packed []string
	if p.skip(`,"claims":[`) {
		packed = p.list(lists)
	}
	if p.failed || p.rest != "}" {
		return Decision{}, false
	}
	claims, err := lists.unpack(packed, d.Regions)
	if err != nil {
		return Decision{}, false
	}
	d.Claims = claims
	return d, true
}

// textList is room for the texts of a decision and for its claims, which they are copied from.
type textList struct {
	texts  []string
	claims []Claim
	joins  knownJoins
}

var textLists = sync.Pool{New: func() any { return new(textList) }}

// unpack is unpack of texts that are not kept.
func (l *textList) unpack(packed, regions []string) ([]Claim, error) {
	claims, err := unpackTo(l.claims[:0], packed, regions, &l.joins)
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	kept := append(make([]Claim, 0, len(claims)), claims...)
	clear(claims) // so that no text lives on in it
	l.claims = claims
	return kept, nil
}

// plain reads JSON that has no escapes.
type plain struct {
	rest   string
	failed bool
}

// skip goes over what comes next, if that is it.
func (p *plain) skip(what string) bool {
	rest, found := strings.CutPrefix(p.rest, what)
	p.rest = rest
	return found
}

// text is the one that comes next.
func (p *plain) text() string {
	if !p.skip(`"`) {
		p.failed = true
		return ""
	}
	text, rest, found := strings.Cut(p.rest, `"`)
	p.rest = rest
	p.failed = p.failed || !found || !isPrintable(text)
	return text
}

// isPrintable says whether JSON may have a text between quotes.
func isPrintable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' {
			return false
		}
	}
	return true
}

// list is the list that comes next, behind its first bracket, until another one is read.
func (p *plain) list(l *textList) []string {
	l.texts = l.texts[:0]
	if p.skip("]") {
		return nil
	}
	for {
		l.texts = append(l.texts, p.text())
		switch {
		case p.failed:
			return nil
		case p.skip("]"):
			return l.texts
		case !p.skip(","):
			p.failed = true
			return nil
		}
	}
}
