package aggregator

import (
	"encoding/binary"

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

// packedClaims has the claims of a unit in some ten bytes each: the joins that read any
// of them, and then each claim with its readers, by their number in Fold.readings. A claim
// that several joins read is there once.
type packedClaims string

// pack encodes the claims that any join reads.
func (f *Fold) pack(unit uint32, claims []verdict.Claim) packedClaims {
	var all joins
	var path string
	var file uint32
	b := f.packing[:0]
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
		b = short.append(b, f.readings.id(readers))
	}
	f.packing = b
	if all == 0 {
		return ""
	}
	head := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen64), uint64(all))
	return packedClaims(f.claimArena.keep(string(head) + string(b)))
}

func (c *claim) append(b []byte, reading uint32) []byte {
	b = binary.AppendUvarint(b, uint64(reading))
	b = binary.AppendUvarint(b, uint64(c.file)<<1|uint64(c.role))
	b = binary.AppendUvarint(b, uint64(c.key))
	b = binary.AppendUvarint(b, uint64(c.path))
	b = binary.AppendUvarint(b, uint64(c.regions))
	b = binary.AppendUvarint(b, uint64(uint32(c.line)))
	return binary.AppendUvarint(b, uint64(uint32(c.column)))
}

// readers returns the joins that read a claim.
func (f *Fold) readers(c *verdict.Claim) (r readers) {
	for _, name := range c.Joins {
		if called := f.reading[name]; called != nil {
			r = r.plus(*called.of(c.Role))
		}
	}
	return r
}

func (f *Fold) short(c *verdict.Claim, unit, file uint32) claim {
	return claim{
		unit:    unit,
		key:     f.names.id(c.Key),
		file:    file,
		path:    f.words.id(c.Path),
		regions: f.regions.id(c.Regions),
		line:    int32(c.Line),
		column:  int32(c.Column),
		role:    roleOf(c.Role),
	}
}

// appendRead appends to into those of a unit's claims that a join reads.
func (f *Fold) appendRead(into []claim, p packedClaims, join int, unit uint32) []claim {
	if p == "" || !joins(p.number()).has(join) {
		return into
	}
	for p != "" {
		readers := f.readings.list[p.number()]
		file := p.number()
		c := claim{unit: unit, file: uint32(file >> 1), role: role(file & 1), key: uint32(p.number()), path: uint32(p.number()),
			regions: uint32(p.number()), line: int32(p.number()), column: int32(p.number())}
		if readers.own.has(join) {
			c.own = 1 + c.regions
		}
		if readers.all.has(join) {
			into = append(into, c)
		}
	}
	return into
}

// number takes a varint from the front.
func (p *packedClaims) number() (n uint64) {
	for i := 0; ; i++ {
		b := (*p)[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			*p = (*p)[i+1:]
			return n
		}
	}
}

// readings numbers the readers that claims have. The zero value is ready.
type readings struct {
	ids  map[readers]uint32
	list []readers
}

func (l *readings) id(r readers) uint32 {
	id, ok := l.ids[r]
	if !ok {
		if l.ids == nil {
			l.ids = map[readers]uint32{}
		}
		id = uint32(len(l.list))
		l.ids[r] = id
		l.list = append(l.list, r)
	}
	return id
}
