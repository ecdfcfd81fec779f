package bundle

import "fmt"

// Bounds on the shape of a bundle, and of a folder that is read into one, far above what
// anybody writes by hand. They keep a hostile folder, or hostile bytes in Redis, from
// costing more than their size.
const (
	MaxFiles  = 10_000 // files, and where a folder is read also its sub-folders
	MaxLevels = 64     // folders inside each other
)

// TooLargeError says that a folder exceeds a limit. It wraps ErrTooLarge.
type TooLargeError struct {
	Dir   string
	Unit  string // of Limit and Size: "bytes", "files" or "levels"
	Limit int
	Size  int // how much had been found when reading stopped; the folder may hold more
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("folder %q holds at least %d %s, at most %d are allowed: move files out of it",
		e.Dir, e.Size, e.Unit, e.Limit)
}

func (e *TooLargeError) Unwrap() error { return ErrTooLarge }
