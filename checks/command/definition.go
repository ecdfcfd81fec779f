package command

import (
	"encoding/json"
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
	// Dir is where the program starts: DirUnit or DirRoot.
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

// Where a program starts.
const (
	DirUnit = "unit" // in the unit's folder, or in that of the unit's file
	DirRoot = "root" // in the repository's root
)

// Arg is an argument that a repository may set. Without a value, where it has no default, the
// argument that it stands in is left out.
type Arg struct {
	Match   string // a regular expression that the whole value matches
	Default string
	Needed  bool // it must be given
}

// Exit says what exit codes mean. Any other means that the program could not decide.
type Exit struct{ Clean, Findings []int }

// What stands for a limit that a definition does not set.
const (
	DefaultTime      = 30 * time.Second
	DefaultMemory    = 512 << 20
	DefaultDisk      = 64 << 20
	DefaultOutput    = 1 << 20
	DefaultProcesses = 64
)

// deciding is the definition in one form, without what decides nothing: how much of the machine the
// program may take, and how often at once.
func (d Definition) deciding() []byte {
	d.Limits, d.Concurrency = sandbox.Limits{}, 0
	text, err := json.Marshal(d)
	if err != nil {
		panic("command: " + err.Error()) // texts, numbers and lists of them have a form
	}
	return text
}
