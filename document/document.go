// Package document reads the documents of a file, YAML or JSON, into plain values, and knows
// of every value where it stands.
//
// YAML is read by the nodes and scalars of yamldoc, JSON by its tokens. Both end as the same
// values, so that whoever checks them need not know what a file is written in. A text that
// could be read in two ways is refused (a key that is given twice), or read in one with a
// warning (010). Places cost nothing until they are asked for.
//
// It is pure: what it says depends on the bytes, the format and the profile alone. What a
// text can make it do is bounded: values are nested at most 128 deep, and are at most a million
// a file, with 32 MiB of keys and texts, aliases unfolded.
package document

import (
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
	"github.com/seed306eabeb/muster/yamldoc/naming"
)

// Format is the language that a file is written in.
type Format uint8

// The formats.
const (
	YAML Format = iota
	JSON
	JSONC // JSON with comments and trailing commas
)

// FormatOf is the format of a file, as its name says; false for a file that is no document.
func FormatOf(name string) (Format, bool) {
	switch strings.ToLower(path.Ext(name)) {
	case ".yml", ".yaml":
		return YAML, true
	case ".json":
		return JSON, true
	case ".jsonc":
		return JSONC, true
	}
	return 0, false
}

// Reader reads files. The zero value reads YAML 1.2 with the default limits. It is safe for
// concurrent use.
type Reader struct {
	// Profile is of YAML: yamldoc.YAML12, for which nil stands, or yamldoc.Kubernetes. Merge
	// keys (<<) are applied in both, and a key that is given twice is an error in both.
	Profile *yamldoc.Profile
}

// File is what a file holds.
type File struct {
	Name string
	// Docs are its documents, in their order; none where a finding is an error.
	Docs []*Document
	// Findings are what is wrong with the text, by place, a hundred errors and as many
	// warnings at most. Name says what kind of mistake it is; Rule is for the caller to set.
	// Errors: not-utf8, not-text, template (then nothing else is told), syntax, duplicate-key,
	// complex-key, merge-key, recursive-alias, unknown-alias, wrong-tag, infinite-number,
	// too-deep, too-large. Warnings: leading-zero, boolean-key, byte-order-mark.
	Findings []verdict.Finding
}

// Document is one document of a file. It does not change, and is safe for concurrent use.
type Document struct {
	Index int // in its file, from 0
	value any
	place func(way []string, key bool) verdict.Place
	names func() *naming.Tree
}

// Value is the document as plain values: nil, bool, string, int64, uint64 (above the int64s),
// float64 (infinite ones and NaN only of YAML 1.2), json.Number (what none of these holds),
// []any and map[string]any. It must not be changed: what an alias names is one value in
// several places.
func (d *Document) Value() any { return d.value }

// At is where the value stands that a way of keys and indexes leads to from the root, or
// the last one on the way that is there. Its Path is the way to that as people write it
// (`tools[0].name`, `labels["app.kubernetes.io/name"]`). An alias stands where it is written,
// and what is in its value where that is; so does what a merge key gives.
func (d *Document) At(way ...string) verdict.Place { return d.place(way, false) }

// KeyAt is where the key stands that the way ends in; for an item of a list it is At.
func (d *Document) KeyAt(way ...string) verdict.Place { return d.place(way, true) }

// Named is the path of a place in one of the documents of a file, with the items of lists by
// name (see naming.Tree).
func Named(docs []*Document, p verdict.Place) string {
	if !strings.Contains(p.Path, "[") {
		return p.Path
	}
	for i, d := range slices.Backward(docs) {
		if i == 0 || d.At().Line <= p.Line {
			return d.names().Path(p.Path)
		}
	}
	return p.Path
}
