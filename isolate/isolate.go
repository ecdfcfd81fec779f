// Package isolate decides a task in a process of its own. A check that kills its process,
// or that the kernel kills for its memory, takes nothing else along then.
//
//	this process                       its child, the same program with a hidden command
//	Decider.Decide ──question──▶ stdin ──▶ Answer ──▶ DecideTask
//	          ▲                                 │
//	          └─────────── stdout ◀──answer─────┘
//
// An answer is a verdict, or why a check could not decide, with what the others say. A child
// that ends without an answer is a death.
package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

const (
	// maxDeaths is how many processes die over a task before it is given up: the first
	// may have been killed by chance, as when the machine runs out of memory.
	maxDeaths = 2
	// defaultGrace is what a child has beyond the time of its check: to start, to open the
	// shared files and to answer, on a machine that is busy.
	defaultGrace = 10 * time.Second
)

// Decider decides tasks in children of this process. It is safe for concurrent use.
type Decider struct {
	// Args are the arguments with which this program calls Answer.
	Args []string
	// Grace is what a child may take beyond the time of its check, before it is killed; 0
	// stands for ten seconds.
	Grace time.Duration
	// Log is told of each death.
	Log *slog.Logger
}

// DeathError says that a task could not be decided because each process that tried died.
type DeathError struct {
	Deaths []string // how each of them died
}

func (e *DeathError) Error() string {
	return fmt.Sprintf("%d processes died while each verified this unit and nothing else: %s",
		len(e.Deaths), strings.Join(slices.Compact(slices.Clone(e.Deaths)), "; "))
}

// question is what a child reads: a task and its packed bundles.
type question struct {
	Task   tasks.Task
	Unit   []byte
	Shared []byte
}

// answer is what a child writes: at least one of both.
type answer struct {
	Verdict   json.RawMessage `json:",omitempty"` // encoded as for the ledger
	Undecided string          `json:",omitempty"` // why the unit could not be decided
}

// Decide decides a task in a child, given its packed bundles, and in a second one if the
// first dies. The error is a DeathError if that one dies, too, and the cause of ctx if ctx
// ends; every other one says why the unit could not be decided, and comes with the failed
// verdict if there is one.
func (d Decider) Decide(ctx context.Context, t tasks.Task, unit, shared []byte) (verdict.Verdict, error) {
	asked, err := json.Marshal(question{t, unit, shared})
	if err != nil {
		return verdict.Verdict{}, fmt.Errorf("ask about %q: %w", t.Unit, err)
	}
	var deaths []string
	for len(deaths) < maxDeaths {
		v, err := d.ask(ctx, t, asked)
		died := deathError("")
		if !errors.As(err, &died) {
			return v, err
		}
		d.Log.Warn("a process died while it verified a unit", "run", t.Run, "unit", t.Unit, "death", string(died))
		deaths = append(deaths, string(died))
	}
	return verdict.Verdict{}, &DeathError{deaths}
}

// deathError says how one child died.
type deathError string

func (e deathError) Error() string { return string(e) }
