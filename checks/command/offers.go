package command

import (
	"context"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/sandbox"
)

// Offer is a definition that stands on this machine.
type Offer struct {
	Definition Definition
	Engine     string // the digest of all that decides: code, definition, version, closure
	Version    string // as the program tells it
	Walls      []sandbox.Wall
}

// Refusal is a definition that does not stand here, and why.
type Refusal struct {
	Name string
	Why  string
}

// Offers are the commands of a process. They are safe for concurrent use.
type Offers struct {
	definitions []Definition
	runner      sandbox.Runner
	givenUp     []sandbox.Wall
}

// NewOffers makes offers of definitions; none stands before the first Look. givenUp are the walls
// that the operator does without.
func NewOffers(definitions []Definition, runner sandbox.Runner, givenUp []sandbox.Wall) *Offers {
	return &Offers{definitions: definitions, runner: runner, givenUp: givenUp}
}

// Look finds out which definitions stand on this machine now, and says whether that is otherwise
// than at the last look. What has not changed costs a stat of each file that it may read.
func (o *Offers) Look(ctx context.Context) (changed bool) { return false }

// All are the commands that stand, sorted by name.
func (o *Offers) All() []Offer { return nil }

// Refused are those that do not, sorted by name.
func (o *Offers) Refused() []Refusal { return nil }

// Kinds are the kinds of check of all that stand, as they do now.
func (o *Offers) Kinds() check.Kinds { return nil }
