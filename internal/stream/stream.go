// Package stream is how a process writes to streams whose reader may not read: a pipe
// that nobody reads takes 64 KiB and then nothing more, and Ctrl-S stops a terminal.
//
//	log, progress ──lines──▶ Writer ──▶ stderr    drops lines rather than let anybody wait
//	report        ─────────▶ Results ─▶ stdout    drops nothing, and waits until an interrupt
package stream

import "io"

// fd is the file descriptor of a stream that is a file, so that it can be asked whether it is
// a terminal; an invalid one of any other.
func fd(w io.Writer) uintptr {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}
