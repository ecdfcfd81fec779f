package worktree

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
)

var _ fleet.Stamped = (*Tree)(nil)

// settled is how long before it is read a file must have been changed, so that a later change shows in its time: there
// are file systems whose times have steps of two seconds.
const settled = 3 * time.Second

// mostLeft is how many files the folder of a unit with a stamp may have that are not read.
const mostLeft = 64

// stamp is how a unit lay when it was read:
//
//	device  of all that follows
//	folder  the status of the unit's folder; zeros for a unit that is a file
//	bytes   the length of the bundle
//	kept    how many files are in it, and of each its path there and its status
//	left    how many other files the folder has, and the name of each
//
// Numbers are varints, and names have their length in front.
type stamp struct {
	whole  bool // all of the unit was noted
	folder status
	kept   []stamped
	left   []string
}

type stamped struct {
	path string
	status
}

// status is what tells a file, or the list of a folder, from what it was before.
type status struct {
	device, inode              uint64
	seconds, nanoseconds, size int64 // the times are those of the change
}

// Stamp is Unit, and makes the stamp by which Unchanged knows the unit again: nil for one that has none, because it
// cannot be read, has folders or links, or has a part that was changed seconds ago, and for all on a file system
// of which it is not known that each write shows in a time which nobody can set.
func (t *Tree) Stamp(ctx context.Context, unit id.Unit) (files bundle.Bundle, kind int, lies []byte, err error) {
	device, ok := t.device()
	if !ok {
		files, kind, err = t.Unit(ctx, unit)
		return files, kind, nil, err
	}
	before, s := time.Now().Add(-t.settled), &stamp{}
	files, kind, err = t.unit(ctx, unit, s)
	if err == nil && s.whole && s.isOld(before, device) {
		lies = s.encode(device, files.Size())
	}
	return files, kind, lies, err
}

// Unchanged says whether Unit would read of a unit what it read when Stamp made a stamp, and tells its kind as Unit
// does; false may mean anything. It looks at the unit's folder and at the status of its files, and reads none. A
// write through memory to which a file is mapped shows only once the system has put down those before it.
func (t *Tree) Unchanged(unit id.Unit, lies []byte) (kind int, ok bool) {
	s := stampText{rest: lies}
	device, ok := t.device()
	if !ok || s.number() != device {
		return 0, false
	}
	return t.compare(&s, unit, device)
}

// isOld says whether all that a stamp tells of lies on a device, and was changed before.
func (s *stamp) isOld(before time.Time, device uint64) bool {
	for _, f := range s.kept {
		if !f.isOld(before, device) {
			return false
		}
	}
	return !s.isFolder() || s.folder.isOld(before, device)
}

func (s status) isOld(before time.Time, device uint64) bool {
	return s.device == device && time.Unix(s.seconds, s.nanoseconds).Before(before)
}

// end says that all of the unit was noted.
func (s *stamp) end() {
	if s != nil {
		s.whole = len(s.left) <= mostLeft
	}
}

// noteLeft notes a file that is not read, and one more than there may be.
func (s *stamp) noteLeft(name string) {
	if s != nil && len(s.left) <= mostLeft {
		s.left = append(s.left, name)
	}
}

func (s *stamp) isFolder() bool { return s.folder != status{} }

func (s *stamp) encode(device uint64, bytes int) []byte {
	to := binary.AppendUvarint(make([]byte, 0, 192), device)
	to = s.folder.append(to)
	to = binary.AppendUvarint(to, uint64(bytes))
	to = binary.AppendUvarint(to, uint64(len(s.kept)))
	for _, f := range s.kept {
		to = f.append(appendName(to, f.path))
	}
	to = binary.AppendUvarint(to, uint64(len(s.left)))
	for _, name := range s.left {
		to = appendName(to, name)
	}
	return to
}

func (s status) append(to []byte) []byte {
	for _, n := range [...]uint64{s.inode, uint64(s.seconds), uint64(s.nanoseconds), uint64(s.size)} {
		to = binary.AppendUvarint(to, n)
	}
	return to
}

func appendName(to []byte, name string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(name))), name...)
}

// stampText is a stamp that is read from its beginning. Where it is none it becomes bad, and reads as zeros.
type stampText struct {
	rest []byte
	bad  bool
}

func (t *stampText) number() uint64 {
	n, used := binary.Uvarint(t.rest)
	if used <= 0 {
		t.rest, t.bad = nil, true
		return 0
	}
	t.rest = t.rest[used:]
	return n
}

func (t *stampText) status(device uint64) (s status) {
	s.device, s.inode = device, t.number()
	s.seconds, s.nanoseconds, s.size = int64(t.number()), int64(t.number()), int64(t.number())
	return s
}

func (t *stampText) name() string {
	n := t.number()
	if n > uint64(len(t.rest)) {
		t.rest, t.bad = nil, true
		return ""
	}
	name := string(t.rest[:n])
	t.rest = t.rest[n:]
	return name
}

// isRead says that a stamp was read to its end.
func (t *stampText) isRead() bool { return !t.bad && len(t.rest) == 0 }
