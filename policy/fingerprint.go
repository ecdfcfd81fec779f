package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// fingerprintEpoch is part of every fingerprint. Another one makes all baselines void.
const fingerprintEpoch = "muster.fingerprint/1"

// fingerprinter gives the findings of one unit their fingerprints. Findings that do not
// differ in what a fingerprint is made of are told apart by their number, in the order in
// which they are given.
type fingerprinter struct {
	unit id.Unit
	seen map[base]int
}

// of is the fingerprint of one more finding: of its rule, its unit, its file inside the unit
// and its path with names, and its identity; never of lines and messages. It is 32 hexadecimal
// digits.
func (p *fingerprinter) of(rule string, f verdict.Finding, folder string) string {
	b := baseOf(rule, p.unit, f, folder)
	if p.seen == nil {
		p.seen = map[base]int{}
	}
	p.seen[b]++
	return b.numbered(p.seen[b])
}

// base is what several findings have in common that do not differ in what a fingerprint is made
// of.
type base [sha256.Size]byte

func baseOf(rule string, unit id.Unit, f verdict.Finding, folder string) (b base) {
	h := sha256.New()
	part(h, fingerprintEpoch)
	part(h, rule)
	part(h, string(unit))
	part(h, strings.TrimPrefix(f.File, folder+"/"))
	part(h, withoutNumbers(cmp.Or(f.Named, f.Path)))
	part(h, f.Identity)
	h.Sum(b[:0])
	return b
}

// numbered is the fingerprint of the n-th of the findings, from 1.
func (b base) numbered(n int) string {
	if n > 1 {
		b = sha256.Sum256(binary.BigEndian.AppendUint64(b[:], uint64(n)))
	}
	return hex.EncodeToString(b[:16])
}

// part writes a text with its length in front, so that no two lists of parts are the same
// bytes.
func part(h hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	h.Write(n[:])
	h.Write([]byte(s))
}

// withoutNumbers takes the numbers of list items out of a YAML path: what is inserted above
// an item changes its number.
func withoutNumbers(path string) string {
	var b strings.Builder
	for {
		before, behind, found := strings.Cut(path, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := strings.TrimLeft(behind, "0123456789")
		if len(digits) < len(behind) && strings.HasPrefix(digits, "]") {
			behind = digits
		}
		b.WriteByte('[')
		path = behind
	}
}
