// Package sandbox runs one program on files that it is given, behind walls: the program sees a
// fresh folder with these files and what else it may read, and nothing of the process that asks
// for it. It ends with all that it has started.
package sandbox

import (
	"context"
	"io/fs"
	"time"
)

// Wall is one thing that a program behind it cannot do.
type Wall string

// The walls.
const (
	Files      Wall = "files"      // reads what its job lists and writes into its folder alone
	Network    Wall = "network"    // talks to nobody, by whatever kind of socket
	Processes  Wall = "processes"  // sees, signals and traces no process but its own
	Privileges Wall = "privileges" // gains none, and has no other user's
	Resources  Wall = "resources"  // takes no more memory, disk, processes and output than it may
)

// Walls are all walls, in the order in which people read of them.
func Walls() []Wall { return []Wall{Files, Network, Processes, Privileges, Resources} }

// Standing says of a wall whether it can be had here.
type Standing struct {
	Wall Wall
	By   string // the mechanisms, for people: "landlock 7, mount namespace"
	Why  string // it cannot be had; "" where it can
}

// Tree is a part of the files of a job.
type Tree struct {
	At    string // where its names begin, a slash-separated path in the job's folder; "" for the folder itself
	Files fs.FS
	Names []string // slash-separated, sorted; each a plain file of Files
}

// Limits bound a job. Each must be above 0.
type Limits struct {
	Time      time.Duration
	Memory    int64 // bytes of all its processes together
	Disk      int64 // bytes that it may write into its folder
	Output    int   // bytes of each of its two streams that are kept
	Processes int   // at once
}

// Job is one program to be run.
type Job struct {
	Argv  []string // the program's absolute path first
	Env   []string // all that it gets
	Files []Tree
	Dir   string   // in which it starts, a slash-separated path in the folder; "" for the folder itself
	Read  []string // absolute paths outside its folder that it may read, and run, with all below them
	// Network: it may talk to others.
	Network bool
	// GivenUp are walls that its operator does without.
	GivenUp []Wall
	Limits  Limits
}

// Ending is how a program has ended.
type Ending string

// The endings.
const (
	Exited    Ending = "exited" // by itself; Result.Exit has its code
	Killed    Ending = "killed" // by a signal that nobody here sent; Result.Signal has its name
	OutOfTime Ending = "time"   // it took longer than Limits.Time
	OutOfMem  Ending = "memory" // it took more than Limits.Memory
	OutOfDisk Ending = "disk"   // it wrote more than Limits.Disk
	// OutOfProcesses: it had more than Limits.Processes at once.
	OutOfProcesses Ending = "processes"
	NoProgram      Ending = "no program" // it could not be started: its file is gone, or is none
	NoRoom         Ending = "no room"    // the disk that its folder shares with others is full, whoever filled it
)

// Result is what came of a job.
type Result struct {
	Ending         Ending
	Exit           int    // with Exited
	Signal         string // with Killed: "SIGSEGV"
	Why            string // more about an ending other than Exited, for people, without paths of this machine
	Stdout, Stderr []byte
	// OutTruncated and ErrTruncated: the stream was longer than Limits.Output.
	OutTruncated, ErrTruncated bool
	// Folder is the absolute path of the job's folder as the program saw it: its output may speak
	// of it, and it is another one for each job.
	Folder string
	// Scratch is that of the folder for its temporary files, likewise: TMPDIR and HOME, where Job.Env
	// has no others.
	Scratch string
	Took    time.Duration
}

// Runner runs jobs. It is safe for concurrent use.
type Runner interface {
	// Run runs a job to its end, or to that of ctx. An error says that the job could not be made: it
	// says nothing of the program.
	Run(ctx context.Context, j Job) (Result, error)
	// Walls says of all walls whether they can be had.
	Walls() []Standing
}
