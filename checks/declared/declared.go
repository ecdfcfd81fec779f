// Package declared checks units as a muster.yaml says: documents by JSON Schemas, by
// expressions, and by what they claim of the whole fleet.
//
//	Section    what the file says of one kind of units, in one form; it travels to the workers
//	session    a Section with its schemas, expressions and selectors compiled
//	reading    one unit under check, each of its files read once
//
// What each verb asks of documents is in packages of its own (checks/schema, checks/rule,
// checks/selector); this one says which files they are asked of, and whose finding it is.
package declared

import (
	"fmt"
	"io/fs"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

// Name is the name of the kind of check.
const Name = "declared"

// New makes the kind of check that does what a muster.yaml says of one kind of units. Its
// shared tree holds the Section as SectionFile, and the files that it names.
func New() check.Kind { return kind{} }

type kind struct{}

func (kind) Name() string   { return Name }
func (kind) Engine() string { return digest() }

// Rules are those about the Section; the checks that it declares are rules of the session.
func (kind) Rules() []verdict.Rule { return rules() }

func (kind) Open(shared fs.FS) (check.Session, error) {
	text, err := fs.ReadFile(shared, SectionFile)
	if err != nil {
		return nil, fmt.Errorf("read what is declared: %w", err)
	}
	section, err := DecodeSection(text)
	if err != nil {
		return nil, fmt.Errorf("read what is declared: %w", err)
	}
	return open(section, shared)
}
