package survey

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/seed306eabeb/muster/id"
)

// suggest names the unit that looks most like name, or else the first that is called so: a unit that is
// known by its path has a name of its own at the end of that.
func (s *Survey) suggest(name id.Unit) string {
	best, least := id.Unit(""), len(name)/3+1
	called, more := id.Unit(""), false
	for candidate, err := range s.Units(context.Background()) {
		if err != nil {
			continue
		}
		if isCalled(candidate, string(name)) {
			more = more || called != ""
			if called == "" || candidate < called {
				called = candidate
			}
		}
		if off := len(candidate) - len(name); off > least || -off > least {
			continue
		}
		if d := levenshtein.ComputeDistance(string(name), string(candidate)); d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	switch {
	case called != "" && more:
		return fmt.Sprintf("did you mean %q, or another one that is called so?", called)
	case called != "":
		return fmt.Sprintf("did you mean %q?", called)
	case best == "":
		return "check its spelling, or --repo"
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// isCalled says whether the end of a unit's path is a name, with or without what stands behind its dot.
func isCalled(unit id.Unit, name string) bool {
	file, below := string(unit), strings.Contains(string(unit), "/")
	return below && (strings.HasSuffix(file, "/"+name) || strings.HasSuffix(strings.TrimSuffix(file, path.Ext(file)), "/"+name))
}
