package aggregator

import (
	"hash/maphash"
	"maps"
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
type arena struct {
	chunks  []string
	open    strings.Builder // what one of the chunks is growing into
	growing int             // which one
}

const arenaChunk = 64 << 10

// kept is where an arena has a text: no pointer, so that no collection looks at it. The zero value
// is the empty text.
type kept struct {
	chunk        uint32
	from, length uint16 // a length of wholeChunk is that of a text that is a chunk by itself
}

const wholeChunk = 1<<16 - 1

// put keeps a copy of a text.
func (a *arena) put(s string) kept {
	if len(s) > arenaChunk/16 {
		return a.alone(strings.Clone(s))
	}
	from := a.room(len(s))
	a.open.WriteString(s)
	return a.close(from)
}

// putBytes keeps a text that is still given as bytes.
func (a *arena) putBytes(b []byte) kept {
	if len(b) > arenaChunk/16 {
		return a.alone(string(b))
	}
	from := a.room(len(b))
	a.open.Write(b)
	return a.close(from)
}

// keep is put for who wants the text itself.
func (a *arena) keep(s string) string { return a.at(a.put(s)) }

func (a *arena) at(k kept) string {
	switch k.length {
	case 0:
		return ""
	case wholeChunk:
		return a.chunks[k.chunk]
	}
	return a.chunks[k.chunk][k.from : int(k.from)+int(k.length)]
}

// alone makes a chunk of a long text.
func (a *arena) alone(s string) kept {
	a.chunks = append(a.chunks, s)
	return kept{chunk: uint32(len(a.chunks) - 1), length: wholeChunk}
}

// room makes sure that so many bytes fit into the open chunk, and returns where they begin.
func (a *arena) room(n int) (from int) {
	if a.open.Cap()-a.open.Len() < n {
		a.open = strings.Builder{}
		a.open.Grow(arenaChunk)
		a.growing, a.chunks = len(a.chunks), append(a.chunks, "")
	}
	return a.open.Len()
}

// close ends the text that begins at from in the open chunk.
func (a *arena) close(from int) kept {
	if from == a.open.Len() {
		return kept{}
	}
	a.chunks[a.growing] = a.open.String()
	return kept{uint32(a.growing), uint16(from), uint16(a.open.Len() - from)}
}

// interner keeps each of many texts once and numbers them as they come. 0 is the empty
// text. The table holds numbers only, because a map would hold the header of every text
// again, and their hashes, so that it looks into no other text than the one that is asked for.
type interner struct {
	arena *arena
	seed  maphash.Seed
	texts blocks[kept]
	slots []slot // by hash, then the next free one
}

// slot is one of a text. The number 0 is that of a free one.
type slot struct{ hash, id uint32 }

func newInterner(a *arena) interner {
	w := interner{arena: a, seed: maphash.MakeSeed(), slots: make([]slot, 8)}
	w.texts.add(kept{})
	return w
}

func (w *interner) at(id uint32) string { return w.arena.at(*w.texts.at(id)) }

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
	w.texts.add(w.arena.put(s))
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
	last  uint32 // the number that was given last: lists come in a row
	key   []byte // reused
}

// id returns the number of a set.
func (l *lists) id(list []string) uint32 { return l.number(list, true) }

// inOrder returns the number of a list that keeps its order and its repeats.
func (l *lists) inOrder(list []string) uint32 { return l.number(list, false) }

// number returns the number of a list, which is kept as it is or as a set if it is new.
func (l *lists) number(list []string, set bool) uint32 {
	switch {
	case len(list) == 0:
		return 0
	case slices.Equal(list, l.at(l.last)):
		return l.last
	}
	l.last = l.search(list, set)
	return l.last
}

// search is number where the list is not the last one.
func (l *lists) search(list []string, set bool) uint32 {
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
	if set {
		l.lists = append(l.lists, sortedSet(list))
	} else {
		l.lists = append(l.lists, slices.Clone(list))
	}
	return id
}

// at returns a list that must not be changed.
func (l *lists) at(id uint32) []string {
	if id == 0 {
		return nil
	}
	return l.lists[id]
}

// apart returns a table of the same lists and numbers. What is added to one of the two is not in the
// other.
func (l *lists) apart() lists {
	return lists{ids: maps.Clone(l.ids), lists: slices.Clip(l.lists)}
}

func sortedSet(list []string) []string {
	set := slices.Clone(list)
	slices.Sort(set)
	return slices.Clip(slices.Compact(set))
}
