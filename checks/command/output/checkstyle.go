package output

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// checkstyle reads the XML of Checkstyle, which many linters write: files with errors in them.
func (c *collector) checkstyle(text []byte) error {
	text = utf8OfUTF16(text)
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.CharsetReader = charset
	var open []string // elements
	var file string
	var broken error // the program could not read a file
	for rooted := false; ; {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF) && rooted && len(open) == 0:
			return broken
		case errors.Is(err, io.EOF):
			return c.spec.at(text, len(text), "there is no <checkstyle>")
		case err != nil:
			return c.spec.at(text, int(dec.InputOffset()), "%s", xmlFault(err))
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if len(open) == 0 && (name != "checkstyle" || rooted) {
				return c.spec.at(text, int(dec.InputOffset()), "there is <%s> where <checkstyle> was expected", name)
			}
			rooted = true
			switch {
			case name == "file":
				file = attribute(token, "name")
			case name == "error":
				if err := c.checkstyleError(file, token); err != nil {
					return err
				}
			case name == "exception" && broken == nil:
				broken = fmt.Errorf("the program says that it could not read %q", cut(plain(file), maxWhy))
			}
			open = append(open, name)
		case xml.EndElement:
			if open = open[:len(open)-1]; token.Name.Local == "file" {
				file = ""
			}
		}
	}
}

func (c *collector) checkstyleError(file string, e xml.StartElement) error {
	return c.add(Finding{
		File: file, Line: number(attribute(e, "line")), Column: number(attribute(e, "column")),
		Code: attribute(e, "source"), Message: attribute(e, "message"),
	}, attribute(e, "severity"))
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func xmlFault(err error) string {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		if syntax.Msg == "unexpected EOF" {
			return "it ends in the middle of the document"
		}
		return syntax.Msg
	}
	return strings.TrimPrefix(err.Error(), "xml: ")
}

// charset reads the encodings that are a byte a character; UTF-8 is read without it, and UTF-16 is
// turned into it before.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii", "ascii", "utf8", "utf-16", "utf-16le", "utf-16be":
		return in, nil
	case "iso-8859-1", "latin1", "latin-1":
	default:
		return nil, fmt.Errorf("its encoding is %q; expected UTF-8, UTF-16, US-ASCII or ISO-8859-1", label)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return strings.NewReader(string(runes)), nil
}

// utf8OfUTF16 is the UTF-8 of a text that begins with the byte order mark of UTF-16, and any other
// text as it is.
func utf8OfUTF16(text []byte) []byte {
	var unit func(pair []byte) uint16
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		unit = func(pair []byte) uint16 { return uint16(pair[0]) | uint16(pair[1])<<8 }
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		unit = func(pair []byte) uint16 { return uint16(pair[1]) | uint16(pair[0])<<8 }
	default:
		return text
	}
	units := make([]uint16, 0, len(text)/2)
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, unit(text[i:i+2]))
	}
	return []byte(string(utf16.Decode(units)))
}
