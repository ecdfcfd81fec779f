// Package document reads the documents of a file, YAML or JSON, into plain values, and knows
// of every value where it stands.
package document

import (
	"path"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
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
	Profile *yamldoc.Profile // of YAML; nil for yamldoc.YAML12
}

// File is what a file holds.
type File struct {
	Name string
	// Docs are its documents, in their order; none where a finding is an error.
	Docs []*Document
	// Findings are what is wrong with the text. Name says what kind of mistake it is
	// ("duplicate-key"); Rule is for the caller to set.
	Findings []verdict.Finding
}

// Document is one document of a file. It does not change, and is safe for concurrent use.
type Document struct {
	Index int // in its file, from 0
	value any
	place func(way []string, key bool) verdict.Place
}

// Value is the document as plain values: nil, bool, string, int64, uint64 (above the int64s),
// float64, json.Number (what no float64 holds), []any and map[string]any. It must not be
// changed.
func (d *Document) Value() any { return d.value }

// At is where the value stands that a way of keys and indexes leads to from the root, or
// the last one on the way that is there. Its Path is the way as people write it
// (`tools[0].name`).
func (d *Document) At(way ...string) verdict.Place { return d.place(way, false) }

// KeyAt is where the key stands that the way ends in; for an item of a list it is At.
func (d *Document) KeyAt(way ...string) verdict.Place { return d.place(way, true) }
