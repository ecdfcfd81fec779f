package declared

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Encode is the section in its canonical form: equal sections give equal bytes.
func (s Section) Encode() []byte {
	if s.At == nil {
		s.At = []string{}
	}
	if s.Checks == nil {
		s.Checks = []Check{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("declared: " + err.Error()) // texts and lists of them have a form
	}
	return b.Bytes()
}

// DecodeSection reads what Encode writes. A key that it does not know is an error: what a
// newer program asks for must not be left out in silence.
func DecodeSection(data []byte) (Section, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var s Section
	if err := d.Decode(&s); err != nil {
		return Section{}, fmt.Errorf("read the section of a kind: %w: the enqueuer may be of another version", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Section{}, errors.New("read the section of a kind: there is more behind it")
	}
	return s, nil
}
