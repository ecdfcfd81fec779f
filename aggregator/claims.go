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
	role    role
}

// role is a verdict.Role in one byte, as far as joins tell roles apart.
type role uint8

const (
	needs role = iota // or Unique, where the join reads nothing else
	provides
)

// joins is a set of joins, by their indexes in Fold.joins.
type joins uint64


func (j joins) has(join int) bool { return j>>join&1 == 1 }

// packedClaims has the claims of a unit in some ten bytes each: the joins that read any
// of them, and then each claim with the joins that read it. A claim that several joins
// read is there once.
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
		if readers == 0 {
			continue
		}
		if all == 0 || c.File != path {
			path, file = c.File, f.files.id(f.name(unit), c.File)
		}
		all |= readers
		short := f.short(c, unit, file)
		b = short.append(b, readers)
	}
	f.packing = b
	if all == 0 {
		return ""
	}
	head := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen64), uint64(all))
	return packedClaims(f.claimArena.keep(string(head) + string(b)))
}

func (c *claim) append(b []byte, readers joins) []byte {
	b = binary.AppendUvarint(b, uint64(readers))
	b = binary.AppendUvarint(b, uint64(c.file)<<1|uint64(c.role))
	b = binary.AppendUvarint(b, uint64(c.key))
	b = binary.AppendUvarint(b, uint64(c.path))
	b = binary.AppendUvarint(b, uint64(c.regions))
	b = binary.AppendUvarint(b, uint64(uint32(c.line)))
	return binary.AppendUvarint(b, uint64(uint32(c.column)))
}

// readers returns the joins that read a claim.
func (f *Fold) readers(c *verdict.Claim) (set joins) {
	for i := range f.joins {
		if reads(f.joins[i].Kind, c.Role) && slices.Contains(c.Joins, f.joins[i].Rule.Code) {
			set |= 1 << i
		}
	}
	return set
}

// reads says whether joins of a kind read claims of a role.
func reads(k verdict.JoinKind, r verdict.Role) bool {
	switch k {
	case verdict.JoinUnique:
		return r == verdict.Unique
	case verdict.JoinProvided:
		return r == verdict.Needs || r == verdict.Provides
	case verdict.JoinExists, verdict.JoinAcyclic:
		return r == verdict.Needs
	}
	return false
}

func (f *Fold) short(c *verdict.Claim, unit, file uint32) claim {
	r := needs
	if c.Role == verdict.Provides {
		r = provides
	}
	return claim{
		unit:    unit,
		key:     f.names.id(c.Key),
		file:    file,
		path:    f.words.id(c.Path),
		regions: f.regions.id(c.Regions),
		line:    int32(c.Line),
		column:  int32(c.Column),
		role:    r,
	}
}

// of appends to into those of a unit's claims that a join reads.
func (p packedClaims) of(join int, unit uint32, into []claim) []claim {
	if p == "" || !joins(p.number()).has(join) {
		return into
	}
	for p != "" {
		readers := joins(p.number())
		file := p.number()
		c := claim{unit: unit, file: uint32(file >> 1), role: role(file & 1), key: uint32(p.number()), path: uint32(p.number()),
			regions: uint32(p.number()), line: int32(p.number()), column: int32(p.number())}
		if readers.has(join) {
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
