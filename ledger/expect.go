package ledger

import (
	"context"
	"fmt"
	"strconv"
)

// Standing is what Expect answers.
type Standing string

// What Expect answers.
const (
	Expected Standing = "expected" // push its task
	Decided  Standing = "decided"  // it has a verdict
	Ended    Standing = "ended"    // the run is closed or cancelled
)

// ChangedError is what Expect returns for a service that the run expects with
// another digest: the folder has changed since the run began.
type ChangedError struct{ Run, Service, Was, Is string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("run %s expects service %q with digest %.12s, and its folder now has %.12s: start a new run", e.Run, e.Service, e.Was, e.Is)
}

// expectBatch bounds the services of one call: Lua unpacks no more than some
// thousands of values, and no other client waits long.
const expectBatch = 128

// Expecter records with which digests the services of one run are expected, many
// in a round trip. It is safe for concurrent use.
type Expecter struct {
	run string
	all combiner[packed, expectation]
}

// packed is a service with its digest.
type packed struct{ service, digest string }

// expectation is what the script answers for one service.
type expectation struct{ word, detail string }

// Expecter makes the expecter of a run.
func (l *Ledger) Expecter(run string) *Expecter {
	e := &Expecter{run: run}
	e.all.most = expectBatch
	e.all.call = func(ctx context.Context, services []packed) ([]expectation, error) {
		return l.expect(ctx, run, services)
	}
	return e
}

// Expect is Ledger.Expect for the expecter's run.
func (e *Expecter) Expect(ctx context.Context, service, digest string) (standing Standing, attempt int, err error) {
	answer, err := e.all.ask(ctx, packed{service, digest})
	if err != nil {
		return "", 0, fmt.Errorf("expect %q in run %s: %w", service, e.run, err)
	}
	return answer.read(e.run, service, digest)
}

// Expect records the digest that a listed service was packed with, and says which
// attempt the service is in. It must be called before the service's task is pushed.
func (l *Ledger) Expect(ctx context.Context, run, service, digest string) (standing Standing, attempt int, err error) {
	return l.Expecter(run).Expect(ctx, service, digest)
}

func (l *Ledger) expect(ctx context.Context, run string, services []packed) ([]expectation, error) {
	k := keysOf(run)
	args := make([]any, 0, 2*len(services))
	for _, s := range services {
		args = append(args, s.service, s.digest)
	}
	words, err := call(ctx, l.bulk, expectScript, []string{k.run, k.expect, k.decided, k.attempts}, args...).StringSlice()
	if err != nil {
		return nil, err
	}
	answers := make([]expectation, len(services))
	switch len(words) {
	case 1: // of the run, for all of them
		for i := range answers {
			answers[i].word = words[0]
		}
	case len(args):
		for i := range answers {
			answers[i] = expectation{words[2*i], words[2*i+1]}
		}
	default:
		return nil, fmt.Errorf("redis answered %d words about %d services", len(words), len(services))
	}
	return answers, nil
}

// read puts an answer into the caller's words.
func (e expectation) read(run, service, digest string) (Standing, int, error) {
	switch Standing(e.word) {
	case Expected:
		attempt, err := strconv.Atoi(e.detail)
		return Expected, attempt, err
	case Decided, Ended:
		return Standing(e.word), 0, nil
	}
	switch e.word {
	case "changed":
		return "", 0, &ChangedError{run, service, e.detail, digest}
	case "unlisted":
		return "", 0, fmt.Errorf("expect %q in run %s: its name was not recorded: %w", service, run, ErrGone)
	}
	return "", 0, fmt.Errorf("expect %q in run %s: %w", service, run, ErrGone)
}
