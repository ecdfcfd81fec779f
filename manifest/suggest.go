package manifest

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// didYouMean is a hint at the candidate that looks most like got, and otherwise
// a list of the candidates when they are few; it is empty when there are none.
func didYouMean(got string, candidates []string) string {
	if best := nearest(got, candidates); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	const few = 12
	if n := len(candidates); n == 0 || n > few {
		return ""
	}
	return "one of " + strings.Join(candidates, ", ")
}

// nearest is the candidate within a third of got's length, or else the one that
// begins like most of got, without regard to case and separators; "" when none
// is that near.
func nearest(got string, candidates []string) string {
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
