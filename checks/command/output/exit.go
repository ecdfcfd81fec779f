package output

import (
	"bytes"
	"strings"
)

// tailLines is how much of the end of its output a program is quoted with.
const tailLines = 20

// Said is the finding of a program that says by its exit code that there is one, and has no
// format: the end of its output is the message.
func (s Spec) Said(out Streams) Finding {
	text := s.stream(out)
	if len(bytes.TrimSpace(text)) == 0 {
		s.From = "both"
		text = s.stream(out)
	}
	message := Tail(text, tailLines)
	if message == "" {
		message = "the program says that there are findings, and printed nothing"
	}
	return Finding{Message: message}
}

// Tail are the last lines of a text that are not blank, as plain text, for people.
func Tail(text []byte, most int) string {
	var last []string
	for line := range strings.Lines(plain(string(bytes.TrimSpace(text)))) {
		if line = strings.TrimRight(line, " \t\n"); line != "" {
			last = append(last, cut(line, maxMessage/4))
		}
	}
	last = last[max(0, len(last)-most):]
	for size(last) > maxMessage {
		last = last[1:]
	}
	return strings.Join(last, "\n")
}

// size is how many bytes lines have with what joins them.
func size(lines []string) (n int) {
	for _, line := range lines {
		n += len(line) + 1
	}
	return n
}
