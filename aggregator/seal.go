package aggregator

import (
	"encoding/binary"
	"hash/maphash"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
)

// fingerprint is a fingerprint of what two verdicts about the same bytes agree on: of
// everything but Worker, Attempt and Micros. A verdict that was encoded and decoded
// on its way has the seal that it had before.
func (f *Fold) fingerprint(v *verdict.Verdict) uint64 {
	e := canonical(f.canonical[:0])
	e.texts(v.Unit, v.Digest, v.Shared, v.Checker, v.Engine, string(v.Kind), v.Cause, string(v.Skipped))
	e.list(v.Regions)
	e.number(len(v.Findings))
	for i := range v.Findings {
		e.finding(&v.Findings[i])
	}
	e.number(len(v.Claims))
	for i := range v.Claims {
		e.claim(&v.Claims[i])
	}
	f.canonical = e
	return maphash.Bytes(f.seed, e)
}

// canonical is a sequence of numbers and of texts with their lengths: no two
// sequences of fields have the same bytes.
type canonical []byte

func (e *canonical) number(n int) { *e = binary.AppendVarint(*e, int64(n)) }

// text adds a text as JSON carries it: a byte that is not UTF-8 becomes U+FFFD.
func (e *canonical) text(s string) {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	e.number(len(s))
	*e = append(*e, s...)
}

func (e *canonical) texts(list ...string) {
	for _, s := range list {
		e.text(s)
	}
}

func (e *canonical) list(list []string) {
	e.number(len(list))
	e.texts(list...)
}

func (e *canonical) place(p *verdict.Place) {
	e.texts(p.File, p.Path)
	e.number(p.Line)
	e.number(p.Column)
}

func (e *canonical) finding(f *verdict.Finding) {
	e.texts(f.Rule, f.Name, string(f.Severity), f.Message, f.Help)
	e.place(&f.Place)
	e.list(f.Regions)
}

func (e *canonical) claim(c *verdict.Claim) {
	e.texts(c.Join, string(c.Role), c.Key)
	e.place(&c.Place)
	e.list(c.Regions)
}
