package report

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/go-json-experiment/json"
)

var ndjsonContract = contract{
	valid: validEvents,
	ofRun: regexp.MustCompile(`(?m)^.*"event":"run".*\n|"run":\{.*?\},"complete"`),
	reworded: map[string]string{
		"Run.Superseded":   "true or absent",
		"Summary.Complete": "true or false",
		"Hidden.Old":       "it makes the state old",
		"Summary.Unlisted": "true or absent",
		"Finding.Advice":   "true or absent",
	},
	leftOut: map[string]string{
		"Unit.Owner":      "owners follow from it",
		"Checkout.Units":  "follows from the repository",
		"Run.Noun":        "names of fields do not change",
		"Summary.Skipped": "follows from the standings of the units",
		"Summary.Fleet":   "the report is about the units expected",
	},
}

// validEvents: an object a line; first the run, then units and findings, and the summary last.
func validEvents(out []byte, _ Options) error {
	if !bytes.HasSuffix(out, []byte("\n")) {
		return errors.New("its last line has no end")
	}
	var kinds []string
	for line := range bytes.Lines(out) {
		var event struct {
			Schema string `json:"schema"`
			Event  string `json:"event"`
		}
		if err := errors.Join(oneValue(line, '{'), noMarkup(line), json.Unmarshal(line, &event)); err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
		if event.Schema != EventsSchema {
			return fmt.Errorf("an event of the schema %q", event.Schema)
		}
		kinds = append(kinds, event.Event)
	}
	for i, kind := range kinds {
		switch {
		case (kind == "run") != (i == 0), (kind == "summary") != (i == len(kinds)-1):
			return fmt.Errorf("event %d of %d is %s", i, len(kinds), kind)
		}
	}
	return nil
}
