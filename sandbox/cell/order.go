// Package cell is the process in which a program of a sandbox runs: it is started by package
// sandbox, builds the walls around itself, starts the program, and ends all that this leaves.
//
//	sandbox ──Order, files──▶ fd 3 ──▶ walls ──▶ program
//	   ▲                                            │
//	   └────────── Reports ◀── fd 4 ◀───────────────┘
//
// It is this same executable. A process that is called by Name is a cell, and never gets to
// main: the package variables of the whole program take a multiple of the time of a cell. Go initialises
// packages in the order of their paths as soon as what they import is, so this one imports
// nothing whose path comes late in the alphabet and that not everything needs: not path/filepath.
//
// The end of fd 3 is the end of the cell: with its parent, whatever that dies of, it and all that it has
// started are gone.
package cell

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Name is what a cell has as its first argument, in place of the path of its program.
const Name = "muster: the walls of a command"

// The files that a cell is given beside its streams.
const (
	orderFD  = 3
	reportFD = 4
)

// Order says what a cell is to run, and behind which walls.
type Order struct {
	Argv []string
	Env  []string
	Dir  string // in which it starts, absolute, as the program sees it

	Folder  string // of the job, absolute, as the program sees it
	Scratch string // the folder for its temporary files, likewise
	Home    string // what holds both, and is made for this job alone; it is removed at the end

	// Stage is an empty folder at which a new root is built, in namespaces that the cell is started
	// in; "" to stay in the root of the parent.
	Stage string
	// Read are the absolute paths that may be read, without links.
	Read []string
	// Links are the links of the root that lead to them, for a new root: their targets by their paths.
	Links map[string]string

	Landlock int  // which version of it to use; 0 for none
	Seccomp  bool // refuse system calls
	Network  bool // it may open sockets to other machines
	// User is the user and group of the program, with namespaces that of the cell; 0 for the parent's.
	User int
	Nice int

	Disk  int64 // bytes that it may write
	Files int64 // bytes of its files, which come on top
	Tasks uint64
	Data  uint64 // bytes of writable memory of one process

	// Probe: build the walls, try them, and run nothing.
	Probe bool
}

// Report is what a cell tells. The last one has a Kind other than Started.
type Report struct {
	Kind   Kind
	Exit   int    `json:",omitempty"`
	Signal string `json:",omitempty"`
	Why    string `json:",omitempty"`
}

// Kind is a kind of report.
type Kind string

// The kinds of reports.
const (
	Started     Kind = "started"
	Exited      Kind = "exited"
	Killed      Kind = "killed"
	Full        Kind = "full"        // the disk is
	Unstartable Kind = "unstartable" // the program could not be started
	Failed      Kind = "failed"      // the walls could not be built
	Stands      Kind = "stands"      // what a probe tells; Why names what is missing
)

// Send writes an order, and the files that each puts. A name is a slash-separated path in the
// job's folder.
func Send(w io.Writer, o Order, each func(put func(name string, text []byte) error) error) error {
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode an order: %w", err)
	}
	if _, err := w.Write(frame(text)); err != nil {
		return err
	}
	err = each(func(name string, text []byte) error {
		_, err := w.Write(append(frame([]byte(name)), frame(text)...))
		return err
	})
	if err != nil {
		return err
	}
	_, err = w.Write(frame(nil))
	return err
}

func frame(text []byte) []byte {
	return append(binary.AppendUvarint(make([]byte, 0, len(text)+binary.MaxVarintLen64), uint64(len(text))), text...)
}

// maxFrame bounds a frame; a bundle has less.
const maxFrame = 1 << 30

type reader interface {
	io.Reader
	io.ByteReader
}

func unframe(r reader) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	if n > maxFrame {
		return nil, fmt.Errorf("a part of an order has %d bytes", n)
	}
	text := make([]byte, n)
	_, err = io.ReadFull(r, text)
	return text, err
}

func readOrder(r reader) (o Order, err error) {
	text, err := unframe(r)
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(text, &o)
}

// readFiles gives each file to write, until there is none more.
func readFiles(r reader, write func(name string, text []byte) error) error {
	for {
		name, err := unframe(r)
		switch {
		case err != nil:
			return err
		case len(name) == 0:
			return nil
		case !fs.ValidPath(string(name)):
			return errors.New("a file's name leads out of the folder")
		}
		text, err := unframe(r)
		if err != nil {
			return err
		}
		if err := write(string(name), text); err != nil {
			return err
		}
	}
}
