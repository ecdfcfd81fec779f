package verdict

import (
	"encoding/json"
	"errors"
	"fmt"

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
	return json.Marshal(wireVerdict{Verdict: v, Claims: pack(v.Claims, v.Regions)})
}

// EncodeBoth are Encode's and Essence's in one: the body is the essence with what
// differs from worker to worker in front of it.
func (v Verdict) EncodeBoth() (body, essence []byte, err error) {
	if essence, err = v.Canonical(); err != nil {
		return nil, nil, err
	}
	head, err := json.Marshal(wireOrigin{v.Worker, v.Attempt, v.Micros})
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

// wireOrigin is what Essence leaves out, as it stands in a Verdict.
type wireOrigin struct {
	Worker  string `json:"worker,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Micros  int64  `json:"micros,omitempty"`
}

// Decode reads what Encode wrote. It checks the version and the kind. One enqueuer
// decodes what all workers encode: the reader is the one that costs less.
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

// Canonical is the encoding of what two verdicts about the same bytes must agree
// on: everything but Worker, Attempt and Micros.
func (v Verdict) Canonical() ([]byte, error) {
	v.Worker, v.Attempt, v.Micros = "", 0, 0
	return v.Encode()
}

// wireVerdict is a verdict as it is sent, with its claims packed.
type wireVerdict struct {
	Verdict
	Claims []string `json:"claims,omitempty"`
}
