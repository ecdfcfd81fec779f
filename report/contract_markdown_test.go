package report

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	gfm "github.com/yuin/goldmark/extension/ast"
	source "github.com/yuin/goldmark/text"
)

func init() {
	contracts["markdown"] = contract{
		valid: validComment,
		ofRun: contracts["text"].ofRun,
		reworded: map[string]string{
			"Changed.Selection":     "a note says what is shown",
			"Changed.Verified":      "a note says what was not looked at",
			"Run.Mode":              "the next step depends on it",
			"Run.Superseded":        "a note says so",
			"Run.Started":           "the time taken",
			"Run.Finished":          "the time taken",
			"Finding.Advice":        "it makes information of a warning",
			"Summary.Unlisted":      "INCOMPLETE, of at least so many",
			"Summary.Complete":      "the headline says what is not decided",
			"Summary.FleetRules":    "a note says that only some were compared",
			"Summary.OKs[].Skipped": "not deployed services are named, the others counted",
		},
		leftOut: map[string]string{
			"Run.ID":                "the log has it",
			"Run.Checker":           "there is one",
			"Run.Queue":             "whoever reads has chosen it",
			"Run.Redis":             "whoever reads has chosen it",
			"Run.Regions":           "whoever reads has chosen them",
			"Run.Workers":           "says nothing of the fleet",
			"Summary.OKs[].Kind":    "ok services are there for their warnings, and counted",
			"Unit.Regions":          "findings have theirs",
			"Unit.Digest":           "is for programs",
			"Unit.Path":             "findings name their files",
			"Unit.Skipped":          "standings are counted",
			"Unit.Owner":            "owners follow from it",
			"Place.Path":            "the line says where",
			"Finding.Named":         "is for programs",
			"Finding.Identity":      "the message has it",
			"Finding.Fingerprint":   "is for programs",
			"Summary.Fixed[]":       "are counted",
			"Summary.Since.Fixed[]": "are counted",
			"Hidden.Old":            "hidden findings are counted",

			"Summary.OKs[].Cause":            "an ok service has none",
			"Summary.OKs[].Failures[].Check": "an ok service has none",
			"Summary.OKs[].Failures[].Cause": "an ok service has none",

			"Summary.OKs[].Hidden[].Finding":  "hidden findings are counted",
			"Summary.OKs[].Hidden[].Reason":   "hidden findings are counted",
			"Summary.OKs[].Hidden[].By":       "hidden findings are counted",
			"Summary.Errs[].Hidden[].Finding": "hidden findings are counted",
			"Summary.Errs[].Hidden[].Reason":  "hidden findings are counted",
			"Summary.Errs[].Hidden[].By":      "hidden findings are counted",
		},
	}
}

// validComment: a comment that GitHub takes, with the marker in front.
func validComment(out []byte, _ Options) error {
	if !bytes.HasPrefix(out, []byte(marker+"\n")) {
		return errors.New("the marker does not stand in front")
	}
	if len(out) > commentLimit {
		return fmt.Errorf("%d bytes are too many for a comment", len(out))
	}
	return validMarkdown(out)
}

// ownWords is what stands in a Markdown report outside of code: nobody else has written it.
var ownWords = regexp.MustCompile(`^[a-zA-Z0-9 .,:;()…-]*$`)

// ownHTML are the tags that a Markdown report has.
var ownHTML = regexp.MustCompile(`^(<!-- muster:report -->|<!-- muster:key (-?[^<>\s-])+-? -->|<details><summary>(error|warning|info) <code>[^<>]*</code>: [0-9,]+ findings?</summary>|</details>)?$`)

// validMarkdown reads it as GitHub does: outside of code are our own words, no link, no
// image, and no HTML but what folds the findings up.
func validMarkdown(out []byte) error {
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
	allowed := []ast.NodeKind{ast.KindDocument, ast.KindHeading, ast.KindParagraph, ast.KindText, ast.KindTextBlock, ast.KindString, ast.KindEmphasis,
		ast.KindCodeSpan, ast.KindFencedCodeBlock, ast.KindHTMLBlock, gfm.KindTable, gfm.KindTableHeader, gfm.KindTableRow, gfm.KindTableCell}
	open := 0
	err := ast.Walk(reader.Parse(source.NewReader(out)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if !slices.Contains(allowed, n.Kind()) {
			return ast.WalkStop, fmt.Errorf("a %s stands in it", n.Kind())
		}
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.FencedCodeBlock:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if words := string(n.Segment.Value(out)); !ownWords.MatchString(words) {
				return ast.WalkStop, fmt.Errorf("%q stands outside of code", words)
			}
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				tags := strings.TrimSuffix(string(line.Value(out)), "\n")
				if !ownHTML.MatchString(tags) {
					return ast.WalkStop, fmt.Errorf("the HTML %q", tags)
				}
				open += strings.Count(tags, "<details>") - strings.Count(tags, "</details>")
			}
		case *gfm.Table:
			if err := squareTable(n); err != nil {
				return ast.WalkStop, err
			}
		}
		return ast.WalkContinue, nil
	})
	if err == nil && open != 0 {
		err = fmt.Errorf("%d details are not closed", open)
	}
	return err
}

// squareTable: nobody divides a cell.
func squareTable(table *gfm.Table) error {
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			for part := cell.FirstChild(); part != nil; part = part.NextSibling() {
				if cell.ChildCount() > 1 {
					return fmt.Errorf("a cell of %d parts", cell.ChildCount())
				}
			}
		}
	}
	return nil
}
