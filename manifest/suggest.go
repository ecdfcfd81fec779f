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

// nearest is the candidate within a third of got's length, without regard to
// case and separators; "" when none is that near.
func nearest(got string, candidates []string) string {
	folded := fold(got)
	best, least := "", len(folded)/3+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(folded, fold(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

var folder = strings.NewReplacer("_", "", "-", "", ".", "")

func fold(s string) string { return folder.Replace(strings.ToLower(s)) }
