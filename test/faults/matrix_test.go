//go:build linux

package faults

import (
	"fmt"
	"testing"
)

// row is one fault and what a run does about it.
type row struct {
	number int
	fault  string
	holds  string // what must hold besides the invariant
	asynq  string // what asynq does by itself, measured or read in its source; "" for nothing to compare
	prove  func(t *testing.T, f *figures)
	// declared proves the same over a repository that a muster.yaml governs; nil for a row that is
	// proved over plain units alone.
	declared func(t *testing.T, f *figures)
	// offered proves the same over units that need a command; nil, too.
	offered func(t *testing.T, f *figures)
	// cached proves the same where every second unit has a verdict in the cache; nil, too.
	cached func(t *testing.T, f *figures)
	runs   int  // how often the whole matrix runs it
	quick  bool // under three seconds: a part of the ordinary tests
	alone  bool // keeps the machine busy: nothing runs beside it
}

// matrix has its longest rows first, for they run beside the others.
var matrix = []row{
	{number: 23, fault: "a fleet of none, of one, of 100,000", holds: "none is an error unless it is allowed; the enqueuer's memory grows by names and verdicts only",
		prove: sizes, runs: 1, alone: true},
	{number: 22, fault: "12,000 invalid services", holds: "each of them is reported",
		asynq: "its archive keeps 9,999", prove: manyInvalid, runs: 5, alone: true},
	{number: 12, fault: "a network that adds 2, 20 or 200 ms to each round trip", holds: "at least half of one task a fetcher every two round trips; nothing counts twice",
		asynq: "403 tasks a second for a server at 2.4 ms", prove: slowNetwork, runs: 1, alone: true},
	{number: 2, fault: "a worker frozen for 90 s, then thawed", holds: "its late verdict changes no count and brings no key back",
		asynq: "acknowledges a task that somebody else has", prove: frozenWorker, runs: 5},
	{number: 9, fault: "Redis frozen for 5 s; away for 60 s", holds: "the run goes on by itself, no service is issued again that a worker has, connections stay under 200 tries a second, and Ctrl-C ends it within 2 s",
		asynq: "the last task 160 s after a freeze of 5 s", prove: plain.over(awayRedis), cached: cached.over(awayRedis), runs: 5},
	{number: 1, fault: "kill -9 of a worker amid its tasks", holds: "every verdict within 15 s of the kill, or of when the other worker could have them all",
		asynq: "82–138 s", prove: plain.over(killedWorker), declared: declared.over(killedWorker), offered: offered.over(killedWorker), cached: cached.over(killedWorker), runs: 5},
	{number: 7, fault: "Redis killed with -9 and started again, appendfsync everysec", holds: "all verdicts within 15 s of the start, none twice",
		asynq: "none lost, 67 tasks worked on twice, the last after 105 s", prove: plain.over(killedRedis), declared: declared.over(killedRedis), offered: killedRedisAmidCommands, cached: cached.over(killedRedis), runs: 5},
	{number: 3, fault: "SIGTERM to every worker in turn, each replaced", holds: "nothing is lost, and no attempt is used up",
		prove: rollingRestart, offered: restartAmidCommands, runs: 5},
	{number: 4, fault: "services that kill the process which checks them: one of 64, twenty of 300", holds: "each of them fails, and the cause is that processes died of it alone; all others get their true verdicts; each ends one worker at most",
		asynq: "its task is archived and no handler called", prove: deadly, offered: deadlyCommands, runs: 5},
	{number: 25, fault: "a check that takes more memory than its worker's group may have", holds: "it fails, for processes died of it alone; all others get their true verdicts; it ends one worker at most",
		prove: greedy, runs: 5},
	{number: 5, fault: "a task that cannot be read, or of a version from the future", holds: "the version's service fails with the reason, the others are decided, nothing is stuck",
		prove: unreadableTask, runs: 5},
	{number: 6, fault: "a check that hangs and ignores its context", holds: "the service fails with the timeout as its cause, and its slot works on",
		asynq: "the goroutine stays for ever", prove: hangingCheck, offered: hangingCommand, runs: 5},
	{number: 8, fault: "Redis comes back empty", holds: "the run ends with exit 3 and names what is missing",
		asynq: "19,955 of 30,000 tasks gone, and no word of it", prove: plain.over(emptyRedis), cached: cached.over(emptyRedis), runs: 5},
	{number: 10, fault: "Redis is nearly full; full, by somebody else", holds: "the enqueuer pauses while workers drain; when full, at most 20 calls a second and fetcher, the cause is named, the run goes on with the limit raised, or exits 3 at its deadline",
		asynq: "nothing can be enqueued or fetched, and each server calls 27,000 times a second", prove: fullRedis, runs: 5},
	{number: 11, fault: "SCRIPT FLUSH, READONLY, a failover by Sentinel", holds: "tried again until it works; verdicts that a dead master had not passed on to its replica are written again, and a run that has lost more than that ends with exit 3",
		prove: movedRedis, runs: 5},
	{number: 13, fault: "one task delivered twice at once", holds: "one verdict, one duplicate counted",
		prove: deliveredTwice, runs: 5, quick: true},
	{number: 14, fault: "two attempts at one service disagree", holds: "the first verdict stands and the report tells of the other",
		prove: disagreement, runs: 5, quick: true},
	{number: 15, fault: "the enqueuer killed before it has pushed everything", holds: "collect calls the run abandoned and exits 3; --resume finishes it",
		prove: plain.over(abandoned), declared: declared.over(abandoned), cached: cached.over(abandoned), runs: 5},
	{number: 16, fault: "two enqueuers with one run ID", holds: "the second is refused while the first lives, and changes nothing of it; later it continues the run",
		prove: plain.over(sameRunTwice), declared: declared.over(sameRunTwice), runs: 5, quick: true},
	{number: 17, fault: "a collector is killed; two collect at once", holds: "one result, the same bytes from all",
		prove: plain.over(severalCollectors), declared: declared.over(severalCollectors), runs: 5, quick: true},
	{number: 18, fault: "a verdict after the run was closed, or after it has expired", holds: "dropped and counted, and no key comes back",
		asynq: "a late result brings a deleted key back without a time to live", prove: lateVerdict, runs: 5, quick: true},
	{number: 19, fault: "a worker's clock a minute or ten off, either way", holds: "nothing is issued again by the run; what asynq delivers again counts as a duplicate; a worker that far off refuses to start",
		prove: wrongClock, runs: 5},
	{number: 20, fault: "Ctrl-C, or `enqueue cancel`, with 10,000 services to go", holds: "ends within 2 s with a partial report, exit 130, or 3 when cancelled",
		asynq: "50 of 50 cancelled tasks were tried again", prove: stopped, runs: 5},
	{number: 21, fault: "each script's reply lost once", holds: "nothing is lost, nothing counts twice, no conflict is made up",
		asynq: "a repeated dequeue takes a second task and orphans the first", prove: lostReplies, runs: 5},
	{number: 26, fault: "kill -9 of a worker beside a busy queue, also at 200 ms of round trip", holds: "every verdict of the run within 15 s",
		prove: killedBeside, runs: 5},
	{number: 27, fault: "tasks deleted from a queue in which another run is busy", holds: "they are made again, every verdict within 15 s",
		prove: deletedBeside, runs: 5},
	{number: 28, fault: "kill -9 of a worker beside tasks of another program, one of them scheduled for later", holds: "every verdict within 15 s",
		prove: foreignTask, runs: 5},
	{number: 29, fault: "a detached run, and kill -9 of two workers in turn while nobody follows it", holds: "no task waits before its turn; every verdict within 15 s of the last kill",
		prove: plain.over(detachedRun), declared: declared.over(detachedRun), offered: offered.over(detachedRun), runs: 5},
	{number: 30, fault: "three services beside 10,000 of a detached run", holds: "they end within twice the time that they take beside one that somebody waits for",
		prove: besideDetached, runs: 3, alone: true},
	{number: 31, fault: "kill -9 of ten workers, each in a command", holds: "no process of a command after 5 s, no folder of one after the next worker's start, each verdict once",
		offered: killedInCommands, runs: 10},
	{number: 32, fault: "the cache's own Redis killed amid a run; away from the start", holds: "the run decides what it cannot read, and says so once; what it knew by then stands, and who collects it without the cache names what is missing",
		cached: awayCache, runs: 5},
	{number: 24, fault: "workers of two versions in one run", holds: "the report names both engines",
		prove: mixedVersions, runs: 5, quick: true},
}

func TestFaults(t *testing.T) {
	ran := false
	for _, fl := range fleets {
		for i := range matrix {
			r := &matrix[i]
			if !chosen(r, fl) {
				continue
			}
			ran = true
			t.Run(r.title(fl), func(t *testing.T) {
				if !r.alone {
					t.Parallel()
				}
				results.of(t, r, fl)
			})
		}
	}
	if !ran && (*only > 0 || *over != "") {
		t.Errorf("no row was run: there is no row %d over a fleet %q", *only, *over)
	}
}

// chosen says whether the flags ask for a row over a fleet.
func chosen(r *row, fl fleet) bool {
	switch {
	case r.over(fl) == nil, *over != "" && fl != fleet(*over):
		return false
	case *only > 0:
		return r.number == *only && (fl == plain || *over != "")
	}
	return *whole || r.quick
}

// over is what proves the row over a fleet, nil if nothing does.
func (r *row) over(fl fleet) func(*testing.T, *figures) {
	switch fl {
	case declared:
		return r.declared
	case offered:
		return r.offered
	case cached:
		return r.cached
	}
	return r.prove
}

func (r *row) title(fl fleet) string {
	if fl == plain {
		return fmt.Sprintf("row-%02d", r.number)
	}
	return fmt.Sprintf("row-%02d-%s", r.number, fl)
}
