package check

import (
	"regexp"
	"runtime/debug"
)

// passing is what differs in the stack of one panic from process to process: the number of the
// goroutine, arguments, and offsets in the code.
var passing = regexp.MustCompile(`(?m)^goroutine \d+ |\(\{?0x[^\n]*\)$| \+0x[0-9a-f]+$| in goroutine \d+$`)

// stack is where a goroutine is, the same for the same code: it stands in a verdict.
func stack() []byte { return passing.ReplaceAll(debug.Stack(), nil) }
