// Package policy stands between what was found and what is reported: it judges the facts
// of a fold by what whoever asked for the run holds to be an err, and says what exit code
// that is. It is pure: it knows no clock and no files.
package policy

import (
	"github.com/seed306eabeb/muster/codeowners"
	"github.com/seed306eabeb/muster/verdict"
)

// Policy says what makes a unit an err beside what the fold holds to be one, and what does
// not. The zero value adds and takes nothing. It is plain data: whoever reports a run that
// another process has started judges it by the same one.
type Policy struct {
	// FailOn is the weakest severity that makes a unit an err; "" is verdict.Error.
	// Information never does.
	FailOn verdict.Severity `json:"-"`
	// Today is the day by which what holds until a day is judged, as 2006-01-02.
	Today string `json:"-"`
	// Rules are those that words may stand for, by code. Without any, no word is called unknown.
	Rules map[string]verdict.Rule `json:"-"`
	// Joined are the codes of the rules across units.
	Joined []string `json:"-"`
	// SomeRegions says that there are regions that nothing was decided in: what hides nothing
	// may be needed there.
	SomeRegions bool `json:"-"`
	// Since has what stood before the change, which is hidden; nil where there is nothing to compare with.
	Since *Since `json:"-"`
	// Severities give findings other severities; of several that match, the last does.
	Severities []Override `json:"severities,omitempty"`
	// Ignores hide findings.
	Ignores []Ignore `json:"ignores,omitempty"`
	// Limits say what may not be hidden, or not for long, by the codes of rules.
	Limits map[string]Limit `json:"limits,omitempty"`
	// Baseline has the findings that were there before, nil without one.
	Baseline *Baseline `json:"baseline,omitempty"`
	// Owners say whose a unit is.
	Owners Owners `json:"owners,omitzero"`
	// Distrusted are marks that the change under review has brought in: they hide nothing.
	Distrusted []verdict.Mark `json:"distrusted,omitempty"`
	// Borrowed are names that the change under review says a rule had before, by its code, and that were
	// not its own: what is written down under them hides nothing of it.
	Borrowed map[string][]string `json:"borrowed,omitempty"`
	// Proposed is what the change under review would switch off, in a line each.
	Proposed []string `json:"proposed,omitempty"`
}

// Override gives the findings of some rules in some files another severity.
type Override struct {
	Rules []string      `json:"rules"`           // codes, names, or globs of them; empty: all
	Paths []string      `json:"paths,omitempty"` // globs of files; empty: all
	Level string        `json:"level"`           // error, warning, info or off
	At    verdict.Place `json:"at"`              // where it was written down
}

// Ignore hides the findings of some rules about some units.
type Ignore struct {
	Rules  []string      `json:"rules"`           // codes, names, or globs of them; empty: all
	Units  []string      `json:"units,omitempty"` // globs of names and of paths; empty: all
	Paths  []string      `json:"paths,omitempty"` // globs of files; empty: all
	Reason string        `json:"reason"`
	Until  string        `json:"until,omitempty"` // the last day on which it holds; "": for ever
	At     verdict.Place `json:"at"`              // where it was written down
}

// Limit says how far findings of a rule may be hidden by marks and by entries.
type Limit struct {
	Never    bool `json:"never,omitempty"`
	MostDays int  `json:"mostDays,omitempty"` // from Today to the last day on which it is hidden; 0: any
}

// Baseline has the findings that were there when it was made.
type Baseline struct {
	File    string  `json:"file"` // where it lies in the repository
	Entries []Entry `json:"entries"`
	// Strict makes a remark of severity error of entries that nothing was found for.
	Strict bool `json:"strict,omitempty"`
}

// Owners say whose a unit is: its own files, by the names that Teams know where there are some;
// else the last of Lines whose pattern matches its path; else nobody.
type Owners struct {
	Teams []Team `json:"teams,omitempty"`
	// Lines are those of a CODEOWNERS file, which is File, read as Dialect has it. Folder is that
	// of the repository in the one that File is of, "" where they are the same.
	Lines   []codeowners.Rule  `json:"lines,omitempty"`
	Dialect codeowners.Dialect `json:"dialect,omitempty"`
	File    string             `json:"file,omitempty"`
	Folder  string             `json:"folder,omitempty"`
	// Files are globs of the units that are files. All others are folders.
	Files []string `json:"files,omitempty"`
	// Required makes a finding of severity error of each unit that is nobody's.
	Required bool `json:"required,omitempty"`
}

// Team is a team that units may belong to.
type Team struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
}
