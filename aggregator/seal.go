package aggregator

import (
	"encoding/binary"
	"hash/maphash"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
)

// seal is a fingerprint of what two verdicts about the same bytes agree on: of
// everything but Worker, Attempt and Micros. A verdict that was encoded and decoded
// on its way has the seal that it had before.
func (f *Fold) seal(v *verdict.Verdict) uint64 {
	e := essence(f.essence[:0])
	e.texts(v.Service, v.Digest, v.Shared, v.Checker, v.Engine, string(v.Kind), v.Cause, string(v.Standing))
	e.list(v.Regions)
	e.number(len(v.Findings))
	for i := range v.Findings {
		e.finding(&v.Findings[i])
	}
	e.number(len(v.Claims))
	for i := range v.Claims {
		e.claim(&v.Claims[i])
	}
	f.essence = e
	return maphash.Bytes(f.seed, e)
}

// essence is a sequence of numbers and of texts with their lengths: no two
// sequences of fields have the same bytes.
type essence []byte

func (e *essence) number(n int) { *e = binary.AppendVarint(*e, int64(n)) }

// text adds a text as JSON carries it: a byte that is not UTF-8 becomes U+FFFD.
func (e *essence) text(s string) {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	e.number(len(s))
	*e = append(*e, s...)
}

func (e *essence) texts(list ...string) {
	for _, s := range list {
		e.text(s)
	}
}

func (e *essence) list(list []string) {
	e.number(len(list))
	e.texts(list...)
}

func (e *essence) place(p *verdict.Place) {
	e.texts(p.File, p.Path)
	e.number(p.Line)
	e.number(p.Column)
}

func (e *essence) finding(f *verdict.Finding) {
	e.texts(f.Rule, f.Name, string(f.Severity), f.Message, f.Help)
	e.place(&f.Place)
	e.list(f.Regions)
}

func (e *essence) claim(c *verdict.Claim) {
	e.texts(c.Join, string(c.Role), c.Key)
	e.place(&c.Place)
	e.list(c.Regions)
}
