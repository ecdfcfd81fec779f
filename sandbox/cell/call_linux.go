//go:build amd64 || arm64

package cell

import (
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// call is one system call of a script.
type call struct {
	number uintptr
	args   [5]uintptr
	first  *int32    // where the first argument is found, if it is not known yet
	result *int32    // where the result goes; nil for nowhere
	passed [2]uint16 // numbers of errors after which it goes on
	skip   int16     // how many of the next calls are left out after one of these
	whole  bool      // it reads or writes, and is made again until all is; at an end it has failed
	refuse bool      // it has to fail
	fails  kindNumber
	what   string // that it does, for the report if it fails; in place of {} stands of
	of     string
}

// script is a list of system calls, in the order in which they are made: what a process does that was
// forked, in which nothing of Go runs but perform.
type script struct {
	calls []call
	// What the calls to come do.
	what, of string
	// kept is the memory to which arguments point: an argument alone does not keep it.
	kept []unsafe.Pointer
	text []byte // room for more of it
}

// add adds a call. An argument is a number, a string, or a pointer into the heap.
func (s *script) add(number uintptr, args ...any) *call {
	s.calls = append(s.calls, call{number: number, what: s.what, of: s.of})
	c := &s.calls[len(s.calls)-1]
	for i, a := range args {
		switch a := a.(type) {
		case int:
			c.args[i] = uintptr(a)
		case uint64:
			c.args[i] = uintptr(a)
		case uintptr:
			c.args[i] = a
		case string:
			c.args[i] = uintptr(unsafe.Pointer(s.string(a)))
		case unsafe.Pointer:
			c.args[i] = s.keep(a)
		}
	}
	return c
}

// says is what the next calls do.
func (s *script) says(what, of string) { s.what, s.of = what, of }

// string is a copy of a text, with the NUL at its end that the kernel wants.
func (s *script) string(text string) *byte {
	const room = 16 << 10
	if len(text) >= cap(s.text)-len(s.text) {
		s.text = make([]byte, 0, max(room, len(text)+1))
		s.keep(unsafe.Pointer(unsafe.SliceData(s.text)))
	}
	from := len(s.text)
	s.text = append(append(s.text, text...), 0)
	return &s.text[from]
}

// again empties the script, and leaves it its room: after a fork, memory that is written is copied.
func (s *script) again() {
	clear(s.calls)
	clear(s.kept)
	if s.text != nil {
		s.kept = append(s.kept[:0], unsafe.Pointer(unsafe.SliceData(s.text)))
	}
	s.calls, s.text = s.calls[:0], s.text[:0]
}

// keep is the address of memory that stays as long as the script.
func (s *script) keep(p unsafe.Pointer) uintptr {
	s.kept = append(s.kept, p)
	return uintptr(p)
}

// pass goes on after errors, and leaves out so many of the next calls.
func (c *call) pass(skip int, errors ...syscall.Errno) {
	c.skip = int16(skip)
	for i, errno := range errors {
		c.passed[i] = uint16(errno)
	}
}

// anyError stands for all errors.
const anyError = syscall.Errno(1<<16 - 1)

// run makes the calls on this thread, in a process that is as others are.
func (s *script) run() error {
	failed, errno := perform(s.calls)
	if failed == nil {
		return nil
	}
	return callError{failed.what, failed.of, errno}
}

// callError says what could not be done.
type callError struct {
	what, of string
	errno    syscall.Errno
}

func (e callError) Error() string {
	what := strings.Replace(e.what, "{}", e.of, 1)
	switch {
	case e.errno == 0: // it was to be refused, or nothing more is known
		return what
	case e.errno == unix.EACCES && strings.HasPrefix(e.what, show):
		return what + ": " + e.errno.Error() + ": the programs of jobs have a user of their own, who must be able to enter each folder above it"
	}
	return what + ": " + e.errno.Error()
}

func (e callError) Unwrap() error { return e.errno }

// perform makes calls until one fails. It runs in forked processes, too: it calls nothing that
// may grow the stack, allocates nothing, and writes no pointer to the heap.
//
//go:nosplit
//go:norace
//go:nocheckptr
func perform(calls []call) (failed *call, errno syscall.Errno) {
	for i := 0; i < len(calls); i++ {
		c := &calls[i]
		first, second, third := c.args[0], c.args[1], c.args[2]
		if c.first != nil {
			first = uintptr(*c.first)
		}
	again:
		n, _, errno := syscall.RawSyscall6(c.number, first, second, third, c.args[3], c.args[4], 0)
		switch {
		case errno == unix.EINTR:
			goto again
		case errno != 0 && !c.refuse && c.passed[0] != uint16(anyError) && uint16(errno) != c.passed[0] && uint16(errno) != c.passed[1],
			errno == 0 && c.refuse:
			return c, errno
		case errno != 0:
			i += int(c.skip)
			continue
		case c.whole && n == 0:
			return c, 0
		case c.whole && n < third:
			second, third = second+n, third-n
			goto again
		}
		if c.result != nil {
			*c.result = int32(n)
		}
	}
	return nil, 0
}
