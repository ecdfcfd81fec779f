// Package manifest checks service manifests in shipcat's dialect: it decodes
// them strictly, merges their layers, renders their templates and verifies the
// result, region by region. It says all that it finds in a service, each finding
// at the line to edit, and claims what only the whole fleet can judge.
//
// It is pure: what it says depends on the files alone.
//
// A service goes through these steps, and a mistake in one does not keep the
// next from being taken, but for a file that cannot be read at all:
//
//	read             a file becomes a tree of values that know their places (yamldoc)
//	merge            the layers of a region become one tree, values as they were
//	list             ownership, gateway and image, for every region
//	build            containers and monitoring, where the service is deployed
//	templates        variables and config files are rendered, secrets stubbed
//	verify           everything that looks at the whole
//	claims           what the fleet must judge
//	follow           what a help proposes is done in a copy of the files, which are
//	                 judged again; it is told only if that mends
//
// How YAML is read, merged and described is yamldoc's; here is the dialect: its rules, its
// words (dialect.go), and one description of the keys (the schema files), which drives
// decoding, merging, messages, the JSON Schema and the reference page. A new key is a line
// there.
// A rule is declared with define beside the code that applies it, with a good
// and a bad example that a test runs.
package manifest

import (
	"io/fs"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// checker is shipcat's dialect behind the seam.
type checker struct{}

// New makes the checker. It keeps no state of its own: every Open is a session.
func New() check.Checker { return checker{} }

// Name is what tasks call the checker.
func (checker) Name() string { return "manifest" }

// Engine is a digest of the code that decides, and of what it is built with.
func (checker) Engine() string { return engine() }

// Layout is that of a shipcat repository.
func (checker) Layout() check.Layout {
	return check.Layout{
		Marker:     confFile,
		Units:      "services",
		Unit:       isUnitFile,
		Shared:     []string{confFile, teamsFile, templatesDir},
		SharedFile: isSharedFile,
	}
}

// isUnitFile chooses YAML files at the top of a folder and templates anywhere.
func isUnitFile(path string) bool {
	return strings.HasSuffix(path, templateSuffix) || strings.HasSuffix(path, ".yml") && !strings.Contains(path, "/")
}

func isSharedFile(path string) bool {
	return path == confFile || path == teamsFile ||
		strings.HasPrefix(path, templatesDir+"/") && strings.HasSuffix(path, templateSuffix)
}

// Joins are the rules about the whole fleet.
func (checker) Joins() []verdict.Join { return joins() }

// Open reads shipcat.conf and teams.yml. Templates are read when a service uses
// them, so shared must stay readable as long as the session.
func (checker) Open(shared fs.FS) (check.Session, error) { return open(shared) }
