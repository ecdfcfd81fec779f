// Package ledger keeps the state of runs in Redis: which units a run expects, which of
// them are decided, and what was decided.
//
// It is the only truth about a run. It knows neither the queue that carries the tasks nor
// what bundles hold. Each step is one script, and running it twice gives the same answer,
// because a reply can be lost after the script has worked.
//
// A run's keys share the hash tag {run} and live for TTL, which Touch renews:
//
//	muster:{run}:run      hash    the header: state, selection, counters
//	muster:{run}:expect   hash    expected unit → digest, "" until the unit is packed
//	muster:{run}:kinds    hash    packed unit → its kind, in a run of several kinds of units; where one needs commands, listed ones, too
//	muster:{run}:decided  hash    unit → fingerprint, kind and delivery of its verdict; for one that is kept elsewhere the delivery is "cache"
//	muster:{run}:begun    hash    unit → start, number and delivery of its attempt in progress
//	muster:{run}:attempts hash    unit → attempt, whether a suspect's, deaths, token; absent for the first
//	muster:{run}:events   stream  verdicts, pointers to those that are kept elsewhere, and changes of state, in order
//	muster:{run}:earlier  stream  the events of the run before it was continued
//	muster:{run}:folders  set     known units, where only some of them are expected
//	muster:{run}:waiting  sorted set  of a detached run: units without a task, in their order
//	muster:{run}:claimed  sorted set  of a detached run: units with a task, by when that was last seen to
//
// The other keys belong to no run:
//
//	muster:runs               sorted set  all runs by their start
//	muster:{muster}:workers   sorted set  all workers by their last heartbeat
//	muster:{muster}:capacity  hash        worker → what it can do
//	muster:{muster}:lanes     sorted set  the lanes of live runs, by when they were last announced
//	muster:supersede:KEY      sorted set  the runs of a key by their order
//	muster:detached:QUEUE     sorted set  detached runs whose tasks the queue's workers push, by their start
//	muster:bundle:DIGEST      string      a bundle, which all runs share
//
// The two keys of the workers share a hash tag, too, because one script writes both.
// Programs of the version before know muster:workers and muster:capacity alone, which are
// written and read beside them.
package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

const (
	prefix  = "muster:"
	runsKey = prefix + "runs"
	// format is that of the keys above, in a run of units that the plan tells no kinds of;
	// formatKinds that of one with kinds, formatLanes that of one with kinds that need
	// commands, and formatKept that of any whose verdicts may be kept elsewhere. They and 1 are read,
	// and a run of any other is refused.
	format      = 2
	formatKinds = 3
	formatLanes = 4
	formatKept  = 5
	newest      = formatKept
	scanStep    = 1000
)

// BytesPerUnit is the least that a run stores in Redis for one unit: name, digest,
// verdict, event. The unit's files come on top, unless an earlier run has left them
// there.
const BytesPerUnit = 2 << 10

// DefaultTTL is how long a run and a bundle stay in Redis after the last touch.
const DefaultTTL = 24 * time.Hour

// Errors that callers act on.
var (
	// ErrGone: the run is not in Redis. It never existed, its time ran out, or Redis has
	// lost data.
	ErrGone = errors.New("the run is not in Redis")
	// ErrOtherTotal: the run was sealed with another number of units, because the
	// checkouts of two enqueuers differ.
	ErrOtherTotal = errors.New("the run has another number of units")
	// ErrSealed: all names of the run are listed, and it takes no other one.
	ErrSealed = errors.New("the run's units are all listed")
	// ErrFormat: another version of muster keeps this run in a form that this one does
	// not read.
	ErrFormat = errors.New("the run was written by another version of muster")
)

// Ledger talks to one Redis. It is safe for concurrent use.
type Ledger struct {
	bulk  redis.Cmdable // for the many small calls of a run; may pipeline by itself
	plain redis.Cmdable // honours contexts; for everything else, and for calls that block
	ttl   time.Duration

	timing Timing
	begins batcher[BeginRequest, Grant]
}

// New makes a ledger of two clients of the same Redis: bulk carries the calls that each
// unit needs and may ignore contexts, plain honours them.
func New(bulk, plain redis.Cmdable) *Ledger { return NewTimed(bulk, plain, DefaultTiming()) }

// NewTimed is New with another timing.
func NewTimed(bulk, plain redis.Cmdable, t Timing) *Ledger {
	l := &Ledger{bulk: bulk, plain: plain, ttl: DefaultTTL, timing: t}
	l.begins.call = l.begin
	return l
}

// keys are the names of a run's keys.
type keys struct {
	run, expect, kinds, decided, begun, attempts, events, folders, earlier string
	waiting, claimed                                                       string // of a detached run
}

func keysOf(run id.Run) keys {
	p := prefix + "{" + string(run) + "}:"
	return keys{p + "run", p + "expect", p + "kinds", p + "decided", p + "begun", p + "attempts", p + "events", p + "folders", p + "earlier", p + "waiting", p + "claimed"}
}

func (k keys) all() []string {
	return []string{k.run, k.expect, k.decided, k.begun, k.attempts, k.events, k.folders, k.earlier, k.waiting, k.claimed, k.kinds}
}

// orEval returns the reply to a script that a pipeline has sent by its digest. If Redis
// does not know the digest, orEval sends the text.
func orEval(ctx context.Context, c redis.Cmdable, sent *redis.Cmd, s *redis.Script, keys []string, args ...any) *redis.Cmd {
	if redis.HasErrorPrefix(sent.Err(), "NOSCRIPT") {
		return s.Eval(ctx, c, keys, args...)
	}
	return sent
}

func (l *Ledger) seconds() int64 { return int64(l.ttl / time.Second) }
