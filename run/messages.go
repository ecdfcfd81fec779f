package run

import (
	"fmt"
	"strconv"
	"time"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/reissue"
	"github.com/seed306eabeb/muster/verdict"
)

// message is what a goroutine of a run tells its consumer. The consumer applies one after
// the other; nothing that a message holds is used by its sender any more.
type message interface{ apply(*consumer) }

// Of the listing.
type (
	listed struct { // a batch of names
		expected, known []id.Unit
		lane            func(id.Unit) int // of the expected ones; nil for the first
	}
	listingEnded struct {
		total    int
		complete bool // no name is missing
	}
)

// Of one unit's way through Redis.
type (
	inRedis reissue.Attempt // its task was pushed by the run's owner, which is another process
	pushed  struct {
		reissue.Attempt // 0 if it needs no task, for it has a verdict
		digest          id.Digest
		again           bool // it was taken from the backlog before
	}
	decidedHere struct { // by this process
		v     verdict.Verdict
		again bool
	}
	undecidable struct { // no verdict will come
		unit  id.Unit
		why   string
		again bool
	}
	stood struct { // its verdict is an earlier one, about the same bytes
		v     verdict.Verdict
		again bool
	}
	knew struct { // verdicts that are kept, of units that need no task
		verdicts []verdict.Verdict
		prints   []verdict.Fingerprint
		made     [][2]time.Time // when the earliest and the latest decision of each
	}
	unreadable struct { // of verdicts that are kept, and cannot be had
		units []id.Unit
		why   string
	}
	verdictRead   struct{ v verdict.Verdict } // by somebody, through Redis
	bundleMissing reissue.Attempt             // what its task needs is gone
	seen          reissue.Attempt             // it waits, or a worker is at it
	reissued      struct {
		reissue.Attempt
		suspect bool // for its worker died
	}
)

// Of Redis and the workers.
type (
	caughtUp    struct{} // everything that Redis knew so far has been told
	lookForLost struct{} // the reissuer wants to know what has been in flight for long
	workforce   struct { // of the run's queue
		lanes   []laneForce
		workers []ledger.Worker // that serve it, and are alive
	}
	memoryUse  Memory
	redisFails struct{ err error } // it does not answer
	redisUp    struct{}            // it answers again
	redisLost  struct{ err error } // it has ended for good
)

// Of the end.
type (
	stop struct { // the run cannot go on
		why        string
		superseded bool // a newer run wants it so
	}
	broken struct{ err error } // something failed that ends the process
)

// knewOf has room for so many verdicts.
func knewOf(n int) knew {
	return knew{make([]verdict.Verdict, 0, n), make([]verdict.Fingerprint, 0, n), make([][2]time.Time, 0, n)}
}

// decode turns an event into what the consumer is told, nil for nothing.
func decode(e ledger.Event) (message, error) {
	switch e.Kind {
	case ledger.VerdictRecorded:
		v, err := verdict.Decode(e.Body)
		if err != nil {
			return nil, fmt.Errorf("read the verdict of %q: %w", e.Unit, err)
		}
		if v.Unit != e.Unit {
			return nil, fmt.Errorf("read the verdict of %q: it speaks of %q", e.Unit, v.Unit)
		}
		return verdictRead{v}, nil
	case ledger.BundleMissing:
		n, err := strconv.Atoi(string(e.Body))
		if err != nil {
			return nil, fmt.Errorf("read which attempt of %q lacked its bundle: %w", e.Unit, err)
		}
		return bundleMissing{Unit: e.Unit, Number: n}, nil
	}
	return nil, nil
}
