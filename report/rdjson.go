package report

import (
	"io"
	"strings"
)

var rdjsonFormat = Format{Name: "rdjson", Doc: "for reviewdog: its diagnostic format as one object", Write: RDJSON}

// rdSource, and what follows, are the messages of the Reviewdog Diagnostic Format.
type rdSource struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type rdDiagnostic struct {
	Message  string     `json:"message"`
	Location rdLocation `json:"location"`
	Severity string     `json:"severity"`
	Code     rdCode     `json:"code"`
	// Original is the finding as the text format has it.
	Original string `json:"original_output"`
}

type rdLocation struct {
	Path  string   `json:"path"`
	Range *rdRange `json:"range,omitempty"`
}

// rdRange ends in front of End.
type rdRange struct {
	Start rdPosition  `json:"start"`
	End   *rdPosition `json:"end,omitempty"`
}

// rdPosition counts columns from 1 in bytes.
type rdPosition struct {
	Line   int `json:"line"`
	Column int `json:"column,omitempty"`
}

type rdCode struct {
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

// RDJSON writes the Reviewdog Diagnostic Format. Columns are in bytes there: without o.Sources,
// which has the lines, there are none but in the original output. It returns the first error
// of w.
func RDJSON(w io.Writer, r Report, o Options) error {
	j := newJSONStream(w)
	j.raw(`{"source":`)
	j.value(rdSource{"muster", homepage})
	j.raw(`,"diagnostics":`)
	j.list()
	for _, e := range o.lists(r).listed() {
		j.element(rdOf(e, o))
	}
	j.endList()
	j.raw("}\n")
	return j.flush()
}

func rdOf(e *Entry, o Options) rdDiagnostic {
	d := rdDiagnostic{
		Message: e.sentence(), Location: rdLocation{Path: valid(o.fileIn(e.file()))}, Code: rdCode{valid(e.Rule), o.page(e.Finding)},
		Severity: strings.ToUpper(levelOf(e.Finding)), Original: e.concise(),
	}
	if e.Line < 1 {
		return d
	}
	d.Location.Range = &rdRange{Start: rdPosition{Line: e.Line}}
	if s := o.spanOf(e.Unit, e.Place); s.known {
		d.Location.Range.Start.Column = s.bytes + 1
		d.Location.Range.End = &rdPosition{e.Line, s.bytes + s.width + 1}
	}
	return d
}

// concise is a finding in the line with which the text format begins it.
func (e *Entry) concise() string {
	at := e.Place
	at.File = lead(e.file())
	return at.String() + ": " + levelOf(e.Finding) + "[" + e.named() + "]: " + printable(e.Message) + regions(e.Regions)
}
