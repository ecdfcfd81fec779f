package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// never matches nothing: for formats in which nothing tells two runs apart.
var never = regexp.MustCompile(`[^\s\S]`)

// oneValue: one value of a kind and a line break, by the strict rules of another decoder than the
// encoder's: no name twice in an object, no text that is not UTF-8. What it holds is nothing to a
// terminal, to a CI system that reads the log in which it is shown, and to a page that it stands in.
func oneValue(out []byte, kind jsontext.Kind) error {
	d := jsontext.NewDecoder(bytes.NewReader(out))
	v, err := d.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() != kind {
		return fmt.Errorf("it is a %v, and no %v", v.Kind(), kind)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something stands behind it: %w", err)
	}
	return mute(out)
}

// mute: nothing that is shown as it stands does anything.
func mute(out []byte) error {
	if !utf8.Valid(out) {
		return errors.New("it is not UTF-8")
	}
	if i := bytes.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		return fmt.Errorf("byte %d begins %q", i, []rune(string(out[i:]))[0])
	}
	if command := ciCommand.Find(out); command != nil {
		return fmt.Errorf("a CI system obeys %q", command)
	}
	return nil
}

// noMarkup: nothing begins a tag.
func noMarkup(out []byte) error {
	if i := bytes.IndexByte(out, '<'); i >= 0 {
		return fmt.Errorf("byte %d begins a tag: %.20q", i, out[i:])
	}
	return nil
}

// strictly decodes JSON that has the fields of v and no others.
func strictly(out []byte, v any) error {
	return json.Unmarshal(out, v, json.RejectUnknownMembers(true))
}

// listOnly is the reason for what a mere list of findings does not tell.
const listOnly = "it is a list of findings: its readers show nothing else"

// listLeavesOut are the fields that no list of findings has a place for, and others.
func listLeavesOut(others map[string]string) map[string]string {
	all := map[string]string{}
	for _, key := range strings.Fields(`Run.ID Run.Mode Run.Checker Run.Engine Run.Queue Run.Redis Run.Regions Run.Workers Run.Checkout Run.DecidedHere Changed Run.Stood
		Run.StoodFrom Run.Started Run.Finished Noun.Many Summary.Complete Summary.FleetRules Summary.Unjudged[] Summary.Idle[] Summary.Counts.Failed Summary.Counts.Missing
		Summary.OKs[].Path Summary.OKs[].Kind Summary.OKs[].Cause Summary.OKs[].Failures[] Unit.Regions Unit.Skipped Unit.Digest Unit.Owner
		Summary.Skipped Summary.Fleet Summary.Engines[] Summary.Mixed[] Summary.Conflicts[] Summary.Unexpected
		Summary.OKs[].Hidden[] Summary.Errs[].Hidden[] Summary.Fixed[] Summary.Since Summary.Proposed[] Finding.Identity Finding.Named`) {
		all[key] = listOnly
	}
	return leaveOut(all, neverErrors, others)
}

// leaveOut is several lists as one.
func leaveOut(lists ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, list := range lists {
		maps.Copy(all, list)
	}
	return all
}

// listRewords are the fields that a list of findings tells in words of its own.
func listRewords(others map[string]string) map[string]string {
	all := map[string]string{"Run.Superseded": "an element says so", "Summary.Unlisted": "an element says so", "Summary.Counts.Invalid": "an element counts what is decided"}
	return leaveOut(all, levelWords, others)
}

// levelWords are the fields that become one word in most formats.
var levelWords = map[string]string{"Finding.Advice": "it makes the level info", "Finding.Severity": "the format has its own words for levels"}

// neverErrors are severities that are not looked at: these findings are no errors.
var neverErrors = map[string]string{
	"Summary.OKs[].Findings[].Severity": "whatever is no error is a warning",
	"Summary.Remarks[].Severity":        "whatever is no error is a warning",
}
