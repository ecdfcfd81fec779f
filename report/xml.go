package report

import (
	"encoding/xml"
	"strings"
)

// xmlHead is the first line of an XML file.
const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// xmlAttr is an attribute with a blank in front of it. What is not printable is spelt out:
// most of it has no place in XML at all, and the rest would be lost there.
func xmlAttr(name, value string) string { return " " + name + `="` + xmlText(printable(value)) + `"` }

// xmlText escapes text without control characters.
func xmlText(s string) string {
	if !strings.ContainsAny(s, `<>&"'`) {
		return s
	}
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
