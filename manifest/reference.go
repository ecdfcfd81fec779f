package manifest

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// writeReference writes a section in Markdown about each object and its keys.
func writeReference(w io.Writer, objects []*object) error {
	out := bufio.NewWriter(w)
	for _, o := range objects {
		writeObject(out, o)
	}
	return out.Flush()
}

func writeObject(w io.Writer, o *object) {
	fmt.Fprintf(w, "\n## %s\n\n%s%s\n\n| key | value | default | |\n| --- | --- | --- | --- |\n", o.name, o.doc, policyDoc[o.unknown])
	for _, f := range o.fields {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", f.key, linked(f.typ), defaultDoc(f), f.doc+rootDoc(f)+mergeDoc[f.merge])
	}
	if o.extra != nil {
		fmt.Fprintf(w, "| *others* | %s | | |\n", linked(o.extra))
	}
}

var policyDoc = map[unknownPolicy]string{
	ignoreUnknown: " Other keys are ignored.",
	warnUnknown:   " Other keys are ignored, with a warning.",
}

var mergeDoc = map[mergeMode]string{
	mergeKeys:   " Layers are merged by key.",
	mergeFields: " Layers are merged field by field.",
}

func rootDoc(f field) string {
	if f.root {
		return " Not in overrides."
	}
	return ""
}

func defaultDoc(f field) string {
	switch {
	case f.required:
		return "required"
	case f.def != "":
		return "`" + f.def + "`"
	}
	return ""
}

// linked is what t accepts, with a link to the object that it names.
func linked(t *typ) string {
	text := t.String()
	elem := t
	for elem.elem != nil {
		elem = elem.elem
	}
	if elem.object == nil {
		return text
	}
	name := elem.object.name
	anchor := strings.NewReplacer(".", "", " ", "-").Replace(strings.ToLower(name))
	return strings.Replace(text, "("+name+")", fmt.Sprintf("([%s](#%s))", name, anchor), 1)
}
