package ledger

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Pointer is a unit whose verdict was made before the run, and says where what its checks have
// decided is kept. The run has no task for it.
type Pointer struct {
	Unit        id.Unit
	Digest      id.Digest // of the unit's bundle
	Of          string    // the unit's kind, "" where the plan has none
	Kind        verdict.Kind
	Fingerprint verdict.Fingerprint
	Parts       []Kept // of each check, by the checks' names
}

// Kept is where a decision is kept.
type Kept struct {
	Domain string
	Key    [32]byte
	// Content names the files that the check reads, "" where these are all of the unit.
	Content id.Digest
}

// MaxHits bounds the pointers of one Hit: a longer script would keep other clients of the Redis
// waiting.
const MaxHits = 512

// cached is the delivery of a verdict that no worker of the run has made.
const cached id.Delivery = "cache"

// Hit notes that units have the verdicts that pointers lead to, at most MaxHits of listed ones and in one
// round trip, and says for each what became of it: Recorded, Decided for a unit that has another verdict,
// Stale for one that the run expects with other bytes or does not know, or Ended. Followers get the pointers
// as one event. Saying it again changes nothing.
func (o *Owner) Hit(ctx context.Context, hits []Pointer) ([]Answer, error) {
	return o.ledger.Hit(ctx, o.Header, hits)
}

// List is AddExpected of units, and Hit of others, which it records as expected as well: at most MaxHits together, in
// one round trip.
func (o *Owner) List(ctx context.Context, units []id.Unit, hits []Pointer) ([]Answer, error) {
	if len(hits) == 0 {
		return nil, o.AddExpected(ctx, units)
	}
	args := make([]any, 0, 3+len(units)+6*len(hits))
	args = append(args, o.Header.Generation, o.ledger.seconds(), len(units))
	for _, u := range units {
		args = append(args, string(u))
	}
	return o.ledger.hit(ctx, o.run, args, hits)
}

// Hit is Owner.Hit for anyone who has been told of the pointers in a run, and says them again to a Redis
// that may have forgotten.
func (l *Ledger) Hit(ctx context.Context, h Header, hits []Pointer) ([]Answer, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	args := make([]any, 0, 3+6*len(hits))
	return l.hit(ctx, h.ID, append(args, h.Generation, l.seconds(), ""), hits)
}

// hit runs hitScript, of whose arguments those in front of the hits are given.
func (l *Ledger) hit(ctx context.Context, run id.Run, args []any, hits []Pointer) ([]Answer, error) {
	k := keysOf(run)
	words, err := answers(hitScript.Run(ctx, l.plain, []string{k.run, k.expect, k.decided, k.begun, k.events, k.kinds}, appendHits(args, hits)...), len(hits))
	if err == nil && len(words) > 0 {
		if err = Answer(words[0]).refusal(); words[0] == string(Sealed) {
			err = ErrSealed
		}
	}
	if err != nil {
		return nil, fmt.Errorf("note the kept verdicts of %q and %d more in run %s: %w", hits[0].Unit, len(hits)-1, run, err)
	}
	all := make([]Answer, len(hits))
	for i, w := range words {
		all[i] = Answer(w)
	}
	return all, nil
}

// appendHits appends what hitScript is told of hits.
func appendHits(args []any, hits []Pointer) []any {
	bodies := make([]byte, 0, usualPointer*len(hits))
	counts := map[verdict.Kind]string{}
	for i := range hits {
		p := &hits[i]
		count, known := counts[p.Kind]
		if !known {
			count = kindPrefix + string(p.Kind)
			counts[p.Kind] = count
		}
		from := len(bodies)
		bodies = p.append(bodies)
		mark := p.Fingerprint.String() + " " + count + " " + string(cached)
		args = append(args, string(p.Unit), string(p.Digest), p.Of, mark, count, bodies[from:len(bodies):len(bodies)])
	}
	return args
}

// usualPointer is the room that most pointers need, in bytes.
const usualPointer = 160

// EncodePointers is the body of an event that has these pointers.
func EncodePointers(hits []Pointer) []byte {
	body := make([]byte, 0, usualPointer*len(hits))
	for i := range hits {
		body = hits[i].append(body)
	}
	return body
}

// append writes the form in which followers get a pointer; it ends by itself, so that several are one
// body.
func (p *Pointer) append(to []byte) []byte {
	to = appendText(to, string(p.Unit))
	to = appendDigest(to, p.Digest)
	to = appendText(to, p.Of)
	to = appendText(to, string(p.Kind))
	to = append(to, p.Fingerprint[:]...)
	to = binary.AppendUvarint(to, uint64(len(p.Parts)))
	for i := range p.Parts {
		part := &p.Parts[i]
		to = appendText(to, part.Domain)
		to = append(to, part.Key[:]...)
		to = appendDigest(to, part.Content)
	}
	return to
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// appendDigest writes a digest in half of its room, behind an odd length, and another text as it is.
func appendDigest(to []byte, d id.Digest) []byte {
	from := len(to)
	to = binary.AppendUvarint(to, uint64(len(d)/2)<<1|1)
	raw, err := hex.AppendDecode(to, []byte(d))
	if err == nil && len(d) > 0 && strings.IndexFunc(string(d), unicode.IsUpper) < 0 {
		return raw
	}
	return append(binary.AppendUvarint(to[:from], uint64(len(d))<<1), d...)
}

// Pointers are those of an event of kind VerdictsKept.
func Pointers(e Event) ([]Pointer, error) {
	r := pointerReader{rest: e.Body}
	var all []Pointer
	for len(r.rest) > 0 && r.err == nil {
		p := Pointer{Unit: id.Unit(r.text()), Digest: r.digest(), Of: r.text(), Kind: verdict.Kind(r.text())}
		copy(p.Fingerprint[:], r.take(len(p.Fingerprint)))
		n := r.number()
		for i := uint64(0); i < n && r.err == nil; i++ {
			k := Kept{Domain: r.text()}
			copy(k.Key[:], r.take(len(k.Key)))
			k.Content = r.digest()
			p.Parts = append(p.Parts, k)
		}
		all = append(all, p)
	}
	if r.err != nil {
		return nil, fmt.Errorf("read which verdicts are kept: %w", r.err)
	}
	return all, nil
}

var errShort = errors.New("it ends too early")

// pointerReader reads what Pointer.append wrote, until its first error.
type pointerReader struct {
	rest []byte
	err  error
}

func (r *pointerReader) number() uint64 {
	n, used := binary.Uvarint(r.rest)
	if used <= 0 {
		r.err, r.rest = errShort, nil
		return 0
	}
	r.rest = r.rest[used:]
	return n
}

func (r *pointerReader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.err, r.rest = errShort, nil
		return nil
	}
	some := r.rest[:n]
	r.rest = r.rest[n:]
	return some
}

// length is a number of bytes that may be there.
func (r *pointerReader) length(n uint64) int {
	if n > uint64(len(r.rest)) {
		return -1
	}
	return int(n)
}

func (r *pointerReader) text() string { return string(r.take(r.length(r.number()))) }

func (r *pointerReader) digest() id.Digest {
	n := r.number()
	raw := r.take(r.length(n >> 1))
	if n&1 == 1 {
		return id.Digest(hex.EncodeToString(raw))
	}
	return id.Digest(raw)
}
