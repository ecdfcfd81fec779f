package syntax

import (
	"fmt"
	"regexp"
	"strings"
)

// scan walks a text with as much understanding of YAML as it takes to know what
// each character belongs to: the blocks that are open, quotes and brackets, the
// text of block scalars. It stops at the first fault. A fault that it finds in
// a text that yaml.v3 takes is a fault of the scan, so it judges only what
// yaml.v3 has refused.
type scan struct {
	lines   []string
	profile Profile
	masks   *masks // of the text
	edits   *edits // what a reading by the profile needs, nil if that is not asked for
	i, c    int    // the place: a line and a byte in it, from 0

	blocks    []block    // the open mappings and lists, outermost first
	last      valueState // what the last key or list item has for a value
	owner     int        // the line of that key or item
	cut       bool       // a comment has ended the plain text
	alone     spot       // where the last value began that had a line of its own, or stood behind a dash
	bare      bool       // the entry before that key or item has no value
	depth     int        // the indentation of the last block scalar
	flow      []bracket  // the brackets that are open, outermost first
	adjacent  spot       // behind the quoted text that ended last
	doubt     *Fault     // of a quote or bracket that has run into a key
	floor     int        // a key that begins a line here or further left is of a block
	anchors   map[string]bool
	stage     stage
	directive bool     // one has been read, and no --- yet
	braces    *Fault   // of a template's braces where the document begins
	template  Position // of the first braces of a template, zero if there are none
}

// spot is a line and a byte in it, from 0.
type spot struct{ line, byte int }

var nowhere = spot{-1, -1}

// block is an open mapping or list and the column of its entries, from 0.
type block struct {
	column  int
	list    bool
	pending bool // a key that ? has begun waits for its colon
	line    int  // of the first entry
	entries int
}

// valueState is what the last key or list item has for a value so far.
type valueState uint8

const (
	noValue     valueState = iota // none: it may follow, deeper
	plainValue                    // plain text, which deeper lines continue
	closedValue                   // a quoted text, a flow collection or an alias
	blockValue                    // a block scalar that has ended
)

// stage is how far a document has come.
type stage uint8

const (
	prologue stage = iota // directives may stand here
	content
	ended // by three dots
)

func newScan(lines []string, p Profile, m *masks) *scan {
	return &scan{lines: lines, profile: p, masks: m, adjacent: nowhere, anchors: map[string]bool{}}
}

// run walks the text and returns its first fault.
func (s *scan) run() *Fault {
	for ; s.i < len(s.lines); s.i++ {
		if f := s.line(); f != nil {
			return f
		}
	}
	return nil
}

// text is the line where the scan is.
func (s *scan) text() string { return s.lines[s.i] }

// here is a fault at the place of the scan.
func (s *scan) here(message, help string) *Fault {
	return faultAt(s.i, s.text(), s.c, message, help)
}

// rest quotes what stands from the place on in its line.
func (s *scan) rest() string {
	return fmt.Sprintf("%q", shorten(s.masks.lift(strings.TrimSpace(s.text()[s.c:]))))
}

// indent is the column of the innermost block's entries, -1 outside of all.
func (s *scan) indent() int {
	if len(s.blocks) == 0 {
		return -1
	}
	return s.blocks[len(s.blocks)-1].column
}

// line judges one line, and those that belong to what it begins.
func (s *scan) line() *Fault {
	l := s.text()
	s.c = skipSpaces(l, 0)
	switch {
	case isMarker(l, "---"):
		return s.documentStart()
	case isMarker(l, "..."):
		s.reset(ended)
		return nil
	case s.c == len(l):
		return nil
	case l[s.c] == '#':
		s.cut = true
		return nil
	case l[0] == '%' && s.stage != content:
		return s.readDirective()
	case conflictMark.MatchString(l):
		return s.conflict()
	case l[s.c] == '\t':
		return s.tab()
	case s.continues():
		return s.continued()
	}
	return s.begin()
}

// begin judges a line that begins something.
func (s *scan) begin() *Fault {
	switch {
	case s.stage == ended:
		return s.here("text stands behind the end of the document", "take the ... above out, or this")
	case s.directive:
		return s.here("the document begins here, and no --- stands between it and the directive above", "put a line --- before it")
	}
	s.stage = content
	return s.entry()
}

// conflictMark is a line that git leaves where two branches changed the same lines.
var conflictMark = regexp.MustCompile(`^(<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|) |^=======$`)

func (s *scan) conflict() *Fault {
	return faultAt(s.i, s.text(), 0, "this line marks a merge conflict", "keep one of the two versions, and take the marks out")
}

// isMarker says that a line is a document marker.
func isMarker(l, sign string) bool {
	return strings.HasPrefix(l, sign) && blankAt(l, len(sign))
}

// reset forgets what a document's end closes.
func (s *scan) reset(to stage) {
	s.blocks, s.last, s.braces = nil, noValue, nil
	clear(s.anchors)
	s.stage, s.directive, s.cut = to, false, false
}

// documentStart reads --- and what stands behind it, which cannot be a block.
func (s *scan) documentStart() *Fault {
	s.reset(content)
	if s.c = skipBlanks(s.text(), 3); s.atEnd() {
		return nil
	}
	if s.indicator() != 0 {
		return s.here("a list or a mapping begins behind ---", "begin it in the next line")
	}
	return s.node(false, true)
}

// tab judges a line that a tab indents. It may, as far as plain text goes on.
func (s *scan) tab() *Fault {
	if !s.continues() {
		return s.here("a tab indents this line", "indent with spaces")
	}
	if s.c = skipBlanks(s.text(), s.c); s.atEnd() {
		s.cut = s.c < len(s.text())
		return nil
	}
	return s.continued()
}

// continues says that a line at the place is more of the plain text above it.
func (s *scan) continues() bool {
	return s.last == plainValue && !s.cut && s.stage == content && s.c > s.indent()
}

// continued reads one more line of plain text, in which no key can stand.
func (s *scan) continued() *Fault {
	start := s.c
	if s.plain(); !s.atEnd() {
		s.c = start
		return s.belowValue()
	}
	return nil
}

// atEnd says that nothing but a comment stands in the rest of the line.
func (s *scan) atEnd() bool {
	l := s.text()
	return s.c >= len(l) || l[s.c] == '#'
}

// blankAt says that a blank stands at byte c of a line, or that it ends there.
func blankAt(l string, c int) bool { return c >= len(l) || l[c] == ' ' || l[c] == '\t' }

func skipSpaces(l string, c int) int {
	for c < len(l) && l[c] == ' ' {
		c++
	}
	return c
}

func skipBlanks(l string, c int) int {
	for c < len(l) && (l[c] == ' ' || l[c] == '\t') {
		c++
	}
	return c
}
