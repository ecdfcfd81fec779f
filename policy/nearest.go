package policy

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/seed306eabeb/muster/verdict"
)

// Nearest is the code or the name that a word probably means which stands for no rule, and the
// rule's code, "" where none is close: at most a third of it may be wrong. Of equally close ones it
// is the first.
func Nearest(text string, rules map[string]verdict.Rule) (meant, of string) {
	limit := len(text) / 3
	folded := strings.ToLower(text)
	codes := make([]string, 0, len(rules))
	for code := range rules {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		for _, name := range []string{code, rules[code].Name} {
			if off := len(name) - len(text); name == "" || off > limit || -off > limit {
				continue
			}
			if d := levenshtein.ComputeDistance(strings.ToLower(name), folded); d <= limit {
				meant, of, limit = name, code, d-1
			}
		}
	}
	return meant, of
}
