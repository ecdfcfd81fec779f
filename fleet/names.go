package fleet

import (
	"fmt"
	"io/fs"
	"path"

	"github.com/seed306eabeb/muster/id"
)

// Names are what others call the units of one listing. A nil one asks nothing of them.
type Names struct{ taken map[calling]id.Unit }

type calling struct {
	kind int
	name string
}

// Names begins a listing, nil where units of no kind are called anything.
func (l Layout) Names() *Names {
	for _, k := range l.Kinds {
		if k.Called != nil {
			return &Names{map[calling]id.Unit{}}
		}
	}
	return nil
}

// Take notes the name of a unit that an entry of a walk's folder is. It is an *AmbiguousError where
// the unit has none, or that of another one.
func (n *Names) Take(w Walk, unit id.Unit, entry string, t fs.FileMode) error {
	if n == nil || !t.IsDir() && !t.IsRegular() {
		return nil
	}
	for _, i := range w.kinds(entry, t) {
		k := w.layout.Kinds[i]
		if k.Called == nil {
			continue
		}
		name, err := k.Called(path.Join(w.dir, entry))
		if err != nil {
			return &AmbiguousError{fmt.Sprintf("%s, a unit of kind %q, %v", unit, k.Name, err)}
		}
		if name == "" {
			continue
		}
		first, taken := n.taken[calling{i, name}]
		if taken && first != unit {
			message, help := SameName(first, unit, k.Name, name)
			return &AmbiguousError{message + ": " + help}
		}
		n.taken[calling{i, name}] = unit
	}
	return nil
}

// SameName says that two units have one name, and what to do.
func SameName(a, b id.Unit, kind, name string) (message, help string) {
	return fmt.Sprintf("%s and %s are both called %q, and others refer to units of kind %q by name", min(a, b), max(a, b), name, kind),
		"give them names of their own, by the kind's `name` or its globs"
}
