package yamldoc

import (
	"strings"
	"sync"
)

// source is a file's name in the repository and its text. It is safe for
// concurrent use: values of shipcat.conf are part of many services.
type source struct {
	name    string
	profile *Profile
	layers  []string // those that have names, from the second on
	data    []byte
	once    sync.Once
	lines   []string // once they were asked for
}

// line is the text of a line, counted from 1, empty behind the last.
func (s *source) line(n int) string {
	s.once.Do(func() { s.lines = strings.Split(string(s.data), "\n") })
	if n > len(s.lines) {
		return ""
	}
	return strings.TrimSuffix(s.lines[n-1], "\r")
}
