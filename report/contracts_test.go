package report

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
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
	// listOnly is why a format does not tell of the run: it is nothing but a list of findings. That
	// a run is not complete stands in the list.
	listOnly string
	// lines says that it is a list of findings, a line each, without help, related places and
	// what is to be known of the run.
	lines bool
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
			"Changed.Selection":     "a note says what is shown",
			"Changed.Verified":      "a note says what was not looked at",
			"Run.Started":           "the time taken",
			"Run.Finished":          "the time taken",
			"Finding.Advice":        "it makes a note of a warning",
			"Summary.Unlisted":      "INCOMPLETE, of at least so many",
			"Summary.FleetRules":    "a note says that only some were compared",
			"Summary.OKs[].Skipped": "not deployed services are named, the others counted",
		},
		leftOut: map[string]string{
			"Run.ID":                              "the command tells it on stderr when the run begins",
			"Run.Checker":                         "there is one",
			"Run.Queue":                           "whoever reads has chosen it",
			"Run.Redis":                           "whoever reads has chosen it",
			"Run.Regions":                         "whoever reads has chosen them",
			"Run.Workers":                         "says nothing of the fleet",
			"Summary.Complete":                    "INCOMPLETE and UNDECIDED say what is not, from the counts",
			"Summary.OKs[].Kind":                  "ok services are there for their warnings, and counted",
			"Unit.Regions":                        "findings have theirs",
			"Unit.Digest":                         "is for programs",
			"Unit.Path":                           "findings name their files",
			"Unit.Skipped":                        "standings are counted",
			"Place.Path":                          "the line says where",
			"Finding.Named":                       "is for programs",
			"Finding.Identity":                    "the message has it",
			"Finding.Fingerprint":                 "is for programs",
			"Unit.Owner":                          "owners follow from it",
			"Entry.Fingerprint":                   "is for programs",
			"Hidden.Old":                          "those that are hidden for it say so",
			"Summary.OKs[].Hidden[].Finding.Help": "it is hidden",
			"Summary.OKs[].Hidden[].Finding.Related[]":  "it is hidden",
			"Summary.Errs[].Hidden[].Finding.Help":      "it is hidden",
			"Summary.Errs[].Hidden[].Finding.Related[]": "it is hidden",
		},
	},
	"concise": conciseContract,
	"html":    htmlContract,
	"json": {
		valid: validJSON,
		ofRun: regexp.MustCompile(`(?s)  "run": \{.*?\n  \},\n`),
		reworded: map[string]string{
			"Run.Superseded":   "true or absent",
			"Summary.Complete": "true or false",
			"Hidden.Old":       "it makes the state old",
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
	"ndjson":     ndjsonContract,
	"sarif":      sarifContract,
	"junit":      junitContract,
	"gitlab":     gitlabContract,
	"checkstyle": checkstyleContract,
	"rdjson":     rdjsonContract,
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

// validJSON is one object, which is nothing else where it is shown.
func validJSON(out []byte, _ Options) error { return errors.Join(oneValue(out, '{'), noMarkup(out)) }
