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

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// kind is shipcat's dialect behind the seam.
type kind struct{}

// New makes the kind of check. It keeps no state of its own: every Open is a session.
func New() check.Kind { return kind{} }

// Name is what tasks call the kind.
func (kind) Name() string { return "manifest" }

// Engine is a digest of the code that decides, and of what it is built with.
func (kind) Engine() string { return digest() }

// Rules are all the rules of the dialect, those about the whole fleet too.
func (kind) Rules() []verdict.Rule { return Rules() }

// Open reads shipcat.conf and teams.yml. Templates are read when a service uses
// them, so shared must stay readable as long as the session.
func (kind) Open(shared fs.FS) (check.Session, error) { return open(shared) }
