package document

import (
	"bytes"

	"github.com/seed306eabeb/muster/verdict"
)

// byteOrderMark may begin a file. It is no part of the text, and has no column.
const byteOrderMark = "\ufeff"

// singleMark takes out the byte order marks that begin a document of a YAML text, as they
// come from files put together.
func singleMark(text []byte) []byte {
	if !bytes.Contains(text, []byte(byteOrderMark)) {
		return text
	}
	own := make([]byte, 0, len(text))
	begins := false // the line before is a document marker
	for line := range bytes.Lines(text) {
		if rest, marked := bytes.CutPrefix(line, []byte(byteOrderMark)); marked && (begins || isMarker(rest, "---")) {
			line = rest
		}
		begins = isMarker(line, "---") || isMarker(line, "...")
		own = append(own, line...)
	}
	return own
}

// isMarker says that a line is a document marker.
func isMarker(line []byte, sign string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(sign))
	return ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\n')
}

// marks warns of a byte order mark inside the text, which nobody sees.
func (s *source) marks() {
	i := bytes.Index(s.text, []byte(byteOrderMark))
	if i < 0 {
		return
	}
	s.warn(verdict.Finding{
		Name: "byte-order-mark", Place: s.at(s.place(i)),
		Message: "a byte order mark (U+FEFF) stands here, which is part of the text and cannot be seen",
		Help:    "take it out: files that begin with one were put together",
	})
}
