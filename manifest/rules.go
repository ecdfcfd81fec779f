package manifest

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// The rules are declared beside the code that applies them. Their codes are
// grouped by stage:
//
//	M1xx  reading and decoding a service's files
//	M2xx  shipcat.conf and teams.yml
//	M3xx  building a manifest from its layers
//	M4xx  verifying a manifest that is deployed in a region
//	M5xx  templates and secrets
//	M6xx  the whole fleet
//	M7xx  what shipcat lets pass
//
// A code is never reused.

// registry holds every rule that define was given, in the order of their codes.
var registry []verdict.Rule

// define enters a rule into the registry. It is called while the package is
// initialized and at no other time.
func define(r verdict.Rule) verdict.Rule {
	i, taken := slices.BinarySearchFunc(registry, r, byCode)
	if taken {
		panic("manifest: rule " + r.Code + " is defined twice")
	}
	registry = slices.Insert(registry, i, r)
	return r
}

func byCode(a, b verdict.Rule) int { return strings.Compare(a.Code, b.Code) }

// Rules are all the rules of the checker, sorted by code.
//
// The examples Good and Bad of a rule are laid over the minimal valid repository
// in testdata/example: a piece of services/svc/manifest.yml or, when it starts
// with "-- ", a txtar archive of files. Of a file that the repository has, the
// example's top-level keys replace those of the same name. The text (absent)
// stands for no file, and (a named pipe) for one.
func Rules() []verdict.Rule { return slices.Clone(registry) }
