// Package report renders the Summary of a run to a writer, for people and for
// programs, in a total order: what does not depend on the run itself comes out
// the same, byte for byte, whoever did the work and in whatever order.
package report

import (
	"time"

	"github.com/seed306eabeb/muster/aggregator"
)

// Report is what there is to render.
type Report struct {
	Run     Run
	Summary aggregator.Summary
}

// Run is how the fleet was checked: all that differs between two runs over the
// same bytes. What is not known is left out of a report.
type Run struct {
	ID      string `json:"id,omitempty"`
	Mode    string `json:"mode,omitempty"`    // "queue", "embedded", "validate" or "collect"
	Checker string `json:"checker,omitempty"` // the checker's name
	Engine  string `json:"engine,omitempty"`  // of the checker in the reporting process
	Queue   string `json:"queue,omitempty"`
	// Redis is the host, with its port if need be; the caller leaves user name
	// and password out.
	Redis   string   `json:"redis,omitempty"`
	Regions []string `json:"-"`                 // the regions selected
	Workers int      `json:"workers,omitempty"` // checks that could run at once
	// DecidedHere is how many services the reporting process decided itself, as no
	// worker did.
	DecidedHere int       `json:"decidedHere,omitempty"`
	Stopped     string    `json:"stopped,omitempty"` // why it ended early
	Started     time.Time `json:"started,omitzero"`
	Finished    time.Time `json:"finished,omitzero"`
}

// took is how long the run lasted; 0 where that is not known.
func (r Run) took() time.Duration {
	if r.Started.IsZero() || r.Finished.IsZero() {
		return 0
	}
	return max(0, r.Finished.Sub(r.Started))
}
