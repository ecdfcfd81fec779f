package output

import (
	"encoding/json"
	"fmt"
	"strings"
)

// diagnostic is reviewdog.rdf.Diagnostic, in the spellings of Protobuf's JSON.
type diagnostic struct {
	Message  string `json:"message"`
	Location struct {
		Path  string  `json:"path"`
		Range rdRange `json:"range"`
	} `json:"location"`
	Severity word `json:"severity"`
	Code     struct {
		Value word   `json:"value"`
		URL   string `json:"url"`
	} `json:"code"`
	Suggestions []struct {
		Range rdRange `json:"range"`
		Text  string  `json:"text"`
	} `json:"suggestions"`
}

type rdRange struct {
	Start rdPosition `json:"start"`
	End   rdPosition `json:"end"`
}

type rdPosition struct {
	Line   position `json:"line"`
	Column position `json:"column"`
}

// rdjson reads a reviewdog.rdf.DiagnosticResult. The severity that it says for all may stand behind
// the diagnostics.
func (c *collector) rdjson(text []byte) error {
	w := c.spec.walk(text)
	var all []diagnostic
	var severity word
	err := w.object("the output", func(key string) error {
		switch key {
		case "severity":
			return w.value(&severity)
		case "diagnostics":
			return w.array("diagnostics", func() error {
				var d diagnostic
				if err := w.value(&d); err != nil {
					return err
				}
				all = append(all, d)
				return nil
			})
		}
		return w.skip()
	})
	for _, d := range all {
		if err := c.diagnostic(d, severity); err != nil {
			return err
		}
	}
	return w.end(err)
}

// rdjsonLines reads a diagnostic a line.
func (c *collector) rdjsonLines(text []byte) error {
	return c.jsonLines(text, func(line []byte) error {
		var d diagnostic
		if err := json.Unmarshal(line, &d); err != nil {
			return err
		}
		return c.diagnostic(d, "")
	})
}

func (c *collector) diagnostic(d diagnostic, severity word) error {
	if means, ok := rdSeverity[d.Severity]; ok {
		d.Severity = means
	}
	if d.Severity == "" {
		if d.Severity = severity; rdSeverity[severity] != "" {
			d.Severity = rdSeverity[severity]
		}
	}
	at := d.Location.Range
	f := Finding{
		File: d.Location.Path, Line: int(at.Start.Line), Column: int(at.Start.Column), EndLine: int(at.End.Line), EndColumn: int(at.End.Column),
		Code: string(d.Code.Value), Message: d.Message, Help: d.help(),
	}
	if f.EndColumn == 1 && f.EndLine > f.Line { // an end is behind the last character: that of the line before
		f.EndLine, f.EndColumn = f.EndLine-1, 0
	}
	return c.add(f, string(d.Severity))
}

// rdSeverity are the numbers that Protobuf's JSON may have in place of words, and the word for none.
var rdSeverity = map[word]word{"0": "", "UNKNOWN_SEVERITY": "", "1": "ERROR", "2": "WARNING", "3": "INFO"}

// help is what the program proposes, and where it explains itself.
func (d diagnostic) help() string {
	var said []string
	for _, s := range d.Suggestions {
		at := fmt.Sprintf("line %d", s.Range.Start.Line)
		if s.Range.End.Line > s.Range.Start.Line {
			at = fmt.Sprintf("lines %d to %d", s.Range.Start.Line, s.Range.End.Line)
		}
		if strings.TrimSpace(s.Text) == "" {
			said = append(said, "take out what it marks in "+at)
		} else {
			said = append(said, fmt.Sprintf("in %s, write %q", at, cut(plain(s.Text), maxWhy)))
		}
	}
	if d.Code.URL != "" {
		said = append(said, "see "+d.Code.URL)
	}
	return strings.Join(said, "; ")
}
