package report

import (
	"regexp"
	"strings"
)

// ofRunOnly are the fields of a run that findings have nothing to do with.
var ofRunOnly = func() map[string]string {
	all := map[string]string{}
	for _, key := range strings.Fields(`Run.ID Run.Mode Run.Checker Run.Engine Run.Queue Run.Redis Run.Regions Run.Workers Run.Checkout Run.DecidedHere Run.Stood Run.StoodFrom Changed`) {
		all[key] = "it is about findings"
	}
	return all
}()

// conciseContract is that of a list of findings.
var conciseContract = contract{
	valid: validText,
	ofRun: regexp.MustCompile(`(?m) in \S+$`),
	lines: true,
	reworded: map[string]string{
		"Run.Started":      "the time taken",
		"Run.Finished":     "the time taken",
		"Finding.Advice":   "it makes information of a warning",
		"Run.Superseded":   "SUPERSEDED",
		"Summary.Unlisted": "INCOMPLETE, of at least so many",
	},
	leftOut: leaveOut(ofRunOnly, map[string]string{
		"Summary.Complete":                    "what failed or is missing has a line",
		"Summary.FleetRules":                  "it is about findings",
		"Summary.Unjudged[]":                  "it is about findings",
		"Summary.Idle[]":                      "it is about findings",
		"Summary.Skipped[]":                   "it is about findings",
		"Summary.Skipped[] key":               "it is about findings",
		"Summary.Fleet":                       "it is about findings",
		"Summary.Engines[]":                   "it is about findings",
		"Summary.Mixed[]":                     "it is about findings",
		"Summary.Conflicts[]":                 "it is about findings",
		"Summary.Unexpected":                  "it is about findings",
		"Summary.Fixed[]":                     "it is about what is found",
		"Summary.Proposed[]":                  "it is about what is found",
		"Summary.Since":                       "it is about what is found",
		"Summary.OKs[].Hidden[]":              "what is hidden is not shown",
		"Summary.Errs[].Hidden[]":             "what is hidden is not shown",
		"Summary.Config[].Related[]":          "a finding is one line",
		"Summary.Remarks[].Related[]":         "a finding is one line",
		"Summary.OKs[].Findings[].Related[]":  "a finding is one line",
		"Summary.Errs[].Findings[].Related[]": "a finding is one line",
		"Summary.OKs[].Kind":                  "it follows from the findings",
		"Summary.OKs[].Cause":                 "an ok service has none",
		"Summary.OKs[].Failures[]":            "an ok service has none",
		"Summary.OKs[].Name":                  "the file says it",
		"Summary.OKs[].Owners[]":              "errs without a finding have theirs",
		"Finding.Help":                        "a finding is one line",
		"Finding.Named":                       "is for programs",
		"Finding.Identity":                    "the message has it",
		"Finding.Fingerprint":                 "is for programs",
		"Place.Path":                          "the line says where",
		"Unit.Path":                           "findings name their files",
		"Unit.Digest":                         "is for programs",
		"Unit.Regions":                        "findings have theirs",
		"Unit.Skipped":                        "it is about findings",
		"Unit.Owner":                          "owners follow from it",
	}),
}
