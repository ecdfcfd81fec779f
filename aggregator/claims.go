package aggregator

import (
	"encoding/binary"
	"slices"

	"github.com/seed306eabeb/muster/verdict"
)

// claim is a verdict.Claim in short, without its joins. One join at a time looks at
// claims in this form; until then they wait in packedClaims.
type claim struct {
	unit    uint32 // in Fold.units
	key     uint32 // in Fold.names
	file    uint32 // in Fold.files
	path    uint32 // in Fold.words
	regions uint32 // in Fold.regions
	line    int32
	column  int32
	own     uint32 // 1 + the regions in which the join that looks at it may report at it, 0 for none
	role    role
}

// role is a verdict.Role in one byte, as far as joins tell roles apart.
type role uint8

const (
	needs role = iota
	gives      // Provides or Unique
)

func roleOf(r verdict.Role) role {
	if r == verdict.Needs {
		return needs
	}
	return gives
}

// joins is a set of joins, by their indexes in Fold.joins.
type joins uint64

func (j joins) has(join int) bool { return j>>join&1 == 1 }

// readers are the joins that read a claim, and those of them that may report at it.
type readers struct{ all, own joins }

// plus are the readers of a claim that names both.
func (r readers) plus(o readers) readers { return readers{r.all | o.all, r.own | o.own} }

// byRole are the readers of a claim in each role.
type byRole struct{ unique, provides, needs readers }

func (b *byRole) of(r verdict.Role) *readers {
	switch r {
	case verdict.Unique:
		return &b.unique
	case verdict.Provides:
		return &b.provides
	case verdict.Needs:
		return &b.needs
	}
	return &readers{}
}

// readersOf says of each name that a claim may have which joins it calls. A need is for the
// joins whose code it names; what is given is also for those that look in the space.
func readersOf(all []verdict.Join) map[string]*byRole {
	of := map[string]*byRole{}
	call := func(name string, role verdict.Role, some readers) {
		if of[name] == nil {
			of[name] = &byRole{}
		}
		r := of[name].of(role)
		*r = r.plus(some)
	}
	for i, j := range all {
		for _, role := range []verdict.Role{verdict.Unique, verdict.Provides, verdict.Needs} {
			if !reads(&j, role) {
				continue
			}
			call(j.Rule.Code, role, readers{1 << i, 1 << i})
			if role == verdict.Needs {
				continue
			}
			for _, space := range j.Spaces {
				call(space, role, readers{all: 1 << i})
			}
		}
	}
	return of
}

// reads says whether a join reads claims of a role.
func reads(j *verdict.Join, r verdict.Role) bool {
	switch j.Kind {
	case verdict.JoinUnique:
		return r == verdict.Unique
	case verdict.JoinProvided:
		return r == verdict.Needs || r == verdict.Provides
	case verdict.JoinExists:
		return r == verdict.Needs
	case verdict.JoinKnown:
		return true
	case verdict.JoinAcyclic:
		return r == verdict.Needs || len(j.Spaces) > 0
	}
	return false
}

// packedClaims has the claims of a unit in some ten bytes each, in Fold.claimArena: the joins that
// read any of them, and then each claim, with its manner as a number. A
// claim that several joins read is there once. Without a claim it is zero.
type packedClaims kept

// pack encodes the claims that any join reads.
func (f *Fold) pack(unit uint32, claims []verdict.Claim) packedClaims {
	var all joins
	var path string
	var file uint32
	const room = binary.MaxVarintLen64 // for the joins, which are known in the end
	b := append(f.packing[:0], make([]byte, room)...)
	for i := range claims {
		c := &claims[i]
		readers := f.readers(c)
		if readers.all == 0 {
			continue
		}
		if all == 0 || c.File != path {
			path, file = c.File, f.files.id(f.name(unit), c.File)
		}
		all |= readers.all
		short := f.short(c, unit, file)
		b = short.append(b, f.manners.id(manner{readers, short.regions, short.role}))
	}
	f.packing = b
	if all == 0 {
		return packedClaims{}
	}
	var head [room]byte
	n := binary.PutUvarint(head[:], uint64(all))
	copy(b[room-n:], head[:n])
	return packedClaims(f.claimArena.putBytes(b[room-n:]))
}

// manner is what many claims have in common.
type manner struct {
	readers
	regions uint32
	role    role
}

func (c *claim) append(b []byte, manner uint32) []byte {
	b = binary.AppendUvarint(b, uint64(manner))
	b = binary.AppendUvarint(b, uint64(c.file))
	b = binary.AppendUvarint(b, uint64(c.key))
	b = binary.AppendUvarint(b, uint64(c.path))
	b = binary.AppendUvarint(b, uint64(uint32(c.line)))
	return binary.AppendUvarint(b, uint64(uint32(c.column)))
}

// readers returns the joins that read a claim. Many claims in a row name the same ones.
func (f *Fold) readers(c *verdict.Claim) (r readers) {
	if last := &f.lastReaders; last.role == c.Role && slices.Equal(last.names, c.Joins) {
		return last.readers
	}
	for _, name := range c.Joins {
		if called := f.reading[name]; called != nil {
			r = r.plus(*called.of(c.Role))
		}
	}
	f.lastReaders.keep(c, r)
	return r
}

// lastReaders are the readers of the last claim, by what they follow from.
type lastReaders struct {
	role  verdict.Role
	names []string
	readers
}

func (l *lastReaders) keep(c *verdict.Claim, r readers) {
	l.role, l.readers = c.Role, r
	l.names = append(l.names[:0], c.Joins...)
}

func (f *Fold) short(c *verdict.Claim, unit, file uint32) claim {
	return claim{
		unit:    unit,
		key:     f.keyOf(c, unit),
		file:    file,
		path:    f.words.id(c.Path),
		regions: f.regions.id(c.Regions),
		line:    int32(c.Line),
		column:  int32(c.Column),
		role:    roleOf(c.Role),
	}
}

// keyOf returns the number of a claim's key, which is often that of its unit.
func (f *Fold) keyOf(c *verdict.Claim, unit uint32) uint32 {
	if name := f.units.at(unit).name; f.names.at(name) == c.Key {
		return name
	}
	return f.names.id(c.Key)
}

// appendRead appends to into those of a unit's claims that a join reads.
func (f *Fold) appendRead(into []claim, packed packedClaims, join int, unit uint32) []claim {
	if packed == (packedClaims{}) {
		return into
	}
	p := numbers(f.claimArena.at(kept(packed)))
	if !joins(p.next()).has(join) {
		return into
	}
	for p != "" {
		m := &f.manners.list[p.next()]
		c := claim{unit: unit, role: m.role, regions: m.regions, file: uint32(p.next()), key: uint32(p.next()), path: uint32(p.next()),
			line: int32(p.next()), column: int32(p.next())}
		if m.own.has(join) {
			c.own = 1 + c.regions
		}
		if m.all.has(join) {
			into = append(into, c)
		}
	}
	return into
}

// numbers are varints, one behind the other.
type numbers string

// next takes one from the front.
func (p *numbers) next() (n uint64) {
	for i := 0; ; i++ {
		b := (*p)[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			*p = (*p)[i+1:]
			return n
		}
	}
}

// numbered numbers values that recur, from 0 as they come. The zero value is ready.
type numbered[T comparable] struct {
	ids  map[T]uint32
	list []T
	last uint32 // the number that was given last: values come in a row
}

func (l *numbered[T]) id(v T) uint32 {
	if len(l.list) > 0 && l.list[l.last] == v {
		return l.last
	}
	id, ok := l.ids[v]
	if !ok {
		if l.ids == nil {
			l.ids = map[T]uint32{}
		}
		id = uint32(len(l.list))
		l.ids[v] = id
		l.list = append(l.list, v)
	}
	l.last = id
	return id
}
