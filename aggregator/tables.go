package aggregator

import (
	"hash/maphash"
	"slices"
	"strings"
)

// blocks is a list that grows without being copied. The zero value is ready.
type blocks[T any] struct {
	full  [][]T
	count uint32
}

const inBlock = 1024

func (b *blocks[T]) add(v T) *T {
	if b.count%inBlock == 0 {
		b.full = append(b.full, make([]T, 0, inBlock))
	}
	last := &b.full[len(b.full)-1]
	*last = append(*last, v)
	b.count++
	return b.at(b.count - 1)
}

// at returns a pointer that stays valid.
func (b *blocks[T]) at(i uint32) *T { return &b.full[i/inBlock][i%inBlock] }

// arena keeps copies of short texts side by side, for as long as the arena itself. One by
// one they would be rounded up, and looked at by the garbage collector. The zero value is
// ready.
type arena struct{ chunk strings.Builder }

const arenaChunk = 64 << 10

func (a *arena) keep(s string) string {
	if len(s) > arenaChunk/16 {
		return strings.Clone(s)
	}
	if a.chunk.Cap()-a.chunk.Len() < len(s) {
		a.chunk = strings.Builder{}
		a.chunk.Grow(arenaChunk)
	}
	start := a.chunk.Len()
	a.chunk.WriteString(s)
	return a.chunk.String()[start:]
}

// interner keeps each of many texts once and numbers them as they come. 0 is the empty
// text. The table holds numbers only, because a map would hold the header of every text
// again, and their hashes, so that it looks into no other text than the one that is asked for.
type interner struct {
	arena *arena
	seed  maphash.Seed
	texts blocks[string]
	slots []slot // by hash, then the next free one
}

// slot is one of a text. The number 0 is that of a free one.
type slot struct{ hash, id uint32 }

func newInterner(a *arena) interner {
	w := interner{arena: a, seed: maphash.MakeSeed(), slots: make([]slot, 8)}
	w.texts.add("")
	return w
}

func (w *interner) at(id uint32) string { return *w.texts.at(id) }

// lookup returns the number of a text that is interned.
func (w *interner) lookup(s string) (id uint32, ok bool) {
	id = w.slot(w.hash(s), s).id
	return id, id != 0 || s == ""
}

func (w *interner) hash(s string) uint32 { return uint32(maphash.String(w.seed, s)) }

// id returns the number of a text, and interns the text if it is new.
func (w *interner) id(s string) uint32 {
	hash := w.hash(s)
	at := w.slot(hash, s)
	if at.id != 0 || s == "" {
		return at.id
	}
	if 4*int(w.texts.count) > 3*len(w.slots) {
		w.grow()
		at = w.slot(hash, s)
	}
	*at = slot{hash, w.texts.count}
	w.texts.add(w.arena.keep(s))
	return at.id
}

// intern returns the interned copy of a text.
func (w *interner) intern(s string) string { return w.at(w.id(s)) }

// slot returns where the number of a text stands or belongs. There is always a free slot.
func (w *interner) slot(hash uint32, s string) *slot {
	last := len(w.slots) - 1
	for i := int(hash) & last; ; i = (i + 1) & last {
		if at := &w.slots[i]; at.id == 0 || at.hash == hash && w.at(at.id) == s {
			return at
		}
	}
}

func (w *interner) grow() {
	was := w.slots
	w.slots = make([]slot, 2*len(was))
	last := len(w.slots) - 1
	for _, s := range was {
		if s.id == 0 {
			continue
		}
		i := int(s.hash) & last
		for w.slots[i].id != 0 {
			i = (i + 1) & last
		}
		w.slots[i] = s
	}
}

// lists keeps each of many recurring lists once. The zero
// value is ready, and 0 is the empty list.
type lists struct {
	ids   map[string]uint32
	lists [][]string
	key   []byte // reused
}

// id returns the number of a set.
func (l *lists) id(list []string) uint32 { return l.number(list, sortedSet) }

// inOrder returns the number of a list that keeps its order and its repeats.
func (l *lists) inOrder(list []string) uint32 { return l.number(list, slices.Clone[[]string]) }

// number returns the number of a list, which is kept in a form if it is new.
func (l *lists) number(list []string, form func([]string) []string) uint32 {
	if len(list) == 0 {
		return 0
	}
	l.key = l.key[:0]
	for _, s := range list {
		l.key = append(append(l.key, s...), 0)
	}
	if id, ok := l.ids[string(l.key)]; ok {
		return id
	}
	if l.ids == nil {
		l.ids, l.lists = map[string]uint32{}, [][]string{nil}
	}
	id := uint32(len(l.lists))
	l.ids[string(l.key)] = id
	l.lists = append(l.lists, form(list))
	return id
}

// at returns a list that must not be changed.
func (l *lists) at(id uint32) []string {
	if id == 0 {
		return nil
	}
	return l.lists[id]
}

func sortedSet(list []string) []string {
	set := slices.Clone(list)
	slices.Sort(set)
	return slices.Clip(slices.Compact(set))
}
