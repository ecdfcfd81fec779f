package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// MostBytes is how large the encoding of a policy may be: it travels with a run.
const MostBytes = 16 << 20

// Encode is what travels of a policy, nil if there is nothing: whoever reports a run that another
// process has started judges it by the same one. How strict he is with it is his own.
func (p Policy) Encode() ([]byte, error) {
	text, err := json.Marshal(p)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encode the policy: %w", err)
	case string(text) == "{}":
		return nil, nil
	case len(text) > MostBytes:
		return nil, fmt.Errorf("the policy has %d bytes, and a run carries %d at most: make the baseline smaller, by mending what is in it or by hiding with one entry of ignore what has one cause", len(text), MostBytes)
	}
	return text, nil
}

// Decode reads what Encode has written. What it does not know is an error: to judge by a part of
// a policy is to judge by another one.
func Decode(text []byte) (p Policy, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err = d.Decode(&p); err == nil && d.More() {
		err = errors.New("something stands behind it")
	}
	if err != nil {
		return Policy{}, fmt.Errorf("read the policy of the run: %w: bring this program to the version that started the run", err)
	}
	return p, nil
}
