package command

import (
	"time"

	"github.com/seed306eabeb/muster/checks/command/output"
	"github.com/seed306eabeb/muster/sandbox"
)

// Definition says what a command is. Its operator writes it, in a file of the worker's; what
// a repository adds are the name of the command, the values of Args, and files.
type Definition struct {
	Name string
	// Run is the program with its arguments. Placeholders stand in them: {unit}, the path of the
	// unit from the folder in which the program starts; {files}, an argument of its own for each
	// file that the check's `in` matches; and {args.NAME}.
	Run []string
	// Version is a program with its arguments whose first line of output says the version; nil
	// where none does.
	Version []string
	// Dir is where the program starts: "unit", or "root" for the repository's root.
	Dir  string
	Env  map[string]string // beside those that all get
	Args map[string]Arg
	Exit Exit
	// Output says how findings are read.
	Output output.Spec
	Limits sandbox.Limits
	// Network: the program may talk to others.
	Network bool
	// Read are absolute paths that the program may read beside its own file.
	Read []string
	// Pure: what the program says depends on the unit, what lies beside it, its arguments, and on
	// what Read lists, and on nothing else.
	Pure bool
	// Image names by a digest all that the program may read, in place of the bytes of Read.
	Image string
	// Concurrency is how many of it run at once in a process; 0 for as many as there are slots.
	Concurrency int
}

// Arg is an argument that a repository may set.
type Arg struct {
	Match   string // a regular expression that the whole value matches
	Default string
	Needed  bool // it must be given
}

// Exit says what exit codes mean. Any other means that the program could not decide.
type Exit struct{ Clean, Findings []int }

// GracePeriod is what a command has beyond its time until it is given up.
const GracePeriod = 5 * time.Second
