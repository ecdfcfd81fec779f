package yamldoc

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteReference writes a section in Markdown about each object and its keys.
func WriteReference(w io.Writer, objects []*Object) error {
	out := bufio.NewWriter(w)
	for _, o := range objects {
		writeObject(out, o)
	}
	return out.Flush()
}

func writeObject(w io.Writer, o *Object) {
	fmt.Fprintf(w, "\n## %s\n\n%s%s\n\n| key | value | default | |\n| --- | --- | --- | --- |\n", o.Name, o.Doc, policyDoc[o.Unknown])
	for _, f := range o.Fields {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", f.Key, linked(f.Type), defaultDoc(f), f.Doc+rootDoc(f)+mergeDoc[f.Merge])
	}
	if o.Extra != nil {
		fmt.Fprintf(w, "| *others* | %s | | |\n", linked(o.Extra))
	}
}

var policyDoc = map[Unknown]string{
	IgnoreUnknown: " Other keys are ignored.",
	WarnUnknown:   " Other keys are ignored, with a warning.",
}

var mergeDoc = map[Merge]string{
	MergeKeys:   " Layers are merged by key.",
	MergeFields: " Layers are merged field by field.",
}

func rootDoc(f Field) string {
	if f.Root {
		return " Not in overrides."
	}
	return ""
}

func defaultDoc(f Field) string {
	switch {
	case f.Required:
		return "required"
	case f.Default != "":
		return "`" + f.Default + "`"
	}
	return ""
}

// linked is what t accepts, with a link to the object that it names.
func linked(t *Type) string {
	text := t.String()
	elem := t
	for elem.Elem != nil {
		elem = elem.Elem
	}
	if elem.Object == nil {
		return text
	}
	name := elem.Object.Name
	anchor := strings.NewReplacer(".", "", " ", "-").Replace(strings.ToLower(name))
	return strings.Replace(text, "("+name+")", fmt.Sprintf("([%s](#%s))", name, anchor), 1)
}
