package document

import (
	"fmt"
	"strings"
)

// said writes findings, one a line.
func said(f File) string {
	var out []string
	for _, x := range f.Findings {
		out = append(out, fmt.Sprintf("%d:%d %s %s", x.Line, x.Column, x.Name, x.Severity))
	}
	return strings.Join(out, "; ")
}

// read is what a text is read as: its documents, or what is found.
func read(r Reader, text string, format Format) string {
	f := r.Read("f", []byte(text), format)
	var docs []string
	for _, d := range f.Docs {
		docs = append(docs, fmt.Sprintf("%#v", d.Value()))
	}
	out := strings.Join(docs, " ") + " " + said(f)
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(out, "interface {}", "any"), "map[string]any", "map"))
}
