package commit

import (
	"bytes"
	"sync"
)

// pointers counts the files that stand for others in the large file storage of git.
type pointers struct {
	mu   sync.Mutex
	seen map[string]bool // by the folder of a unit, and the path in it
}

// A pointer begins with pointerHead and has less than pointerSize bytes.
const (
	pointerHead = "version https://git-lfs.github.com/spec/"
	pointerSize = 1024
)

// note looks whether a file that was read is a pointer.
func (p *pointers) note(dir, file string, text []byte) {
	if len(text) >= pointerSize || !bytes.HasPrefix(text, []byte(pointerHead)) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[dir+"\x00"+file] = true
}

// Pointers is how many files have been read that git LFS has pointers for in a commit: each was the pointer, and not
// the file that a checkout has.
func (t *Tree) Pointers() int {
	t.pointers.mu.Lock()
	defer t.pointers.mu.Unlock()
	return len(t.pointers.seen)
}
