package aggregator

import (
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// nearest finds the name that a misspelt key may stand for.
type nearest struct {
	names    []string // sorted
	shapes   []shape  // of the names
	budget   int      // comparisons that are left
	last     string   // the last key; keys come sorted, equal ones in a row
	lastName string   // the answer for it
}

// comparisons bounds the work of one join to about a second. Keys beyond it get no
// suggestion.
const comparisons = 4_000_000

// maxEdits is how many letters of a key may be wrong.
const maxEdits = 2

// newNearest looks among names, which it sorts.
func newNearest(names []string) *nearest {
	slices.Sort(names)
	n := &nearest{names: names, shapes: make([]shape, len(names)), budget: comparisons}
	for i, name := range names {
		n.shapes[i] = shapeOf(name)
	}
	return n
}

// to returns the name closest to key, and the first by name among equally close ones; ""
// if none is close. At most a third of the key may be wrong, so that a short key has to
// match better.
func (n *nearest) to(key string) string {
	if n.last == key {
		return n.lastName
	}
	n.last, n.lastName = key, ""
	limit := min(maxEdits, len(key)/3)
	if limit == 0 || n.budget < len(n.names) {
		return ""
	}
	n.budget -= len(n.names)
	own := shapeOf(key)
	for i := range n.shapes {
		if own.isFar(&n.shapes[i], limit) {
			continue
		}
		if d := distance(key, n.names[i], limit); d <= limit {
			n.lastName, limit = n.names[i], d-1
		}
	}
	return n.lastName
}

// shape is what tells of most texts that they are far apart, without a look into them.
type shape struct {
	letters uint64 // a bit for each byte that occurs
	length  int32  // in bytes
	unusual bool   // it is not ASCII: what a letter is, its bytes do not tell
}

func shapeOf(text string) shape {
	s := shape{length: int32(len(text))}
	for i := range len(text) {
		s.letters |= 1 << (text[i] % 64)
		s.unusual = s.unusual || text[i] >= utf8.RuneSelf
	}
	return s
}

// isFar says of two texts whether they must be further apart than a limit: each letter that only one of
// them has is one to change, to come or to go, and so is what one of them has more.
func (s *shape) isFar(o *shape, limit int) bool {
	if off := int(s.length) - int(o.length); off > limit || -off > limit {
		return true
	}
	if s.unusual || o.unusual {
		return false
	}
	return bits.OnesCount64(s.letters&^o.letters) > limit || bits.OnesCount64(o.letters&^s.letters) > limit
}

// distance is how many letters have to change, come or go to make one text of another; some
// number above the limit, which is maxEdits at most, if they are more. Most texts are found to
// be too far off after a few letters: keys may be long, and of one length, as UUIDs are.
func distance(a, b string, limit int) int {
	if off := len(b) - len(a); off > limit || -off > limit {
		return limit + 1
	}
	if !isASCII(a) || !isASCII(b) {
		return levenshtein.ComputeDistance(a, b)
	}
	const far = 2*maxEdits + 1
	// band[k] is the distance of the first i bytes of a from the first i+k-maxEdits of b.
	var band [2*maxEdits + 1]int
	for k := range band {
		if band[k] = k - maxEdits; k < maxEdits {
			band[k] = far
		}
	}
	for i := range len(a) {
		least := far
		for k := range band {
			j := i + k - maxEdits // in b, what may stand for a[i]
			d := far
			if k+1 < len(band) {
				d = band[k+1] + 1 // a[i] goes
			}
			if k > 0 {
				d = min(d, band[k-1]+1) // b[j] comes
			}
			if j >= 0 && j < len(b) {
				if a[i] != b[j] {
					band[k]++
				}
				d = min(d, band[k])
			}
			band[k] = d
			least = min(least, d)
		}
		if least > limit {
			return least
		}
	}
	return band[len(b)-len(a)+maxEdits]
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
