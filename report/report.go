// Package report renders the Summary of a run to a writer, for people and for
// programs, in a total order: what does not depend on the run itself comes out
// the same, byte for byte, whoever did the work and in whatever order.
package report

import (
	"time"

	"github.com/seed306eabeb/muster/policy"
)

// Report is what there is to render.
type Report struct {
	Run     Run
	Summary policy.Summary
	Cached  Cached
	// Changed says that the summary has only what a change concerns, nil where it has everything.
	Changed *Changed
}

// Cached is how many units have a verdict that was made before the run and kept, as a whole, and
// when the earliest and the latest of its decisions were made.
type Cached struct {
	Units  int       `json:"units"`
	Oldest time.Time `json:"oldest,omitzero"`
	Newest time.Time `json:"newest,omitzero"`
	// Reverified is how what was kept stood the test of being decided again, nil for a run that did not
	// try.
	Reverified *Reverified `json:"reverified,omitempty"`
}

// Reverified counts the units of which all was known and that were decided again.
type Reverified struct {
	Sampled     int `json:"sampled"`
	Differed    int `json:"differed"`    // of them, those of which something else was kept
	NotCompared int `json:"notCompared"` // of the others, those of which that is not known
	// Differences are the first ones.
	Differences []Difference `json:"differences,omitempty"`
}

// Difference is a decision that was kept, and is another one when it is made again.
type Difference struct {
	Service string    `json:"service"`
	Check   string    `json:"check"`
	What    string    `json:"what"`
	Domain  string    `json:"domain"` // of the cache
	By      string    `json:"by"`     // who had made the kept one
	Made    time.Time `json:"made"`
}

// Run is how the fleet was checked: all that differs between two runs over the
// same bytes. What is not known is left out of a report.
type Run struct {
	ID      string `json:"id,omitempty"`
	Noun    Noun   `json:"-"`                 // what the units are called
	Mode    string `json:"mode,omitempty"`    // "queue", "embedded", "validate" or "collect"
	Checker string `json:"checker,omitempty"` // the checks' names, by commas
	Engine  string `json:"engine,omitempty"`  // of the checks in the reporting process, in their order
	Queue   string `json:"queue,omitempty"`
	// Redis is the host, with its port if need be; the caller leaves user name
	// and password out.
	Redis   string   `json:"redis,omitempty"`
	Regions []string `json:"-"`                 // the regions selected
	Workers int      `json:"workers,omitempty"` // checks that could run at once
	// Checkout is the folder that was verified, nil where another process knows it.
	Checkout *Checkout `json:"checkout,omitempty"`
	// DecidedHere is how many services the reporting process decided itself, as no
	// worker did.
	DecidedHere int `json:"decidedHere,omitempty"`
	// Stood is how many services have a verdict of the run before it was continued, and
	// StoodFrom when that had started.
	Stood     int       `json:"stood,omitempty"`
	StoodFrom time.Time `json:"stoodFrom,omitzero"`
	Stopped   string    `json:"stopped,omitempty"` // why it ended early
	// Superseded is set where it ended for a newer run of the same key, which Stopped names.
	Superseded bool      `json:"superseded,omitempty"`
	Started    time.Time `json:"started,omitzero"`
	Finished   time.Time `json:"finished,omitzero"`
}

// Checkout is a folder that was verified: what lay there, or a commit as the repository has it. What is not known
// is left out of a report.
type Checkout struct {
	Folder  string `json:"folder"`            // absolute
	Commit  string `json:"commit,omitempty"`  // of HEAD, before the run; with a Ref the one that was verified
	Ref     string `json:"ref,omitempty"`     // the revision that named the commit; "" where what lay in the folder was verified
	Branch  string `json:"branch,omitempty"`  // the one that HEAD was on
	MovedTo string `json:"movedTo,omitempty"` // the commit of HEAD after the run, if it was another one
	Units   string `json:"-"`                 // the folder in it that has the units
	Files   int    `json:"files,omitempty"`   // plain files in there, which are no units
	// Pointers is how many files of the commit were pointers of Git LFS, and Unseen are the paths of its submodules in which
	// units may lie: of what they stand for, a commit has nothing.
	Pointers int      `json:"pointers,omitempty"`
	Unseen   []string `json:"unseen,omitempty"`
}

// Moved is the commit that a checkout is at after a run that began at another one, "" where that is not known.
func (c *Checkout) Moved() string {
	if c == nil {
		return ""
	}
	return c.MovedTo
}

// took is how long the run lasted; 0 where that is not known.
func (r Run) took() time.Duration {
	if r.Started.IsZero() || r.Finished.IsZero() {
		return 0
	}
	return max(0, r.Finished.Sub(r.Started))
}
