// Package impact says which units differ between two states of a repository, and why: in what
// their verdicts depend on, by name. Nothing is verified. What differs in nothing here is decided in
// the same way on both sides; what differs in something may be.
//
// Rules that compare units are not part of it: they are judged over the whole fleet, and a unit
// that is the same may be wrong because another one is gone.
package impact

import (
	"io/fs"

	"github.com/seed306eabeb/muster/id"
)

// Impact is what differs between two states.
type Impact struct {
	// Everything says why all units count as changed without being compared; "" where they are
	// compared.
	Everything string
	// Units are those that differ, sorted by name.
	Units []Unit
	// Fleet are what differs and concerns how all units are judged.
	Fleet []Reason
	// Was and Is count the units of both states.
	Was, Is int
	// Impure are checks that depend on more than can be compared, sorted: they may decide otherwise of
	// any unit that gets them.
	Impure []string
}

// Change is what has become of a unit.
type Change string

// The changes.
const (
	Changed Change = "changed"
	Added   Change = "added"
	Removed Change = "removed"
)

// Unit is a unit that differs.
type Unit struct {
	Unit   id.Unit `json:"unit"`
	Path   string  `json:"path"`           // in the repository
	Kind   string  `json:"kind,omitempty"` // as the layout calls it
	Change Change  `json:"change"`
	// From is a unit that was removed and had the same files, To one that was added and has them.
	From id.Unit `json:"from,omitempty"`
	To   id.Unit `json:"to,omitempty"`
	// Reasons are what differs, in a fixed order; none of one that was added or removed. They must not be changed.
	Reasons []Reason `json:"reasons,omitempty"`
}

// Input is what a verdict depends on.
type Input string

// The inputs.
const (
	File        Input = "file"        // of the unit
	Unreadable  Input = "unreadable"  // why it cannot be read
	Form        Input = "form"        // the unit is a file, or a folder
	Shared      Input = "shared"      // a file that units of the kind share
	Declaration Input = "declaration" // what the configuration says of the kind
	Kind        Input = "kind"        // which kind the unit is of
	Check       Input = "check"       // whether the kind gets a check
	Engine      Input = "engine"      // code, rules and options of a check
	Regions     Input = "regions"     // those that a check is asked about
	Limit       Input = "limit"       // how many bytes a unit may have
	Policy      Input = "policy"      // how what is found is judged
)

// Reason is an input that differs.
type Reason struct {
	Input Input `json:"input"`
	// Name is the path of a file in the repository, or the name of a check, a kind or a part of the policy.
	Name string `json:"name"`
	// Was and Is are what it was and is: the object names of files, or words; "" for nothing.
	Was string `json:"was,omitempty"`
	Is  string `json:"is,omitempty"`
	// Checks are those that depend on it, sorted; nil where all do.
	Checks []string `json:"checks,omitzero"`
}

// typeOf is a word for what is no plain file.
func typeOf(t fs.FileMode) string {
	switch {
	case t&fs.ModeSymlink != 0:
		return "link"
	case t.IsDir():
		return "folder"
	}
	return "special file"
}
