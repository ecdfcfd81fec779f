package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
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

// Hits are pointers in the form in which followers get them, which is made once and lies in one piece.
type Hits struct {
	pointers []Pointer
	body     []byte
	ends     []int // of each pointer in the body
}

// HitsOf makes the form of pointers, which must not be changed any more.
func HitsOf(pointers []Pointer) Hits {
	room := 0
	for i := range pointers {
		room += pointers[i].size()
	}
	h := Hits{pointers, make([]byte, 0, room), make([]int, len(pointers))}
	for i := range pointers {
		h.body = pointers[i].append(h.body)
		h.ends[i] = len(h.body)
	}
	return h
}

// Body is that of the event that tells the hits.
func (h Hits) Body() []byte { return h.body }

// MaxHits bounds the pointers of one Hit: a longer script would keep other clients of the Redis
// waiting.
const MaxHits = 512

// cached is the delivery of a verdict that no worker of the run has made.
const cached id.Delivery = "cache"

// Hit notes that units have the verdicts that pointers lead to, at most MaxHits of listed ones and in one
// round trip, and says for each what became of it: Recorded, Decided for a unit that has another verdict,
// Stale for one that the run expects with other bytes or does not know, or Ended. Followers get the pointers
// as one event. Saying it again changes nothing.
func (o *Owner) Hit(ctx context.Context, hits Hits) ([]Answer, error) {
	return o.ledger.Hit(ctx, o.Header, hits)
}

// List is AddExpected of units, and Hit of others, which it records as expected as well: at most MaxHits together, in
// one round trip.
func (o *Owner) List(ctx context.Context, units []id.Unit, hits Hits) ([]Answer, error) {
	if len(hits.pointers) == 0 {
		return nil, o.AddExpected(ctx, units)
	}
	args := make([]any, 0, 3+len(units)+6*len(hits.pointers))
	args = append(args, o.Header.Generation, o.ledger.seconds(), len(units))
	for i := range units {
		args = append(args, (*string)(&units[i]))
	}
	return o.ledger.hit(ctx, o.run, args, hits)
}

// Hit is Owner.Hit for anyone who has been told of the pointers in a run, and says them again to a Redis
// that may have forgotten.
func (l *Ledger) Hit(ctx context.Context, h Header, hits Hits) ([]Answer, error) {
	if len(hits.pointers) == 0 {
		return nil, nil
	}
	args := make([]any, 0, 3+6*len(hits.pointers))
	return l.hit(ctx, h.ID, append(args, h.Generation, l.seconds(), ""), hits)
}

// hit runs hitScript, of whose arguments those in front of the hits are given.
func (l *Ledger) hit(ctx context.Context, run id.Run, args []any, hits Hits) ([]Answer, error) {
	k, n := keysOf(run), len(hits.pointers)
	words, err := answers(hitScript.Run(ctx, l.plain, []string{k.run, k.expect, k.decided, k.begun, k.events, k.kinds}, hits.appendArgs(args)...), n)
	if err == nil && len(words) > 0 {
		if err = Answer(words[0]).refusal(); words[0] == string(Sealed) {
			err = ErrSealed
		}
	}
	if err != nil {
		return nil, fmt.Errorf("note the kept verdicts of %q and %d more in run %s: %w", hits.pointers[0].Unit, n-1, run, err)
	}
	all := make([]Answer, n)
	for i, w := range words {
		all[i] = Answer(w)
	}
	return all, nil
}

// appendArgs appends what hitScript is told: six arguments for each pointer, and no text of its own for any of them.
func (h Hits) appendArgs(args []any) []any {
	counts := map[verdict.Kind]*string{}
	marks, from := make([]string, len(h.pointers)), 0
	var text strings.Builder
	text.Grow(usualMark * len(h.pointers))
	for i := range h.pointers {
		p := &h.pointers[i]
		count := counts[p.Kind]
		if count == nil {
			name := kindPrefix + string(p.Kind)
			count = &name
			counts[p.Kind] = count
		}
		marks[i] = p.mark(&text, *count)
		args = append(args, (*string)(&p.Unit), (*string)(&p.Digest), &p.Of, &marks[i], count, h.body[from:h.ends[i]:h.ends[i]])
		from = h.ends[i]
	}
	return args
}

// usualMark is the room that most marks need, in bytes.
const usualMark = 48

// mark is what the run keeps of the verdict: its fingerprint, in which count it is, and who delivered it. It
// is written behind others.
func (p *Pointer) mark(to *strings.Builder, count string) string {
	var print [2 * len(p.Fingerprint)]byte
	hex.Encode(print[:], p.Fingerprint[:])
	from := to.Len()
	to.Write(print[:])
	for _, word := range []string{count, string(cached)} {
		to.WriteByte(' ')
		to.WriteString(word)
	}
	return to.String()[from:]
}

// size is at least how many bytes append writes, and for most pointers exactly that.
func (p *Pointer) size() int {
	n := textSize(string(p.Unit)) + digestSize(p.Digest) + textSize(p.Of) + textSize(string(p.Kind)) + len(p.Fingerprint) + numberSize(len(p.Parts))
	for i := range p.Parts {
		part := &p.Parts[i]
		n += textSize(part.Domain) + len(part.Key) + digestSize(part.Content)
	}
	return n
}

func textSize(text string) int { return numberSize(len(text)) + len(text) }

func digestSize(d id.Digest) int {
	if len(d) == 2*sha256.Size {
		return 1 + sha256.Size
	}
	return numberSize(2*len(d)+1) + len(d)
}

func numberSize(n int) int { return max(1, (bits.Len(uint(n))+6)/7) }

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
