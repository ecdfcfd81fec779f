package ledger

import (
	"fmt"
	"log/slog"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// Answer is the word with which a script answers a step. Each fact has one word,
// whichever step reports it.
type Answer string

// Answers that any step may give.
const (
	Gone    Answer = "gone"    // the run is not in Redis
	Ended   Answer = "ended"   // the run takes no more verdicts
	Decided Answer = "decided" // the unit has a verdict
	Stale   Answer = "stale"   // the run expects other bytes, or a later attempt
	// Replaced: another enqueuer has continued the run since.
	Replaced Answer = "replaced"
)

// Answers that belong to single steps.
const (
	Granted Answer = "go" // Begin: the attempt has begun

	Expected Answer = "expected" // Expect: push the unit's task; Restore: done

	Recorded      Answer = "recorded"      // Record: the verdict stands
	Duplicate     Answer = "duplicate"     // Record: the same verdict was recorded before
	Contradiction Answer = "contradiction" // Record: another verdict stands; followers get both

	Held     Answer = "held"     // Claim: another worker has the lease
	Attached Answer = "attached" // Claim: the run's owner pushes its tasks
	Overdue  Answer = "overdue"  // Claim: the run's time is over

	Again    Answer = "again"     // Reissue: push the attempt that comes with the answer
	Alone    Answer = "alone"     // Reissue: push that attempt as a suspect's, because a worker died over the unit
	Poisoned Answer = "condemned" // Reissue: the unit has killed its worker too often, and fails
	Taken    Answer = "taken"     // Reissue: another process has got the next attempt
)

// Log logs what became of a verdict.
func (a Answer) Log(log *slog.Logger, run id.Run, unit id.Unit) {
	switch a {
	case Recorded:
	case Contradiction:
		log.Error("another verdict for the same bytes: a check is not deterministic, please report it", "run", run, "unit", unit)
	default:
		log.Debug("verdict not counted", "run", run, "unit", unit, "because", a)
	}
}

// refusal is what an answer means to a step that needs the run as the caller has seen it, nil if
// it is no refusal.
func (a Answer) refusal() error {
	switch a {
	case Gone:
		return ErrGone
	case Replaced:
		return ErrReplaced
	}
	return nil
}

// answer reads the reply of most scripts: a word, sometimes with a detail. A refusal is an
// error.
func answer(cmd *redis.Cmd) (word Answer, detail string, err error) {
	reply, err := cmd.Slice()
	if err != nil {
		return "", "", err
	}
	if len(reply) > 0 {
		text, _ := reply[0].(string)
		word = Answer(text)
	}
	if len(reply) > 1 {
		detail, _ = reply[1].(string)
	}
	return word, detail, word.refusal()
}

// answers reads a reply of n words. A single word is about the run, and holds for all n.
func answers(cmd *redis.Cmd, n int) ([]string, error) {
	all, err := cmd.StringSlice()
	switch {
	case err != nil:
		return nil, err
	case len(all) == n:
		return all, nil
	case len(all) == 1:
		return slices.Repeat(all, n), nil
	}
	return nil, fmt.Errorf("redis answered %d words to %d questions", len(all), n)
}
