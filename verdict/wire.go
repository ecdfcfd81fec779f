package verdict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	fastjson "github.com/go-json-experiment/json"

	"github.com/seed306eabeb/muster/id"
)

// Version is the newest version of the wire format. Version 1 has room for one check, whose
// failure it calls the cause, and knows neither paths, names and identities,
// related places, marks, owners nor impure checks. Version 2 says all. Both are read.
const (
	Version = 2
	oldest  = 1
)

// ErrVersion is wrapped by Decode for a verdict of a version that this program does not
// read.
var ErrVersion = errors.New("unknown verdict version")

// Accepted is the version in which a verdict is sent to who reads all versions up to one;
// 0 stands for the oldest, as programs say it that know no other.
func Accepted(upTo int) int { return min(max(upTo, oldest), Version) }

// Encode makes the wire form of a version. Version 1 leaves out what it has no words for,
// none of which makes an err of a unit or takes one back; a verdict of several checks is an
// error there.
func (v Verdict) Encode(version int) ([]byte, error) {
	if err := v.fit(version); err != nil {
		return nil, err
	}
	return v.form(version, v.origin())
}

// EncodeBoth is Encode and Fingerprint in one, in the oldest version that has words for the
// verdict and in none above upTo. The fingerprint is that of the verdict as it arrives. The
// fields that differ from worker to worker stand in front of the others.
func (v Verdict) EncodeBoth(upTo int) (body []byte, f Fingerprint, err error) {
	if err := v.fit(upTo); err != nil {
		return nil, f, err
	}
	from := v.origin()
	canonical, err := v.settle()
	if err != nil {
		return nil, f, err
	}
	if v.least() == oldest {
		from.Path = "" // it has no words for it
	}
	head, err := json.Marshal(from)
	if err != nil {
		return nil, f, err
	}
	return join(head, canonical), fingerprintOf(canonical), nil
}

// Canonical makes the canonical form: the encoding of what two verdicts about the same
// bytes must agree on, which is everything but Path, Worker, Attempt and Micros. It is in
// version 1 if that has words for all of it, whatever version the verdict came in: so a
// verdict is the same for all programs that can read it.
func (v Verdict) Canonical() ([]byte, error) { return v.settle() }

// settle makes the canonical form. JSON writes a byte that is not UTF-8 as an escape. A
// reader makes a letter of the escape, and JSON writes that letter as it is: such a verdict
// is replaced by what arrives of it.
func (v *Verdict) settle() ([]byte, error) {
	canonical, err := v.form(v.least(), origin{})
	if err != nil || !bytes.Contains(canonical, escapedInvalid) {
		return canonical, err
	}
	arrived, err := Decode(canonical)
	if err != nil { // nobody can read it
		return canonical, nil
	}
	*v = arrived
	return v.form(v.least(), origin{})
}

var escapedInvalid = []byte(`\ufffd`)

// least is the oldest version that has words for all that v says.
func (v *Verdict) least() int {
	if len(v.Parts) != 1 {
		return Version
	}
	p := &v.Parts[0]
	if v.Kind != Failed && p.Failure != "" || len(p.Marks) > 0 || p.Owner != "" || p.Impure || slices.ContainsFunc(p.Findings, beyondOldest) {
		return Version
	}
	return oldest
}

// beyondOldest says whether version 1 has no words for a part of a finding.
func beyondOldest(f Finding) bool { return len(f.Related) > 0 || f.Named != "" || f.Identity != "" }

// fit takes out of v what a version has no words for.
func (v *Verdict) fit(version int) error {
	switch {
	case len(v.Parts) == 0:
		return fmt.Errorf("encode the verdict of %q: it has no part", v.Unit)
	case version == Version:
		return nil
	case version != oldest:
		return fmt.Errorf("encode the verdict of %q: %w %d (this program writes %d and %d)", v.Unit, ErrVersion, version, oldest, Version)
	case len(v.Parts) != 1:
		return fmt.Errorf("encode the verdict of %q: version %d has room for one check, and %d have decided", v.Unit, version, len(v.Parts))
	}
	v.Path = ""
	p := v.Parts[0]
	if p.Failure != "" {
		v.Kind = Failed
	}
	p.Marks, p.Owner, p.Impure = nil, "", false
	if slices.ContainsFunc(p.Findings, beyondOldest) {
		p.Findings = slices.Clone(p.Findings)
		for i := range p.Findings {
			f := &p.Findings[i]
			f.Related, f.Named, f.Identity = nil, "", ""
		}
		p.Findings = SortFindings(p.Findings)
	}
	v.Parts = []Part{p}
	return nil
}

// origin has the fields that Canonical leaves out.
type origin struct {
	Path    string `json:"path,omitempty"`
	Worker  string `json:"worker,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Micros  int64  `json:"micros,omitempty"`
}

func (v *Verdict) origin() origin { return origin{v.Path, v.Worker, v.Attempt, v.Micros} }

// headV1 is a verdict of version 1 without the decision, whose fields follow.
type headV1 struct {
	V       int       `json:"v"`
	Unit    id.Unit   `json:"service"`
	Digest  id.Digest `json:"digest"`
	Shared  id.Digest `json:"shared"`
	Check   string    `json:"checker"`
	Engine  string    `json:"engine"`
	Kind    Kind      `json:"kind"`
	Failure string    `json:"cause,omitempty"`
	origin
}

// headV2 is a verdict of version 2 without its parts, which follow.
type headV2 struct {
	V      int       `json:"v"`
	Unit   id.Unit   `json:"service"`
	Digest id.Digest `json:"digest"`
	Shared id.Digest `json:"shared"`
	Kind   Kind      `json:"kind"`
	origin
}

// headPart is a part of version 2 without the decision, whose fields follow.
type headPart struct {
	Check   string `json:"check"`
	Engine  string `json:"engine"`
	Failure string `json:"failure,omitempty"`
}

// wireDecision is a decision as it is sent, with its claims packed.
type wireDecision struct {
	Decision
	Claims []string `json:"claims,omitempty"`
}

// form encodes v in a version, of which fit has made it.
func (v *Verdict) form(version int, from origin) ([]byte, error) {
	if version == oldest {
		return json.Marshal(&struct {
			headV1
			wireDecision
		}{v.headV1(from), wireOf(&v.Parts[0])})
	}
	decisions := make([][]byte, len(v.Parts))
	for i := range v.Parts {
		w := wireOf(&v.Parts[i])
		d, err := json.Marshal(&w)
		if err != nil {
			return nil, err
		}
		decisions[i] = d[len("{"):]
	}
	return v.formV2(decisions, from)
}

// formV2 makes the form of version 2, given the encoded decisions without the brackets that
// they begin with.
func (v *Verdict) formV2(decisions [][]byte, from origin) ([]byte, error) {
	all, err := json.Marshal(&headV2{Version, v.Unit, v.Digest, v.Shared, v.Kind, from})
	if err != nil {
		return nil, err
	}
	room := len(all)
	for _, d := range decisions {
		room += len(d) + 256
	}
	all = append(append(make([]byte, 0, room), all[:len(all)-1]...), `,"parts":[`...)
	for i, d := range decisions {
		p := &v.Parts[i]
		head, err := json.Marshal(&headPart{p.Check, p.Engine, p.Failure})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			all = append(all, ',')
		}
		all = append(append(append(all, head[:len(head)-1]...), ','), d...)
	}
	return append(all, "]}"...), nil
}

func (v *Verdict) headV1(from origin) headV1 {
	p := &v.Parts[0]
	return headV1{oldest, v.Unit, v.Digest, v.Shared, p.Check, p.Engine, v.Kind, p.Failure, from}
}

func wireOf(p *Part) wireDecision {
	return wireDecision{Decision: p.Decision, Claims: pack(p.Claims, p.Regions)}
}

// join makes one object of two, of which the second is not empty.
func join(a, b []byte) []byte {
	if len(a) <= len("{}") {
		return b
	}
	all := make([]byte, 0, len(a)+len(b))
	all = append(append(all, a[:len(a)-1]...), ',')
	return append(all, b[1:]...)
}

// wireVerdict is a verdict as it arrives, in either version.
type wireVerdict struct {
	headV1
	wireDecision
	Parts []wirePart `json:"parts"`
}

type wirePart struct {
	headPart
	wireDecision
}

// Decode reads what Encode wrote, and checks the version, the kind and the parts. It uses the
// faster of two JSON readers, because one enqueuer decodes what all workers encode.
func Decode(b []byte) (Verdict, error) {
	var w wireVerdict
	if err := fastjson.Unmarshal(b, &w); err != nil {
		return Verdict{}, fmt.Errorf("decode verdict: %w", err)
	}
	v := Verdict{V: w.V, Subject: Subject{Unit: w.Unit, Path: w.Path, Digest: w.Digest, Shared: w.Shared}, Kind: w.Kind,
		Worker: w.Worker, Attempt: w.Attempt, Micros: w.Micros}
	sent := w.Parts
	switch v.V {
	case oldest:
		v.Path = ""
		sent = []wirePart{{headPart{w.Check, w.Engine, w.Failure}, w.wireDecision}}
		if v.Kind != Failed {
			sent[0].Failure = ""
		}
	case Version:
	default:
		return Verdict{}, fmt.Errorf("%w %d (this program reads %d and %d)", ErrVersion, v.V, oldest, Version)
	}
	switch v.Kind {
	case OK, Invalid, Failed:
	default:
		return Verdict{}, fmt.Errorf("decode verdict of %q: unknown kind %q", v.Unit, v.Kind)
	}
	var err error
	if v.Parts, err = partsOf(sent); err != nil {
		return Verdict{}, fmt.Errorf("decode verdict of %q: %w", v.Unit, err)
	}
	v.Cause = causeOf(v.Parts)
	return v, nil
}

// partsOf unpacks parts, and checks that they are in order.
func partsOf(sent []wirePart) ([]Part, error) {
	if len(sent) == 0 {
		return nil, errors.New("it has no part")
	}
	parts := make([]Part, len(sent))
	for i := range sent {
		s, p := &sent[i], &parts[i]
		p.Check, p.Engine, p.Failure, p.Decision = s.Check, s.Engine, s.Failure, s.Decision
		if i > 0 && strings.Compare(sent[i-1].Check, s.Check) >= 0 {
			return nil, fmt.Errorf("the part of %q stands behind that of %q", s.Check, sent[i-1].Check)
		}
		var err error
		if p.Claims, err = unpack(s.wireDecision.Claims, p.Regions); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// EncodeDecision makes the wire form of a decision alone. arrives is false where a reader would
// not get what d says, because a text in it is not UTF-8.
func EncodeDecision(d Decision) (body []byte, arrives bool, err error) {
	w := wireOf(&Part{Decision: d})
	body, err = json.Marshal(&w)
	return body, !bytes.Contains(body, escapedInvalid), err
}

// FingerprintOf is the fingerprint of a verdict none of whose parts has failed, given what EncodeDecision
// made of the decision of each: nothing of that is encoded again.
func FingerprintOf(v Verdict, decisions []string) Fingerprint {
	buffer := canonicals.Get().(*[]byte)
	defer canonicals.Put(buffer)
	text := (*buffer)[:0]
	if v.least() == oldest {
		text = v.headV1(origin{}).append(text)
		text = append(append(text, ','), decisions[0][len("{"):]...)
	} else {
		text = v.appendV2(text, decisions)
	}
	if *buffer = text; cap(text) > mostCanonical {
		*buffer = nil
	}
	return fingerprintOf(text)
}

// canonicals have the canonical forms that are made for their digest alone, of which some room is kept.
var canonicals = sync.Pool{New: func() any { return new([]byte) }}

const mostCanonical = 64 << 10

// append writes the form without its last bracket, as JSON has it where there is no failure and no origin.
func (h headV1) append(to []byte) []byte {
	to = append(to, `{"v":1`...)
	to = appendMember(to, "service", string(h.Unit))
	to = appendMember(to, "digest", string(h.Digest))
	to = appendMember(to, "shared", string(h.Shared))
	to = appendMember(to, "checker", h.Check)
	to = appendMember(to, "engine", h.Engine)
	return appendMember(to, "kind", string(h.Kind))
}

// appendV2 is formV2 where there is no failure and no origin.
func (v *Verdict) appendV2(to []byte, decisions []string) []byte {
	to = append(to, `{"v":2`...)
	to = appendMember(to, "service", string(v.Unit))
	to = appendMember(to, "digest", string(v.Digest))
	to = appendMember(to, "shared", string(v.Shared))
	to = appendMember(to, "kind", string(v.Kind))
	to = append(to, `,"parts":[`...)
	for i, d := range decisions {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendQuoted(append(to, `{"check":`...), v.Parts[i].Check), `,"engine":`...)
		to = append(append(appendQuoted(to, v.Parts[i].Engine), ','), d[len("{"):]...)
	}
	return append(to, "]}"...)
}

// appendMember writes a text behind other members of an object.
func appendMember(to []byte, name, text string) []byte {
	to = append(append(append(to, ',', '"'), name...), '"', ':')
	return appendQuoted(to, text)
}

// appendQuoted writes a text as encoding/json does.
func appendQuoted(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // of which a text is always capable
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// DecodeDecision reads what EncodeDecision wrote. The texts of the decision are parts of body.
func DecodeDecision(body string) (Decision, error) {
	if d, ok := plainDecision(body); ok {
		return d, nil
	}
	return anyDecision(body)
}

// anyDecision is DecodeDecision of whatever form.
func anyDecision(body string) (Decision, error) {
	var w wireDecision
	err := fastjson.Unmarshal([]byte(body), &w)
	if err == nil {
		w.Decision.Claims, err = unpack(w.Claims, w.Regions)
	}
	if err != nil {
		return Decision{}, fmt.Errorf("decode decision: %w", err)
	}
	return w.Decision, nil
}
