package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// contract is what a format promises, beside what all of them do.
type contract struct {
	// valid says whether out is well formed: what its readers take it for, whatever texts
	// it holds.
	valid func(out []byte, o Options) error
	// ofRun are the parts of a report that may tell two runs over the same bytes apart.
	ofRun *regexp.Regexp
	// reworded are the fields that change what a report says and do not stand in it as they are,
	// and leftOut those that do not change it, each with the reason. A key is where the field stands
	// in a Report, as in "Summary.OKs[].Kind", or its type and name, as in "Unit.Digest".
	reworded, leftOut map[string]string
}

// neverTold are left out of every format.
var neverTold = map[string]string{
	"Fix.Line":      "is for the check that made it",
	"Fix.Column":    "is for the check that made it",
	"Fix.Old":       "is for the check that made it",
	"Fix.New":       "is for the check that made it",
	"Fix.Otherwise": "is for the check that made it",

	"Summary.OKs[].Marks[]":  "is for the policy, which says what they hide",
	"Summary.Errs[].Marks[]": "is for the policy, which says what they hide",
}

// contracts has one for each format.
var contracts = map[string]contract{
	"text": {
		valid: validText,
		ofRun: regexp.MustCompile(`    help: see the causes above[^\n]*\n`),
		reworded: map[string]string{
			"Run.Mode":              "the next step depends on it",
			"Run.Superseded":        "a note says so",
			"Run.Started":           "the time taken",
			"Run.Finished":          "the time taken",
			"Finding.Advice":        "it makes a note of a warning",
			"Summary.Unlisted":      "INCOMPLETE, of at least so many",
			"Summary.FleetRules":    "a note says that only some were compared",
			"Summary.OKs[].Skipped": "not deployed services are named, the others counted",
		},
		leftOut: map[string]string{
			"Run.ID":                  "the command tells it on stderr when the run begins",
			"Run.Checker":             "there is one",
			"Run.Queue":               "whoever reads has chosen it",
			"Run.Redis":               "whoever reads has chosen it",
			"Run.Regions":             "whoever reads has chosen them",
			"Run.Workers":             "says nothing of the fleet",
			"Summary.Complete":        "INCOMPLETE and UNDECIDED say what is not, from the counts",
			"Summary.OKs[].Kind":      "ok services are there for their warnings, and counted",
			"Unit.Regions":            "findings have theirs",
			"Unit.Digest":             "is for programs",
			"Unit.Path":               "findings name their files",
			"Unit.Skipped":            "standings are counted",
			"Place.Path":              "the line says where",
			"Finding.Named":           "is for programs",
			"Finding.Identity":        "the message has it",
			"Finding.Fingerprint":     "is for programs",
			"Unit.Owner":              "owners follow from it",
			"Unit.Owners":             "is for programs",
			"Summary.OKs[].Hidden[]":  "what is hidden is not shown",
			"Summary.Errs[].Hidden[]": "what is hidden is not shown",
			"Summary.Remarks[]":       "no policy makes them yet",
			"Summary.Fixed[]":         "no policy makes them yet",
			"Summary.Proposed[]":      "no policy makes them yet",
		},
	},
	"html": htmlContract,
	"json": {
		valid: validJSON,
		ofRun: regexp.MustCompile(`(?s)  "run": \{.*?\n  \},\n`),
		reworded: map[string]string{
			"Run.Superseded":   "true or absent",
			"Summary.Complete": "true or false",
			"Summary.Unlisted": "true or absent",
			"Finding.Advice":   "true or absent",
		},
		leftOut: map[string]string{
			"Unit.Owner":                     "owners follow from it",
			"Checkout.Units":                 "follows from the repository",
			"Noun.One":                       "names of fields do not change",
			"Noun.Many":                      "names of fields do not change",
			"Summary.OKs[].Kind":             "follows from the list",
			"Summary.OKs[].Cause":            "an ok service has none",
			"Summary.OKs[].Failures[].Check": "an ok service has none",
			"Summary.OKs[].Failures[].Cause": "an ok service has none",
			"Summary.Skipped[]":              "follows from the standings of the services",
			"Summary.Skipped[] key":          "follows from the standings of the services",
			"Summary.Fleet":                  "the report is about the services expected",
		},
	},
}

// validText: lines for a terminal, without a control character but those of its own colours,
// and without a command that a CI system would obey.
func validText(out []byte, o Options) error {
	s := string(out)
	if o.Color {
		s = strings.NewReplacer(red, "", yellow, "", bold, "", reset, "").Replace(s)
	}
	if !utf8.ValidString(s) {
		return errors.New("it is not UTF-8")
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		return fmt.Errorf("%q stands in it", []rune(s[i:])[0])
	}
	if command := ciCommand.FindString(s); command != "" {
		return fmt.Errorf("a CI system obeys %q", command)
	}
	if !strings.HasSuffix(s, "\n") {
		return errors.New("its last line has no end")
	}
	return nil
}

// ciCommand is a command that GitHub Actions, behind blanks too, or Azure Pipelines obey.
var ciCommand = regexp.MustCompile(`(?m)^\s*::.*|##\w*\[`)

// validJSON: one value and a line break, by the strict rules of another decoder than the
// encoder's: no name twice in an object, no text that is not UTF-8.
func validJSON(out []byte, _ Options) error {
	d := jsontext.NewDecoder(bytes.NewReader(out))
	v, err := d.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() != '{' {
		return fmt.Errorf("it is a %v, and no object", v.Kind())
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something stands behind the object: %w", err)
	}
	if i := bytes.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' }); i >= 0 {
		return fmt.Errorf("byte %d is a control character", i)
	}
	return nil
}
