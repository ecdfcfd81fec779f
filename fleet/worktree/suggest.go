package worktree

import (
	"context"
	"fmt"

	"github.com/agnivade/levenshtein"

	"github.com/seed306eabeb/muster/id"
)

// suggest names the unit that looks most like name.
func (t *Tree) suggest(name id.Unit) string {
	best, least := id.Unit(""), len(name)/3+1
	for candidate, err := range t.Units(context.Background()) {
		if err != nil {
			continue
		}
		if off := len(candidate) - len(name); off > least || -off > least {
			continue
		}
		if d := levenshtein.ComputeDistance(string(name), string(candidate)); d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	if best == "" {
		return "check its spelling, or --repo"
	}
	return fmt.Sprintf("did you mean %q?", best)
}
