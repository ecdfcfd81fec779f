// Package ledger keeps the state of runs in Redis: which services a run
// expects, which of them are decided, and what was decided.
//
// It is the only truth about a run. It does not know the queue that carries the
// tasks, nor what bundles hold. Each step is one script that gives the same answer when it
// is run twice, because a reply can be lost after the script has worked.
//
// A run's keys share the hash tag {run} and live for TTL, which Touch renews:
//
//	muster:{run}:run      hash    the header: state, selection, counters
//	muster:{run}:expect   hash    service → digest, "" until the service was packed
//	muster:{run}:decided  hash    service → fingerprint and delivery of its verdict
//	muster:{run}:begun    hash    service → since when and who is working on it
//	muster:{run}:attempts hash    service → attempt, whether alone, deaths, for whom; absent for the first
//	muster:{run}:events   stream  verdicts and changes of state, in order
//	muster:{run}:folders  set     all folder names, where only some services were chosen
//
// Beside them stand muster:runs, the sorted set of all runs by their start,
// muster:workers, that of all workers by their last beat, muster:capacity, the hash of
// what each of them can do, muster:newest:KEY, the
// run that superseded the others of its key, and muster:bundle:DIGEST, the bundles
// that all runs share.
package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

const (
	prefix      = "muster:"
	runsKey     = prefix + "runs"
	workersKey  = prefix + "workers"
	capacityKey = prefix + "capacity"
	format      = 1 // of the keys above; a run of another format is refused
	scanStep    = 1000
)

// BytesPerUnit is what a run stores in Redis for one unit at the least: name, digest,
// verdict, event. The unit's files come on top, unless an earlier run has left them there.
const BytesPerUnit = 2 << 10

// DefaultTTL is how long a run and a bundle stay in Redis after the last touch.
const DefaultTTL = 24 * time.Hour

// Errors that callers act on.
var (
	// ErrGone: Redis does not know the run. It never existed, its time ran out,
	// or Redis has lost data.
	ErrGone = errors.New("the run is not in Redis")
	// ErrOtherTotal: the run was sealed with another number of services; the checkouts
	// of two enqueuers differ.
	ErrOtherTotal = errors.New("the run has another number of services")
	// ErrFormat: another version of muster keeps this run in a form that this
	// one does not read.
	ErrFormat = errors.New("the run was written by another version of muster")
)

// Ledger talks to one Redis. It is safe for concurrent use.
type Ledger struct {
	bulk  redis.Cmdable // for the many small calls of a run; may pipeline by itself
	plain redis.Cmdable // honours contexts; for everything else, and for blocking
	ttl   time.Duration

	timing Timing
	begins batcher[BeginRequest, Grant]
}

// New makes a ledger of two clients of the same Redis: bulk carries one call a
// service and may ignore contexts, plain honours them.
func New(bulk, plain redis.Cmdable) *Ledger { return NewTimed(bulk, plain, DefaultTiming()) }

// NewTimed is New with another timing.
func NewTimed(bulk, plain redis.Cmdable, t Timing) *Ledger {
	l := &Ledger{bulk: bulk, plain: plain, ttl: DefaultTTL, timing: t}
	l.begins.call = l.begin
	return l
}

// keys are the names of a run's keys.
type keys struct{ run, expect, decided, begun, attempts, events, folders string }

func keysOf(run id.Run) keys {
	p := prefix + "{" + string(run) + "}:"
	return keys{p + "run", p + "expect", p + "decided", p + "begun", p + "attempts", p + "events", p + "folders"}
}

func (k keys) all() []string {
	return []string{k.run, k.expect, k.decided, k.begun, k.attempts, k.events, k.folders}
}

// orEval is the reply to a script that was sent by its digest in a pipeline, and is
// sent again with its text if the Redis did not have it.
func orEval(ctx context.Context, c redis.Cmdable, sent *redis.Cmd, s *redis.Script, keys []string, args ...any) *redis.Cmd {
	if redis.HasErrorPrefix(sent.Err(), "NOSCRIPT") {
		return s.Eval(ctx, c, keys, args...)
	}
	return sent
}

func (l *Ledger) seconds() int64 { return int64(l.ttl / time.Second) }
