package yamldoc

import (
	"strings"
	"sync"

	"github.com/seed306eabeb/muster/yamldoc/naming"
)

// source is a file's name and its text. Once its layers are named it is safe for concurrent
// use: values of one file may be part of many merges.
type source struct {
	name    string
	profile *Profile
	layers  []string // the names of its parts that are layers of their own
	data    []byte
	names   *naming.Tree
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
