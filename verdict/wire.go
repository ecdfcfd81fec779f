package verdict

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	fastjson "github.com/go-json-experiment/json"
)

// Version is the version of the wire format that Encode writes.
const Version = 1

// ErrVersion is wrapped by Decode for a verdict of a version this program does
// not read.
var ErrVersion = errors.New("unknown verdict version")

// Encode is the wire form.
func (v Verdict) Encode() ([]byte, error) {
	v.V = Version
	return json.Marshal(traveller{Verdict: v, Claims: pack(v.Claims, v.Regions)})
}

// Encodings are Encode's and Essence's in one: the body is the essence with what
// differs from worker to worker in front of it.
func (v Verdict) Encodings() (body, essence []byte, err error) {
	if essence, err = v.Essence(); err != nil {
		return nil, nil, err
	}
	head, err := json.Marshal(origin{v.Worker, v.Attempt, v.Micros})
	if err != nil {
		return nil, nil, err
	}
	if len(head) == len("{}") {
		return essence, essence, nil
	}
	body = make([]byte, 0, len(head)+len(essence))
	body = append(append(body, head[:len(head)-1]...), ',')
	return append(body, essence[1:]...), essence, nil
}

// origin is what Essence leaves out, as it stands in a Verdict.
type origin struct {
	Worker  string `json:"worker,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Micros  int64  `json:"micros,omitempty"`
}

// Decode reads what Encode wrote. It checks the version and the kind. One enqueuer
// decodes what all workers encode: the reader is the one that costs less.
func Decode(b []byte) (Verdict, error) {
	var t traveller
	if err := fastjson.Unmarshal(b, &t); err != nil {
		return Verdict{}, fmt.Errorf("decode verdict: %w", err)
	}
	v := t.Verdict
	if v.V != Version {
		return Verdict{}, fmt.Errorf("%w %d (this program reads %d)", ErrVersion, v.V, Version)
	}
	switch v.Kind {
	case OK, Invalid, Failed:
	default:
		return Verdict{}, fmt.Errorf("decode verdict of %q: unknown kind %q", v.Service, v.Kind)
	}
	v.Claims = unpack(t.Claims, v.Regions)
	return v, nil
}

// Essence is the encoding of what two verdicts about the same bytes must agree
// on: everything but Worker, Attempt and Micros.
func (v Verdict) Essence() ([]byte, error) {
	v.Worker, v.Attempt, v.Micros = "", 0, 0
	return v.Encode()
}

// traveller is a verdict as it is sent. Of its claims, most of what is in it, what
// recurs is left out.
type traveller struct {
	Verdict
	Claims []packedClaim `json:"claims,omitempty"`
}

// packedClaim is what several joins read alike.
type packedClaim struct {
	Joins   []string  `json:"joins"`
	Role    Role      `json:"role"`
	Key     string    `json:"key"`
	Regions *[]string `json:"regions,omitempty"` // those of the decision if left out
	File    *string   `json:"file,omitempty"`    // that of the claim before if left out
	Line    int       `json:"line,omitempty"`
	Column  int       `json:"column,omitempty"`
	Path    string    `json:"path,omitempty"`
}

// alike is what the claims have in common that are packed into one.
type alike struct {
	Role
	Key string
	Place
	regions string
}

// pack puts claims that differ in their join alone into one, in the order of the
// first of each.
func pack(claims []Claim, regions []string) []packedClaim {
	var packed []packedClaim
	places, file := make(map[alike]int, len(claims)), ""
	for _, c := range claims {
		p := packedClaim{Joins: []string{c.Join}, Role: c.Role, Key: c.Key, Line: c.Line, Column: c.Column, Path: c.Path}
		is := alike{Role: c.Role, Key: c.Key, Place: c.Place}
		if !slices.Equal(c.Regions, regions) {
			own := append([]string{}, c.Regions...) // never null, which would mean left out
			p.Regions, is.regions = &own, strings.Join(own, "\x00")+"\x00"
		}
		if i, ok := places[is]; ok {
			packed[i].Joins = append(packed[i].Joins, c.Join)
			continue
		}
		if c.File != file {
			p.File, file = &c.File, c.File
		}
		places[is] = len(packed)
		packed = append(packed, p)
	}
	return packed
}

// unpack gives the claims that were packed, in the order that Settle gives them.
func unpack(packed []packedClaim, regions []string) []Claim {
	var claims []Claim
	file := ""
	for _, p := range packed {
		c := Claim{Role: p.Role, Key: p.Key, Regions: regions, Place: Place{Line: p.Line, Column: p.Column, Path: p.Path}}
		if p.Regions != nil {
			c.Regions = *p.Regions
		}
		if p.File != nil {
			file = *p.File
		}
		c.File = file
		for _, c.Join = range p.Joins {
			claims = append(claims, c)
		}
	}
	slices.SortFunc(claims, Claim.Compare)
	return claims
}
