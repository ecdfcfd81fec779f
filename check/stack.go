package check

import (
	"regexp"
	"runtime/debug"
)

// passing is what differs in the stack of one panic from process to process: the number of the
// goroutine, arguments, and offsets in the code.
var passing = regexp.MustCompile(`(?m)^goroutine \d+ |\([^()\n]*\)$| \+0x[0-9a-f]+$| in goroutine \d+$`)

// stack is where a goroutine is, the same for the same code: it stands in a verdict.
func stack() []byte { return passing.ReplaceAll(debug.Stack(), nil) }

// room is how much stack most checks need.
const room = 48 << 10

// makeRoom lets the stack of a goroutine grow at once to what most checks need: what a
// function may use must be there when it is entered. By itself a stack doubles whenever it is too
// small, and all that stands on it is moved.
//
//go:noinline
func makeRoom(used bool) {
	if used {
		var all [room]byte
		use(&all)
	}
}

//go:noinline
func use(*[room]byte) {}
