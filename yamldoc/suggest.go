package yamldoc

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest is the candidate within a third of got's length, or else the one that
// begins like most of got, without regard to case and separators; "" when none
// is that near.
func Nearest(got string, candidates []string) string {
	folded := fold(got)
	if len(folded) > 100 {
		return "" // not worth the time: no name is that long
	}
	best, least := "", len(folded)/3+1
	alike, most := "", max(3, len(folded)*2/3)
	for _, c := range candidates {
		other := fold(c)
		if d := typos(folded, other); d < least {
			best, least = c, d
		}
		if n := commonPrefix(folded, other); n > most {
			alike, most = c, n
		}
	}
	if best == "" {
		return alike
	}
	return best
}

// typos is how many letters must be put in, left out or changed to turn a into
// b; two neighbours swapped, and nothing else, are one mistake.
func typos(a, b string) int {
	if n := commonPrefix(a, b); len(a) == len(b) && n+1 < len(a) && a[n] == b[n+1] && a[n+1] == b[n] && a[n+2:] == b[n+2:] {
		return 1
	}
	return levenshtein.ComputeDistance(a, b)
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

var folder = strings.NewReplacer("_", "", "-", "", ".", "")

func fold(s string) string { return folder.Replace(strings.ToLower(s)) }

// nearestFree is the nearest candidate that is not taken.
func nearestFree(got string, candidates, taken []string) string {
	best := Nearest(got, candidates)
	for best != "" && slices.Contains(taken, best) {
		candidates = slices.DeleteFunc(slices.Clone(candidates), func(c string) bool { return c == best })
		best = Nearest(got, candidates)
	}
	return best
}

// Given are the keys of v's object that v has.
func (v *Value) Given() []string {
	var keys []string
	for i, f := range v.typ.Object.Fields {
		if v.fields[i] != nil {
			keys = append(keys, f.Key)
		}
	}
	return keys
}
