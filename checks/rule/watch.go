package rule

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// watching is ordering for evaluations that are traced: it notes where a loop stops.
const watching = "@watched"

// watch is a list or mapping that notes where a loop over it stops.
func watch(v ref.Val) ref.Val {
	switch of := v.(type) {
	case traits.Mapper:
		return &watchedMapping{Mapper: inOrder(of).(traits.Mapper)}
	case traits.Lister:
		return &watchedList{Lister: of}
	}
	return v
}

// stop is where a loop is, or was when it stopped.
type stop struct{ key, value ref.Val }

// stopped is the stop of what was watched.
func (s *stop) stopped() *stop { return s }

type watchedList struct {
	traits.Lister
	stop
}

// Fold goes through the items.
func (w *watchedList) Fold(f traits.Folder) {
	n, _ := w.Size().(types.Int)
	for i := range n {
		w.stop = stop{i, w.Get(i)}
		if !f.FoldEntry(w.key, w.value) {
			return
		}
	}
}

type watchedMapping struct {
	traits.Mapper
	stop
}

// Fold goes through keys and values in their order.
func (w *watchedMapping) Fold(f traits.Folder) {
	for it := w.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		w.stop = stop{key, w.Get(key)}
		if !f.FoldEntry(w.key, w.value) {
			return
		}
	}
}
