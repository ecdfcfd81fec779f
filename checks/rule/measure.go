package rule

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// scalar is the size of a value that is neither a text nor has parts, in bytes that take as long.
const scalar = 5

// put is what an item of a list costs more that a rule has put together, maybe of many lists.
const put = 20

// maxMeasured is the size at which a call costs more than an evaluation may.
const maxMeasured = 10 * maxCost

// measure adds up the size of values with all their parts. It ends when that is beyond the limit.
type measure struct{ size uint64 }

func (m *measure) full() bool { return m.size > maxMeasured }

// total is the size that was measured. Of what is beyond the limit it is the same, whichever part
// of a mapping came first.
func (m *measure) total() uint64 { return min(m.size, maxMeasured+1) }

// add adds a value of CEL, or one of a document.
func (m *measure) add(value any) {
	if m.size += scalar; m.full() {
		return
	}
	switch v := value.(type) {
	case string:
		m.size += uint64(len(v))
	case []any:
		for i := 0; i < len(v) && !m.full(); i++ {
			m.add(v[i])
		}
	case map[string]any:
		for key, item := range v {
			if m.size += uint64(len(key)); m.full() {
				return
			}
			m.add(item)
		}
	case ref.Val:
		m.addValue(v)
	}
}

func (m *measure) addValue(value ref.Val) {
	switch v := value.(type) {
	case types.String:
		m.size += uint64(len(v))
	case types.Bytes:
		m.size += uint64(len(v))
	case *mapping:
		m.add(v.values)
	case *list:
		m.add(v.items)
	case traits.Lister:
		for it := v.Iterator(); !m.full() && it.HasNext() == types.True; {
			m.size += put
			m.add(it.Next())
		}
	case traits.Mapper:
		for it := v.Iterator(); !m.full() && it.HasNext() == types.True; {
			key := it.Next()
			m.add(key)
			m.add(v.Get(key))
		}
	case *types.Optional:
		if v.HasValue() {
			m.add(v.GetValue())
		}
	}
}
