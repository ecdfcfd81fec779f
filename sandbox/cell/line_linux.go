//go:build amd64 || arm64

package cell

import (
	"encoding/binary"
	"io"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// kindNumber is a kind of report as a forked cell tells it.
type kindNumber int32

const (
	failed kindNumber = iota
	unstartable
	misses // what a probe tells of a wall that does not hold
	stands
	exited
	killed
	full
	started // of the spawner; with the number of the cell's process comes a file of it
	shows   // its /proc comes
	orphaned
)

// head is how a report on the line begins. What could not be done follows, and what stands in its {} after a NUL.
type head struct {
	kind  kindNumber
	value int32 // the exit code, signal, error number or process number
}

// headSize is its size in bytes.
const headSize = 8

// maxReport is more than the longest path.
const maxReport = 8 << 10

// Listen receives the next report from the line of a forked cell. With Started comes an open file of the
// cell's process (pidfd), with Shows its /proc, else -1. The error is io.EOF where the cell has ended, and EAGAIN where
// there is nothing yet.
func Listen(line int) (r Report, file int, err error) {
	text, files, err := receive(line, maxReport)
	if err != nil {
		return r, -1, err
	}
	if file = -1; len(files) > 0 {
		file = files[0]
	}
	return read(text), file, nil
}

// tell sends a report on the line of a cell, with a file if there is one.
func tell(line int, kind kindNumber, value int, what string, files ...int) error {
	text := binary.NativeEndian.AppendUint32(nil, uint32(kind))
	text = binary.NativeEndian.AppendUint32(text, uint32(value))
	return send(line, append(text, what...), files...)
}

// send sends a message and files on a socket that keeps messages apart.
func send(to int, text []byte, files ...int) error {
	var rights []byte
	if len(files) > 0 {
		rights = unix.UnixRights(files...)
	}
	for {
		if err := unix.Sendmsg(to, text, rights, nil, unix.MSG_NOSIGNAL); err != unix.EINTR {
			return err
		}
	}
}

// receive is the next message, with its files.
func receive(from, most int) (text []byte, files []int, err error) {
	const mostFiles = 8
	text, rights := make([]byte, most), make([]byte, unix.CmsgSpace(mostFiles*4))
	for {
		n, nRights, _, _, err := unix.Recvmsg(from, text, rights, unix.MSG_CMSG_CLOEXEC)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return nil, nil, err
		case n == 0:
			return nil, nil, io.EOF
		}
		all, err := unix.ParseSocketControlMessage(rights[:nRights])
		for _, one := range all {
			if more, err := unix.ParseUnixRights(&one); err == nil {
				files = append(files, more...)
			}
		}
		return text[:n], files, err
	}
}

// read is a report as it was told.
func read(text []byte) Report {
	if len(text) < headSize {
		return Report{}
	}
	h := head{kindNumber(binary.NativeEndian.Uint32(text)), int32(binary.NativeEndian.Uint32(text[4:]))}
	what, of, _ := strings.Cut(string(text[headSize:]), "\x00")
	why := callError{what, of, syscall.Errno(h.value)}.Error()
	switch h.kind {
	case failed:
		return Report{Kind: Failed, Why: why}
	case unstartable:
		return Report{Kind: Unstartable, Why: syscall.Errno(h.value).Error()}
	case misses:
		return Report{Kind: Stands, Why: why}
	case stands:
		return Report{Kind: Stands}
	case exited:
		return Report{Kind: Exited, Exit: int(h.value)}
	case killed:
		return Report{Kind: Killed, Signal: unix.SignalName(syscall.Signal(h.value))}
	case full:
		return Report{Kind: Full}
	case orphaned:
		return Report{Kind: Orphaned}
	case shows:
		return Report{Kind: Shows}
	case started:
		return Report{Kind: Started, Pid: int(h.value)}
	}
	return Report{}
}
