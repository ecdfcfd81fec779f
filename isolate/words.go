package isolate

import (
	"bytes"
	"strings"

	"github.com/seed306eabeb/muster/internal/child"
)

// maxLine is how much of a line of a dead child is told.
const maxLine = 300

// fatal begins the line in which Go's runtime says why it ends a process. Kilobytes of
// stacks follow it.
const fatal = "fatal error: "

// words are what a child says of itself: the tail, and the line in which Go's runtime says
// why it crashed.
type words struct {
	child.Tail
	line  []byte // the beginning of the one that is being written
	crash string // the first line that begins with fatal
}

func (w *words) Write(b []byte) (int, error) {
	for part := range bytes.SplitAfterSeq(b, []byte("\n")) {
		if w.crash != "" {
			break
		}
		w.line = append(w.line, part[:min(len(part), maxLine-len(w.line))]...)
		if !bytes.HasSuffix(part, []byte("\n")) {
			continue
		}
		if strings.HasPrefix(string(w.line), fatal) {
			w.crash = string(w.line)
		}
		w.line = w.line[:0]
	}
	return w.Tail.Write(b)
}

// last is why the child crashed if Go's runtime said so, else its last line; short enough
// for a report.
func (w *words) last() string {
	text := w.crash
	if text == "" {
		tail := w.String()
		text = tail[strings.LastIndexByte(tail, '\n')+1:]
	}
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	if over := len(text) - maxLine; over > 0 {
		text = "…" + strings.ToValidUTF8(text[over:], "")
	}
	return text
}
