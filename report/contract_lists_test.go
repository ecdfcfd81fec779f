package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

var gitlabContract = contract{
	valid: validGitLab, ofRun: never, listOnly: listOnly,
	reworded: listRewords(nil),
	leftOut:  listLeavesOut(relatedPaths),
}

// relatedPaths are the YAML paths of related places: their lines say where.
var relatedPaths = map[string]string{
	"Summary.Config[].Related[].Place.Path":          "the line says where",
	"Summary.Remarks[].Related[].Place.Path":         "the line says where",
	"Summary.OKs[].Findings[].Related[].Place.Path":  "the line says where",
	"Summary.Errs[].Findings[].Related[].Place.Path": "the line says where",
}

// validGitLab: what GitLab demands of a code quality report: a list, the fields of its page about
// them, severities of its own, fingerprints that differ, and lines from 1.
func validGitLab(out []byte, _ Options) error {
	var issues []struct {
		Description string `json:"description"`
		Check       string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
			Positions struct {
				Begin struct {
					Line   int `json:"line"`
					Column int `json:"column"`
				} `json:"begin"`
			} `json:"positions"`
		} `json:"location"`
		Content struct {
			Body string `json:"body"`
		} `json:"content"`
	}
	if err := errors.Join(oneValue(out, '['), noMarkup(out), strictly(out, &issues)); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, issue := range issues {
		switch {
		case issue.Description == "" || issue.Location.Path == "":
			return fmt.Errorf("element %d has no description or no path: %+v", i, issue)
		case strings.HasPrefix(issue.Location.Path, "./"):
			return fmt.Errorf("element %d has the path %q", i, issue.Location.Path)
		case issue.Location.Lines.Begin < 1:
			return fmt.Errorf("element %d begins in line %d", i, issue.Location.Lines.Begin)
		case !slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, issue.Severity):
			return fmt.Errorf("element %d has the severity %q", i, issue.Severity)
		case issue.Fingerprint == "" || seen[issue.Fingerprint]:
			return fmt.Errorf("element %d has the fingerprint %q, as another or as none", i, issue.Fingerprint)
		}
		seen[issue.Fingerprint] = true
	}
	return nil
}

var rdjsonContract = contract{
	valid: validRDJSON, ofRun: never, listOnly: listOnly,
	reworded: listRewords(nil),
	leftOut:  listLeavesOut(map[string]string{"Place.Path": "the line says where", "Finding.Fingerprint": "it has no place for it"}),
}

// validRDJSON: the messages of the Reviewdog Diagnostic Format. Its decoder refuses fields that it
// does not know.
func validRDJSON(out []byte, _ Options) error {
	type position struct {
		Line   int32 `json:"line"`
		Column int32 `json:"column"`
	}
	var result struct {
		Source struct {
			Name string `json:"name"`
			URL  string `json:"url"`
		} `json:"source"`
		Diagnostics []struct {
			Message  string `json:"message"`
			Location struct {
				Path  string `json:"path"`
				Range struct {
					Start position  `json:"start"`
					End   *position `json:"end"`
				} `json:"range"`
			} `json:"location"`
			Severity string `json:"severity"`
			Code     struct {
				Value string `json:"value"`
				URL   string `json:"url"`
			} `json:"code"`
			Original string `json:"original_output"`
		} `json:"diagnostics"`
	}
	if err := errors.Join(oneValue(out, '{'), noMarkup(out), strictly(out, &result)); err != nil {
		return err
	}
	for i, d := range result.Diagnostics {
		start, end := d.Location.Range.Start, d.Location.Range.End
		switch {
		case d.Location.Path == "":
			return fmt.Errorf("diagnostic %d has no path", i)
		case !slices.Contains([]string{"ERROR", "WARNING", "INFO"}, d.Severity):
			return fmt.Errorf("diagnostic %d has the severity %q", i, d.Severity)
		case start.Column > 0 && start.Line < 1:
			return fmt.Errorf("diagnostic %d has a column and no line", i)
		case end != nil && (end.Line != start.Line || end.Column <= start.Column):
			return fmt.Errorf("diagnostic %d ends at %v and begins at %v", i, *end, start)
		}
	}
	return nil
}

var checkstyleContract = contract{
	valid: validCheckstyle, ofRun: never, listOnly: listOnly,
	reworded: listRewords(nil),
	leftOut:  listLeavesOut(map[string]string{"Place.Path": "the line says where", "Finding.Fingerprint": "it has no place for it"}),
}

// validXML: XML that a strict reader takes to its end, with one root, and characters alone that
// XML 1.0 has and that do nothing where they are shown.
func validXML(out []byte) error {
	if err := mute(out); err != nil {
		return err
	}
	if !bytes.HasPrefix(out, []byte("<?xml ")) || bytes.Contains(out, []byte("<!")) {
		return errors.New("it does not begin with <?xml, or has a <! in it")
	}
	d, depth, roots := xml.NewDecoder(bytes.NewReader(out)), 0, 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && depth == 0 && roots == 1:
			return nil
		case err != nil:
			return fmt.Errorf("after %d roots, %d deep: %w", roots, depth, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
			names := map[string]bool{}
			for _, a := range t.Attr {
				if names[a.Name.Local] {
					return fmt.Errorf("%s has %s twice", t.Name.Local, a.Name.Local)
				}
				names[a.Name.Local] = true
			}
		case xml.EndElement:
			depth--
		}
	}
}

// validCheckstyle: files, each once, with errors that Checkstyle's readers know the severity of.
func validCheckstyle(out []byte, _ Options) error {
	if err := validXML(out); err != nil {
		return err
	}
	var report struct {
		XMLName xml.Name `xml:"checkstyle"`
		Version string   `xml:"version,attr"`
		Files   []struct {
			Name   string `xml:"name,attr"`
			Errors []struct {
				Line     *int   `xml:"line,attr"`
				Column   *int   `xml:"column,attr"`
				Severity string `xml:"severity,attr"`
				Message  string `xml:"message,attr"`
				Source   string `xml:"source,attr"`
			} `xml:"error"`
		} `xml:"file"`
	}
	if err := xml.Unmarshal(out, &report); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, f := range report.Files {
		if f.Name == "" || seen[f.Name] || len(f.Errors) == 0 {
			return fmt.Errorf("the file %q has no name, stands there twice, or has no error", f.Name)
		}
		seen[f.Name] = true
		for _, e := range f.Errors {
			if !slices.Contains([]string{"error", "warning", "info"}, e.Severity) || e.Message == "" || e.Source == "" || e.Line != nil && *e.Line < 1 {
				return fmt.Errorf("%s: %+v is no error", f.Name, e)
			}
		}
	}
	return nil
}
