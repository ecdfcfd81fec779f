package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// walk goes through a JSON document part by part, so that what stands before the place where it
// breaks off is read.
type walk struct {
	spec Spec
	text []byte
	dec  *json.Decoder
	// mistaken is the first value that is not of the kind that the format has there; the rest of the
	// document is read all the same.
	mistaken error
}

func (s Spec) walk(text []byte) *walk {
	return &walk{spec: s, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
}

// end is the error of a walk that ended with err.
func (w *walk) end(err error) error {
	if err == nil {
		at := int(w.dec.InputOffset())
		if rest := bytes.TrimSpace(w.text[min(at, len(w.text)):]); len(rest) > 0 {
			err = w.spec.at(w.text, at+bytes.IndexByte(w.text[at:], rest[0]), "there is more behind the document")
		}
	}
	if err == nil {
		return w.mistaken
	}
	return err
}

// fault is an error of the decoder, with its place.
func (w *walk) fault(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return w.spec.at(w.text, len(w.text), "it ends in the middle of the document")
	case errors.As(err, &syntax):
		return w.spec.at(w.text, int(syntax.Offset)-1, "%s", strings.TrimPrefix(syntax.Error(), "json: "))
	}
	return w.spec.at(w.text, int(w.dec.InputOffset()), "%s", strings.TrimPrefix(err.Error(), "json: "))
}

// object calls each for the keys of an object; each reads the value. null is one without keys.
func (w *walk) object(what string, each func(key string) error) error {
	return w.inside('{', what, func() error {
		key, err := w.dec.Token()
		if err != nil {
			return w.fault(err)
		}
		return each(key.(string)) // the decoder lets nothing else be a key
	})
}

// array calls each for the elements of an array; each reads the element. null is one without elements.
func (w *walk) array(what string, each func() error) error { return w.inside('[', what, each) }

func (w *walk) inside(opening json.Delim, what string, each func() error) error {
	at := int(w.dec.InputOffset())
	token, err := w.dec.Token()
	switch {
	case err != nil:
		return w.fault(err)
	case token == nil:
		return nil
	case token != opening:
		kind := map[json.Delim]string{'{': "an object", '[': "a list"}[opening]
		return w.spec.at(w.text, at, "%s is not %s", what, kind)
	}
	for w.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	if _, err = w.dec.Token(); err != nil {
		return w.fault(err)
	}
	return nil
}

// value reads one value. One of another kind leaves what could be read of it.
func (w *walk) value(v any) error {
	err := w.dec.Decode(v)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		if w.mistaken == nil {
			w.mistaken = w.spec.at(w.text, int(w.dec.InputOffset()), "%s of the value before it is of the kind %s", field(kind), kind.Value)
		}
		return nil
	}
	if err != nil {
		return w.fault(err)
	}
	return nil
}

// field is what people call the part of a value that is of another kind.
func field(kind *json.UnmarshalTypeError) string {
	if kind.Field == "" {
		return "a part"
	}
	return kind.Field
}

// skip reads a value and forgets it.
func (w *walk) skip() error {
	var any json.RawMessage
	return w.value(&any)
}

// position is a line or a column. Some programs write them as texts.
type position int

// UnmarshalJSON reads a number, or one in quotes; anything else is no position.
func (p *position) UnmarshalJSON(text []byte) error {
	*p = position(number(strings.TrimSuffix(strings.Trim(string(text), `"`), ".0")))
	return nil
}

// word is a text that some programs write as a number.
type word string

// UnmarshalJSON reads a text or a number; anything else is none.
func (w *word) UnmarshalJSON(text []byte) error {
	var s string
	switch {
	case json.Unmarshal(text, &s) == nil:
		*w = word(s)
	case len(text) > 0 && (text[0] == '-' || text[0] >= '0' && text[0] <= '9'):
		*w = word(text)
	}
	return nil
}
