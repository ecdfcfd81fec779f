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

// define enters a rule into the registry, its bad example with its wants. It is called while the package is
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

// Rules are all the rules of the kind, sorted by code.
//
// The examples Good and Bad of a rule are laid over the minimal valid repository
// in testdata/example: a piece of services/svc/manifest.yml or, when it starts
// with "-- ", a txtar archive of files. Of a file that the repository has, the
// example's top-level keys replace those of the same name. The text (absent)
// stands for no file, and (a named pipe) for one. The wants of a bad example are cut out.
func Rules() []verdict.Rule {
	rules := slices.Clone(registry)
	for i := range rules {
		rules[i].Bad = withoutWants(rules[i].Bad)
	}
	return rules
}

// wantMark begins what a line of a bad example says of the findings that it gives. It
// is for the tests; docs/new-rules.md describes it.
const wantMark = "# want "

// marked is a line of a bad example with what is wanted in it.
func marked(line, wants string) string {
	return strings.TrimSuffix(line, "\n") + " " + wantMark + wants + "\n"
}

// withoutWants is a bad example as readers see it: what stands beside a line is cut off,
// and a line that is a want alone goes.
func withoutWants(example string) string {
	var b strings.Builder
	for line := range strings.Lines(example) {
		if strings.HasPrefix(line, wantMark) {
			continue
		}
		text, _, marked := strings.Cut(line, " "+wantMark)
		b.WriteString(text)
		if marked {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
