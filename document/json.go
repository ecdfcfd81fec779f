package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
	"github.com/seed306eabeb/muster/yamldoc/naming"
)

// readJSON reads the one document of a JSON text.
func readJSON(name string, text []byte, format Format) *source {
	s := &source{name: name, text: text}
	own := text
	if format == JSONC {
		var open int
		if own, open = withoutComments(text); open >= 0 {
			s.fail(s.jsonFault(open, "the comment opened here is never closed", "close it with */"))
			return s
		}
	}
	if len(bytes.Trim(own, " \t\r\n")) == 0 {
		t := &tree{source: s, root: nullNode(), dialect: &plainJSON}
		s.docs = []*Document{{place: t.place, names: t.names}}
		return s
	}
	r := &jsonReader{dec: newTokens(own)}
	value, err := r.document()
	switch {
	case errors.Is(err, errDepth):
		s.fail(s.jsonFinding("too-deep", r.start(own), fmt.Sprintf("values are nested more than %d deep here", maxDepth), "flatten the structure"))
	case errors.Is(err, errValues):
		s.fail(s.jsonFinding("too-large", r.start(own), fmt.Sprintf("the file has more than %d values", maxValues), "cut the file in several"))
	case err != nil:
		s.fail(s.refused(own, format, err))
	case r.repeats:
		s.repeats(own)
	default:
		once := s.jsonTree(own)
		place := func(way []string, key bool) verdict.Place { return once().place(way, key) }
		s.docs = []*Document{{value: value, place: place, names: func() *naming.Tree { return once().names() }}}
	}
	return s
}

// jsonTree knows the places of a document, for which its text is read again.
func (s *source) jsonTree(own []byte) func() *tree {
	return sync.OnceValue(func() *tree {
		return &tree{source: s, root: jsonNodes(s.text, own), dialect: &plainJSON}
	})
}

// newTokens reads the tokens of a text. Keys that are given twice are for others to find.
func newTokens(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
}

var (
	errDepth  = errors.New("too deep")
	errValues = errors.New("too many values")
	errSecond = errors.New("a second value")
)

// jsonReader makes plain values of tokens.
type jsonReader struct {
	dec     *jsontext.Decoder
	count   int
	last    int64 // where the token ends that stands before the last value
	repeats bool  // a key is given twice
}

// document is the one value of a text.
func (r *jsonReader) document() (any, error) {
	value, err := r.value(1)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.ReadToken(); errors.Is(err, io.EOF) {
		return value, nil
	}
	return nil, errSecond
}

// value is the value that begins with the next token, at a depth from 1.
func (r *jsonReader) value(depth int) (any, error) {
	r.last = r.dec.InputOffset()
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if r.count++; r.count > maxValues {
		return nil, errValues
	}
	if depth > maxDepth {
		return nil, errDepth
	}
	switch token.Kind() {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		return token.String(), nil
	case '0':
		return number(token.String()), nil
	case 'n':
		return nil, nil
	}
	return token.Bool(), nil
}

func (r *jsonReader) object(depth int) (any, error) {
	m := map[string]any{}
	for r.dec.PeekKind() != '}' {
		token, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := token.String()
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		before := len(m)
		m[key] = value
		r.repeats = r.repeats || len(m) == before
	}
	_, err := r.dec.ReadToken()
	return m, err
}

func (r *jsonReader) array(depth int) (any, error) {
	list := []any{}
	for r.dec.PeekKind() != ']' {
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := r.dec.ReadToken()
	return list, err
}

// start is where the last value begins.
func (r *jsonReader) start(own []byte) int { return tokenFrom(own, int(r.last)) }

// number is the value of a number, as Document.Value has it.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	if isInteger(text) {
		return json.Number(text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return json.Number(text)
	}
	return f
}

func isInteger(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// plainJSON is the dialect of the nodes that jsonNodes makes.
var plainJSON = dialect{scalars: &yamldoc.YAML12.Scalars}

func (s *source) jsonFault(offset int, message, help string) verdict.Finding {
	return s.jsonFinding("syntax", offset, message, help)
}

func (s *source) jsonFinding(name string, offset int, message, help string) verdict.Finding {
	return verdict.Finding{Name: name, Message: message, Place: s.at(s.place(offset)), Help: help}
}
