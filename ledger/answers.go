package ledger

import (
	"fmt"
	"log/slog"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// Answer is the word with which a script answers a step. One fact has one word,
// whichever step meets it.
type Answer string

// What any step may answer.
const (
	Gone    Answer = "gone"    // the run is not in Redis
	Ended   Answer = "ended"   // the run takes no more verdicts
	Decided Answer = "decided" // the unit has a verdict
	Stale   Answer = "stale"   // the run expects other bytes, or a later attempt
)

// What one step alone answers.
const (
	Granted Answer = "go" // Begin: work on it

	Expected Answer = "expected" // Expect: push its task

	Recorded      Answer = "recorded"      // Record: it stands
	Duplicate     Answer = "duplicate"     // Record: the same verdict was there
	Contradiction Answer = "contradiction" // Record: another one was there; followers are told of both, the first stands

	Again    Answer = "again"     // Reissue: push the attempt that comes with it
	Alone    Answer = "alone"     // Reissue: push it to where it runs alone, for a worker died over the unit
	Poisoned Answer = "condemned" // Reissue: it has killed its worker too often, and fails
	Taken    Answer = "taken"     // Reissue: somebody else was first
)

// Log notes what became of a verdict.
func (a Answer) Log(log *slog.Logger, run id.Run, unit id.Unit) {
	switch a {
	case Recorded:
	case Contradiction:
		log.Error("another verdict for the same bytes: a checker is not deterministic, please report it", "run", run, "service", unit)
	default:
		log.Debug("verdict not counted", "run", run, "service", unit, "because", a)
	}
}

// answer reads what most scripts reply: a word, sometimes with a detail.
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
	return word, detail, nil
}

// answers reads a script's reply about n questions: a word for each, or one word about
// the run, for all of them.
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
