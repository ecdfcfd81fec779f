package verdict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	fastjson "github.com/go-json-experiment/json"
)

// Version is the version of the wire format that Encode writes.
const Version = 1

// ErrVersion is wrapped by Decode for a verdict of a version that this program does not
// read.
var ErrVersion = errors.New("unknown verdict version")

// Encode makes the wire form.
func (v Verdict) Encode() ([]byte, error) {
	v.V = Version
	return json.Marshal(wireVerdict{Verdict: v, Claims: pack(v.Claims, v.Regions)})
}

// EncodeBoth is Encode and Fingerprint in one. The body is the canonical form, with the
// fields that differ from worker to worker in front of it.
func (v Verdict) EncodeBoth() (body []byte, f Fingerprint, err error) {
	canonical, err := v.Canonical()
	if err != nil {
		return nil, f, err
	}
	head, err := json.Marshal(wireOrigin{v.Worker, v.Attempt, v.Micros})
	if err != nil {
		return nil, f, err
	}
	if len(head) == len("{}") {
		return canonical, fingerprintOf(canonical), nil
	}
	body = make([]byte, 0, len(head)+len(canonical))
	body = append(append(body, head[:len(head)-1]...), ',')
	return append(body, canonical[1:]...), fingerprintOf(canonical), nil
}

// wireOrigin has the fields that Canonical leaves out, as they stand in a Verdict.
type wireOrigin struct {
	Worker  string `json:"worker,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Micros  int64  `json:"micros,omitempty"`
}

// Decode reads what Encode wrote, and checks the version and the kind. It uses the faster
// of two JSON readers, because one enqueuer decodes what all workers encode.
func Decode(b []byte) (Verdict, error) {
	var t wireVerdict
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
		return Verdict{}, fmt.Errorf("decode verdict of %q: unknown kind %q", v.Unit, v.Kind)
	}
	var err error
	if v.Claims, err = unpack(t.Claims, v.Regions); err != nil {
		return Verdict{}, fmt.Errorf("decode verdict of %q: %w", v.Unit, err)
	}
	return v, nil
}

// Canonical makes the canonical form: the encoding of what two verdicts about the same
// bytes must agree on, which is everything but Worker, Attempt and Micros.
func (v Verdict) Canonical() ([]byte, error) {
	v.Worker, v.Attempt, v.Micros = "", 0, 0
	b, err := v.Encode()
	if err != nil || !bytes.Contains(b, escapedInvalid) {
		return b, err
	}
	// JSON writes a byte that is not UTF-8 as an escape. A reader makes a letter of the
	// escape, and JSON writes that letter as it is. The canonical form is that of the
	// verdict as it arrives.
	if arrived, err := Decode(b); err == nil {
		return arrived.Encode()
	}
	return b, nil
}

var escapedInvalid = []byte(`\ufffd`)

// wireVerdict is a verdict as it is sent, with its claims packed.
type wireVerdict struct {
	Verdict
	Claims []string `json:"claims,omitempty"`
}
