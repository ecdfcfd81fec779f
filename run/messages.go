package run

import (
	"fmt"
	"strconv"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/verdict"
)

// What the goroutines of a run tell its consumer.
type (
	listed       struct{ expected, folders []string }
	listingEnded struct {
		total int
		all   bool // no name is missing
	}
	pending  lost     // its task was pushed by somebody else
	caughtUp struct{} // everything that Redis knew so far has been told
	fed      struct {
		service string
		digest  string
		attempt int // 0 if it was decided before
		again   bool
	}
	decidedHere struct { // by this process
		v     verdict.Verdict
		again bool
	}
	hopeless struct { // no verdict will come
		service, why string
		again        bool
	}
	verdictEvent struct{ v verdict.Verdict } // by somebody, through Redis
	droppedEvent struct{ service string }    // its verdict was taken back
	lackingEvent lost                        // its bundle is gone
	reissued     struct {
		service string
		attempt int
		alone   bool // for its worker died
	}
	quiet     struct{}                   // nothing waits and nothing is under way
	workers   struct{ slots int }        // alive now
	memory    struct{ used, most int64 } // of Redis, in bytes; most is 0 for no limit
	trouble   struct{ err error }        // Redis does not answer
	answering struct{}                   // it answers again
	stop      struct{ why string }       // the run cannot go on
	broken    struct{ err error }        // something failed that ends the process
)

// decode turns an event into what the consumer is told, nil for nothing.
func decode(e ledger.Event) (any, error) {
	switch e.Kind {
	case ledger.VerdictRecorded:
		v, err := verdict.Decode(e.Body)
		if err != nil {
			return nil, fmt.Errorf("read the verdict of %q: %w", e.Unit, err)
		}
		if v.Unit != e.Unit {
			return nil, fmt.Errorf("read the verdict of %q: it speaks of %q", e.Unit, v.Unit)
		}
		return verdictEvent{v}, nil
	case ledger.VerdictDropped:
		return droppedEvent{e.Unit}, nil
	case ledger.BundleMissing:
		attempt, err := strconv.Atoi(string(e.Body))
		if err != nil {
			return nil, fmt.Errorf("read which attempt of %q lacked its bundle: %w", e.Unit, err)
		}
		return lackingEvent{e.Unit, attempt}, nil
	}
	return nil, nil
}
