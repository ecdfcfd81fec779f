// Package declared checks units as a muster.yaml says.
package declared

import "slices"

// SectionFile is the path under which a kind's Section lies among its shared files, and the
// file that it comes from.
const SectionFile = "muster.yaml"

// Section is what a muster.yaml says of one kind of units, without places and in one form,
// whatever layout and comments the file has: the bytes of Encode decide, and nothing else of the file.
type Section struct {
	Kind string `json:"kind"`
	// At and Except are globs of the units, from which names follow.
	At     []string `json:"at"`
	Except []string `json:"except,omitempty"`
	// Name is a regexp with one group that takes a unit's name from its path; "" for what the
	// wildcards of At matched.
	Name string `json:"name,omitempty"`
	// Named: claims of others ask for units of this kind by name.
	Named bool `json:"named,omitempty"`
	// YAML is the dialect: "1.2" or "kubernetes".
	YAML string `json:"yaml"`
	// Schemas are the paths of the schemas that others may refer to by $id.
	Schemas []string `json:"schemas,omitempty"`
	// Shared are the paths of the files that rules see as `shared`.
	Shared []string `json:"shared,omitempty"`
	// Regions are the regions of the repository, in its order; Deployed is the selector of a
	// unit's own ones, "" where all are.
	Regions  []string `json:"regions,omitempty"`
	Deployed string   `json:"deployed,omitempty"`
	// Owner is the selector of who a unit belongs to, "" where its files do not say it.
	Owner  string  `json:"owner,omitempty"`
	Checks []Check `json:"checks"`
}

// Check is one check of a kind. Verb says which of the other fields mean something.
type Check struct {
	ID       string   `json:"id"`                 // unique in the repository; the Code of its findings
	Formerly []string `json:"formerly,omitempty"` // IDs that it had before
	Verb     string   `json:"verb"`
	In       []string `json:"in,omitempty"` // globs inside the unit's folder; none for a unit of one file
	Optional bool     `json:"optional,omitempty"`
	Severity string   `json:"severity,omitempty"` // "warning"; "" for error
	Help     string   `json:"help,omitempty"`
	Docs     string   `json:"docs,omitempty"` // a URL, or a path in the repository

	Format    string `json:"format,omitempty"`    // of syntax: "yaml", "json" or "jsonc"; "" for what the file's name says
	Documents string `json:"documents,omitempty"` // of syntax: "one" forbids several
	Schema    string `json:"schema,omitempty"`    // path
	Formats   string `json:"formats,omitempty"`   // of schema: "off"

	Rule    string `json:"rule,omitempty"` // CEL: true is fine
	When    string `json:"when,omitempty"`
	Each    string `json:"each,omitempty"` // selector
	Message string `json:"message,omitempty"`
	Regions string `json:"regions,omitempty"` // "each": once a region

	// Of claims: Keys are selectors, or Text is a regexp with one group.
	Keys []string `json:"keys,omitempty"`
	Text string   `json:"text,omitempty"`
	// Of run: Command is the name of a command that workers offer. Reads are globs of the files inside
	// the unit's folder that it sees, none for all. With are the paths of files and folders of the
	// repository that lie beside the unit when it runs, and Args its arguments, by the names that
	// its definition gives them.
	Command string            `json:"command,omitempty"`
	Reads   []string          `json:"reads,omitempty"`
	With    []string          `json:"with,omitempty"`
	Args    map[string]string `json:"args,omitempty"`

	// As are the key spaces: of unique and provides the one that they fill, of exists and
	// acyclic those that they look in. A kind's name is the space of its units' names.
	As []string `json:"as,omitempty"`
}

// The verbs.
const (
	Syntax   = "syntax"
	Schema   = "schema"
	Rule     = "rule"
	Unique   = "unique"
	Exists   = "exists"
	Acyclic  = "acyclic"
	Provides = "provides"
	Run      = "run"
)

// Verbs are the verbs of a Section's checks.
func Verbs() []string { return []string{Syntax, Schema, Rule, Unique, Exists, Acyclic, Provides, Run} }

// Only is the section with one of its checks alone, as a unit that is made up for it is
// checked: with those that say how files are read, which may be missing, and without what others
// ask of the unit.
func (s Section) Only(id string) Section {
	all := s.Checks
	s.Named, s.Checks = false, nil
	for _, c := range all {
		if c.ID != id && c.Verb == Syntax {
			c.Optional = true
		}
		if c.ID == id || c.Verb == Syntax {
			s.Checks = append(s.Checks, c)
		}
	}
	return s
}

// Runs are the checks of the section that run a command. Those that run the same one are a check
// of its own of each unit: package command makes them, and this one passes over them.
func (s Section) Runs(command string) (all []Check) {
	for _, c := range s.Checks {
		if c.Verb == Run && c.Command == command {
			all = append(all, c)
		}
	}
	return all
}

// Commands are the commands that the section's checks run, sorted.
func (s Section) Commands() (names []string) {
	for _, c := range s.Checks {
		if c.Verb == Run {
			names = append(names, c.Command)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
