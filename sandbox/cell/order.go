// Package cell is the process in which a program of a sandbox runs: it is started by package
// sandbox, builds the walls around itself, starts the program, and ends all that this leaves.
// There are two kinds of it.
//
// A cell in namespaces is forked off a spawner, which is kept for many of them and has a small memory. Nothing is
// executed in it but the program, and nothing of Go's runtime runs: it makes the system calls of a script, which
// the spawner has made of the order. The kernel ends what it leaves.
//
//	sandbox ──Request(Order, files, line, streams)──▶ spawner ──fork──▶ cell ──▶ program
//	   ▲                                                 │               │
//	   └──── Reports on the line: its process, its /proc, its end ◀──────┘
//
// A cell without namespaces has to find and kill what the program leaves, and to remove its folder. It
// is executed:
//
//	sandbox ──Order, files──▶ fd 3 ──▶ walls ──▶ program
//	   ▲                                            │
//	   └────────── Reports ◀── fd 4 ◀───────────────┘
//
// Both are this same executable. A process that is called by Name or Spawner never gets to
// main: the package variables of the whole program take a multiple of the time of a cell. Go initialises
// packages in the order of their paths as soon as what they import is, so this one imports
// nothing whose path comes late in the alphabet and that not everything needs: not path/filepath.
//
// The end of fd 3, or of the line, is the end of the cell: with its parent, whatever that dies of, it and all that
// it has started are gone.
package cell

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Name is what an executed cell has as its first argument, in place of the path of its program.
const Name = "muster: the walls of a command"

// Spawner is what the process has there that starts cells in namespaces: it is kept by a process that asks for
// many, and forks each off itself.
const Spawner = "muster: starts the walls of commands"

// The files that an executed cell is given beside its streams.
const (
	orderFD  = 3
	reportFD = 4
)

// Nice is how far programs give way to who has asked for them.
const Nice = 10

// Order says what a cell is to run, and behind which walls.
type Order struct {
	Argv []string
	Env  []string
	Dir  string // in which it starts, absolute, as the program sees it

	Folder  string // of the job, absolute, as the program sees it
	Scratch string // the folder for its temporary files, likewise
	Home    string // what holds both, and is made for this job alone; it is removed at the end

	// Stage is an empty folder at which a new root is built, in namespaces that the cell is forked
	// into; "" to stay in the root of the parent.
	Stage string
	// Read are the absolute paths that may be read, without links.
	Read []string
	// Links are the links of the root that lead to them, for a new root: their targets by their paths.
	Links map[string]string

	Landlock int  // which version of it to use; 0 for none
	Seccomp  bool // refuse system calls
	Network  bool // it may open sockets to other machines
	// OwnNetwork: it gets a network namespace of its own. Without it, it has that of its spawner.
	OwnNetwork bool
	// User is the user and group of the program, with namespaces that of the cell; 0 for the parent's.
	User int

	Disk  int64 // bytes that it may write
	Files int64 // bytes of its files, which come on top
	Tasks uint64
	Data  uint64 // bytes of writable memory of one process

	// Probe: build the walls, try them, and run nothing.
	Probe bool
}

// Report is what a cell tells. The last one has a Kind other than Started and Shows.
type Report struct {
	Kind   Kind
	Pid    int    `json:"-"` // of the cell, with Started, where it was forked
	Exit   int    `json:",omitempty"`
	Signal string `json:",omitempty"`
	Why    string `json:",omitempty"`
}

// Kind is a kind of report.
type Kind string

// The kinds of reports.
const (
	Started     Kind = "started"
	Shows       Kind = "shows" // of a cell that was forked: it has sent its /proc
	Exited      Kind = "exited"
	Killed      Kind = "killed"
	Full        Kind = "full"        // the disk is
	Unstartable Kind = "unstartable" // the program could not be started
	Failed      Kind = "failed"      // the walls could not be built
	Orphaned    Kind = "orphaned"    // its spawner has ended before it was told who its user is
	Stands      Kind = "stands"      // what a probe tells; Why names what is missing
)

// Put gives a file of a job: its name, a slash-separated path in the job's folder, and as many bytes as it has.
type Put func(name string, size int64, from io.Reader) error

// Send writes an order, and the files that each puts.
func Send(to io.Writer, o Order, each func(Put) error) error {
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode an order: %w", err)
	}
	w := bufio.NewWriterSize(to, 32<<10)
	frame(w, text)
	err = each(func(name string, size int64, from io.Reader) error {
		frame(w, []byte(name))
		_, _ = w.Write(binary.AppendUvarint(w.AvailableBuffer(), uint64(size)))
		n, err := io.Copy(w, from)
		if err == nil && n != size {
			err = fmt.Errorf("it has %d bytes, and was to have %d", n, size)
		}
		return err
	})
	if err != nil {
		return err
	}
	frame(w, nil)
	return w.Flush()
}

// frame writes text behind its length. An error is that of the next Flush.
func frame(w *bufio.Writer, text []byte) {
	_, _ = w.Write(binary.AppendUvarint(w.AvailableBuffer(), uint64(len(text))))
	_, _ = w.Write(text)
}

// maxFrame bounds a frame; a bundle has less.
const maxFrame = 1 << 30

// reader reads frames.
type reader interface {
	// frame is the next one, which stays as it is until the process ends.
	frame() ([]byte, error)
}

// stream reads frames from a pipe.
type stream struct{ *bufio.Reader }

func (s stream) frame() ([]byte, error) {
	n, err := binary.ReadUvarint(s)
	if err != nil {
		return nil, err
	}
	if n > maxFrame {
		return nil, fmt.Errorf("a part of an order has %d bytes", n)
	}
	text := make([]byte, n)
	_, err = io.ReadFull(s, text)
	return text, err
}

func readOrder(r reader) (o Order, err error) {
	text, err := r.frame()
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(text, &o)
}

// readFiles gives each file to write, until there is none more.
func readFiles(r reader, write func(name string, text []byte) error) error {
	for {
		name, err := r.frame()
		switch {
		case err != nil:
			return err
		case len(name) == 0:
			return nil
		case !fs.ValidPath(string(name)):
			return errors.New("a file's name leads out of the folder")
		}
		text, err := r.frame()
		if err != nil {
			return err
		}
		if err := write(string(name), text); err != nil {
			return err
		}
	}
}
